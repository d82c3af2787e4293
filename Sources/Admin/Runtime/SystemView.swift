import Glibc

/// What the system shows of this process below /proc.
enum SystemView {
    /// A thread of the process.
    struct Thread: Equatable {
        let id: Int
        let name: String
        /// `R`, `S` and so on.
        let state: String
        /// CPU time so far, nanoseconds.
        let processorTime: UInt64
    }

    /// All threads, by number.
    static func threads() -> [Thread] {
        names(in: "/proc/self/task").compactMap { Int($0) }.sorted().compactMap { id in
            thread(
                id, stat: text(of: "/proc/self/task/\(id)/stat"),
                schedule: text(of: "/proc/self/task/\(id)/schedstat"))
        }
    }

    /// `12 (worker-0) S …`, and the nanoseconds on a processor first.
    static func thread(_ id: Int, stat: String, schedule: String) -> Thread? {
        guard let open = stat.firstIndex(of: "("), let close = stat.lastIndex(of: ")"), open < close else {
            return nil
        }
        let state = stat[stat.index(after: close)...].split(separator: " ").first ?? "?"
        let time = schedule.split(separator: " ").first.flatMap { UInt64($0) } ?? 0
        return Thread(
            id: id, name: String(stat[stat.index(after: open)..<close]), state: String(state),
            processorTime: time)
    }

    /// The open descriptors, and what each leads to.
    static func descriptors() -> [(number: Int, target: String)] {
        names(in: "/proc/self/fd").compactMap { Int($0) }.sorted().compactMap { number in
            var bytes = [UInt8](repeating: 0, count: 512)
            let count = bytes.withUnsafeMutableBytes { bytes in
                guard let start = bytes.bindMemory(to: CChar.self).baseAddress else { return 0 }
                return readlink("/proc/self/fd/\(number)", start, bytes.count)
            }
            // Who reads the folder has a descriptor too, which is gone by now.
            guard count > 0 else { return nil }
            return (number, String(decoding: bytes[..<count], as: UTF8.self))
        }
    }

    private static func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            names.append(
                withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        return names
    }

    private static func text(of path: String) -> String {
        guard let file = fopen(path, "re") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1_024)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
