import Engine
import Glibc

/// `show activity` and `show libs`: what workers do, and what the process is made of.
struct ActivityCommands: Sendable {
    let engine: Engine
    /// Nanoseconds since 1970.
    let now: @Sendable () -> UInt64
    /// `/proc/self/maps`.
    let maps: @Sendable () -> String

    var commands: [RuntimeCommand] {
        [
            RuntimeCommand(
                "show activity", "", "show per-thread activity stats (for support/developers)", .user
            ) { _ in activity() },
            RuntimeCommand("show libs", "", "show loaded object files and libraries", .operator) { _ in
                LoadedObjects.text(maps())
            },
        ]
    }

    private func activity() -> String {
        let workers = engine.metrics().workers
        func row(_ name: String, _ value: (WorkerMetrics) -> UInt64) -> String {
            let values = workers.map(value)
            return "\(name): \(values.reduce(0, &+)) [ \(values.map { "\($0) " }.joined())]\n"
        }
        let now = now()
        let microseconds = "\(now / 1_000 % 1_000_000)"
        let zeros = String(repeating: "0", count: 6 - microseconds.utf8.count)
        return
            "thread_id: 1 (1..\(workers.count))\ndate_now: \(now / 1_000_000_000).\(zeros)\(microseconds)\n"
            + row("loops", \.loops) + row("accepted", \.accepted)
    }
}

/// The files that are mapped as code, with the addresses they take.
enum LoadedObjects {
    static func text(_ maps: String) -> String {
        var ranges: [(path: Substring, start: UInt64, end: UInt64)] = []
        for line in maps.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 5)
            guard words.count == 6, words[5].drop(while: { $0 == " " }).hasPrefix("/") else { continue }
            let path = words[5].drop { $0 == " " }
            let bounds = words[0].split(separator: "-").map { UInt64($0, radix: 16) ?? 0 }
            guard bounds.count == 2 else { continue }
            if let place = ranges.firstIndex(where: { $0.path == path }) {
                ranges[place].start = min(ranges[place].start, bounds[0])
                ranges[place].end = max(ranges[place].end, bounds[1])
            } else {
                ranges.append((path, bounds[0], bounds[1]))
            }
        }
        return ranges.map { range in
            let end = range.end - min(1, range.end)
            return
                "0x\(hex(range.start, 12))-0x\(hex(end, 12)) (0x\(hex(range.end - min(range.start, range.end), 7))) "
                + "\(range.path)\n"
        }.joined()
    }

    /// What the system says is mapped.
    static func ownMaps() -> String {
        guard let file = fopen("/proc/self/maps", "re") else { return "" }
        defer { fclose(file) }
        var (text, chunk): ([UInt8], [UInt8]) = ([], [UInt8](repeating: 0, count: 65_536))
        while text.count < 4 * 1024 * 1024 {
            let count = fread(&chunk, 1, chunk.count, file)
            guard count > 0 else { break }
            text += chunk[..<count]
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func hex(_ number: UInt64, _ digits: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
}
