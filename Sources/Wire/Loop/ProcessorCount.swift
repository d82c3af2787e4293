import CSystem
import Glibc

/// How many processors this process may use: the smaller of its affinity and its cgroup's quota, 1 at least.
public enum ProcessorCount {
    /// Reads affinity and the cgroup files (v2, then v1) now.
    public static func allowed() -> Int {
        let affinity = max(1, Int(csystem_allowed_processors()))
        let quota =
            quotaV2(read("/sys/fs/cgroup/cpu.max"))
            ?? quotaV1(
                quota: read("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"),
                period: read("/sys/fs/cgroup/cpu/cpu.cfs_period_us"))
        return min(affinity, quota ?? affinity)
    }

    /// `cpu.max` of cgroup v2: "max 100000" or "150000 100000"; a started processor counts whole.
    static func quotaV2(_ text: String?) -> Int? {
        let words = text?.split(whereSeparator: { $0 == " " || $0 == "\n" }) ?? []
        guard words.count == 2 else { return nil }
        return wholeProcessors(quota: Int(words[0]), period: Int(words[1]))
    }

    /// The two files of cgroup v1; a quota of -1 is none.
    static func quotaV1(quota: String?, period: String?) -> Int? {
        func number(_ text: String?) -> Int? { text.flatMap { Int($0.prefix { $0 != "\n" }) } }
        return wholeProcessors(quota: number(quota), period: number(period))
    }

    private static func wholeProcessors(quota: Int?, period: Int?) -> Int? {
        guard let quota, let period, quota > 0, period > 0 else { return nil }
        return max(1, (quota - 1) / period + 1)
    }

    private static func read(_ path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var line = [UInt8](repeating: 0, count: 64)
        let count = fread(&line, 1, line.count, file)
        return count > 0 ? String(decoding: line[..<count], as: UTF8.self) : nil
    }
}
