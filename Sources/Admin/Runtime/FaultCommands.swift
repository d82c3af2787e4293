import Engine
import Wire

/// `show errors`: the last request of each frontend and the last answer of each backend that were not understood.
struct FaultCommands: Sendable {
    let engine: Engine
    let now: @Sendable () -> UInt64
    /// Writes a time, given in nanoseconds since 1970.
    let date: @Sendable (UInt64) -> String

    var commands: [RuntimeCommand] {
        [
            RuntimeCommand(
                "show errors", "[<px>] [request|response]",
                "report last request and/or response errors for each proxy", .operator
            ) { show($0) }
        ]
    }

    private func show(_ call: RuntimeCall) -> String {
        let numbers = StatisticsTable(statistics: engine.statistics()).numbered
        var (events, reports) = engine.faults()
        if let word = call.words.first, word != "-1" {
            let found = numbers.first { $0.proxy.name == word }?.proxy.name
            let named = found ?? Int(word).flatMap { id in numbers.first { Int($0.id) == id }?.proxy.name }
            guard named != nil || Int(word) != nil else { return "No such proxy.\n" }
            reports.removeAll { $0.proxy != named }
        }
        if let side = call.words.dropFirst().first {
            if side == "request" { reports.removeAll(where: \.isAnswer) }
            if side == "response" { reports.removeAll { !$0.isAnswer } }
        }
        let order = Dictionary(
            numbers.enumerated().map { ($0.element.proxy.name, $0.offset) }, uniquingKeysWith: min)
        reports.sort {
            (order[$0.proxy] ?? .max, $0.isAnswer ? 1 : 0) < (order[$1.proxy] ?? .max, $1.isAnswer ? 1 : 0)
        }
        return "Total events captured on [\(date(now()))] : \(events)\n"
            + reports.map { FaultText.block($0, numbers, date) }.joined()
    }
}

/// A message that was not understood, as text.
enum FaultText {
    static func block(
        _ report: FaultReport, _ numbers: [(proxy: ProxyStatistics, id: UInt64)], _ date: (UInt64) -> String
    ) -> String {
        func section(_ name: String?) -> String {
            guard let name else { return "<NONE> (#-1)" }
            return "\(name) (#\(numbers.first { $0.proxy.name == name }.map { "\($0.id)" } ?? "-1"))"
        }
        let servers = numbers.first { $0.proxy.name == report.backend }?.proxy.backend?.servers ?? []
        let number = servers.first { $0.name == report.server }?.id ?? -1
        let server = report.server.map { "\($0) (#\(number))" } ?? "<NONE> (#-1)"
        let source = report.source.description(withPort: true)
        let head =
            report.isAnswer
            ? "backend \(section(report.backend)): invalid response\n  frontend \(section(report.frontend))"
            : "frontend \(section(report.frontend)): invalid request\n  backend \(section(report.backend))"
        return
            " \n[\(date(report.moment))] \(head), server \(server), event #\(report.event), src \(source)\n"
            + "  buffer starts at 0 (including 0 out), \(16_384 - min(16_384, report.bytes.count)) free,\n"
            + "  len \(report.bytes.count), wraps at 16384, error at position \(report.position)\n"
            + "  H1 msg state \(report.error) :\n  \n" + dump(report.bytes)
    }

    /// Lines of at most 79 columns; one that goes on is marked by a plus.
    static func dump(_ bytes: [UInt8]) -> String {
        var (text, line): ([UInt8], [UInt8]) = ([], [])
        var isContinued = false
        func begin(_ place: Int) -> [UInt8] {
            let digits = Array("\(place)".utf8)
            let zeros = [UInt8](repeating: UInt8(ascii: "0"), count: max(0, 5 - digits.count))
            return Array("  ".utf8) + zeros + digits + Array(isContinued ? "+ ".utf8 : "  ".utf8)
        }
        for (place, byte) in bytes.enumerated() {
            let part = escaped(byte)
            if !line.isEmpty, line.count + part.count > 79 {
                text += line + [UInt8(ascii: "\n")]
                isContinued = true
                line = []
            }
            if line.isEmpty { line = begin(place) }
            line += part
            guard byte == UInt8(ascii: "\n") else { continue }
            text += line + [UInt8(ascii: "\n")]
            (line, isContinued) = ([], false)
        }
        if !line.isEmpty { text += line + [UInt8(ascii: "\n")] }
        return String(decoding: text, as: UTF8.self)
    }

    private static func escaped(_ byte: UInt8) -> [UInt8] {
        let letters: [UInt8: String] = [9: "\\t", 10: "\\n", 13: "\\r", 27: "\\e", 92: "\\\\"]
        if let letters = letters[byte] { return Array(letters.utf8) }
        guard byte < 0x20 || byte >= 0x7F else { return [byte] }
        let digits = String(byte, radix: 16, uppercase: true)
        return Array("\\x\(digits.utf8.count < 2 ? "0" : "")\(digits)".utf8)
    }
}
