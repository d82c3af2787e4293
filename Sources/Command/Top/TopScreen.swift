/// What `sluice top` shows: two samples as lines of text. It knows no terminal.
struct TopScreen {
    var subject = TopRow.Subject.service
    var order = TopRow.Order.requests
    /// Characters of a line; 0 is no limit.
    var width = 0
    /// Lines in all; 0 is no limit.
    var height = 0
    /// Why there is nothing new, if that is so.
    var trouble: String?

    /// What a key does.
    enum Answer: Equatable {
        case quits, redraws, nothing
    }

    /// Takes a key.
    mutating func press(_ key: UInt8) -> Answer {
        switch key {
        case UInt8(ascii: "q"), 3, 4: return .quits
        case UInt8(ascii: "s"): subject = .service
        case UInt8(ascii: "p"): subject = .pod
        case UInt8(ascii: "h"): subject = .host
        case UInt8(ascii: "i"): subject = .ingress
        case UInt8(ascii: "r"): order = .requests
        case UInt8(ascii: "e"): order = .errors
        case UInt8(ascii: "l"): order = .latency
        case UInt8(ascii: "n"): order = .name
        case UInt8(ascii: "\t"): subject = TopScreen.next(subject)
        default: return .nothing
        }
        return .redraws
    }

    private static func next(_ subject: TopRow.Subject) -> TopRow.Subject {
        let all = TopRow.Subject.allCases
        let place = all.firstIndex(of: subject).map { ($0 + 1) % all.count } ?? 0
        return all[place]
    }

    /// The lines, none longer than the width, and no more than fit. With `keys` the last one tells them.
    func lines(from before: TopSample, to now: TopSample, keys: Bool = false) -> [String] {
        var lines = head(before, now) + [""]
        let rows = TopRow.rows(subject, by: order, from: before, to: now)
        lines.append(
            TopScreen.columns(
                subject.rawValue.uppercased(), TopScreen.titles(subject), note: subject == .pod ? "OF" : ""))
        let room = height == 0 ? rows.count : max(0, height - lines.count - (keys ? 1 : 0))
        lines += rows.prefix(room).map(line)
        if keys {
            lines.append(
                "q quit  s service  p pod  h host  i ingress   sort: r requests  e errors  l latency  n name")
        }
        guard width > 0 else { return lines }
        return lines.map { String($0.prefix(width)) }
    }

    private func head(_ before: TopSample, _ now: TopSample) -> [String] {
        let all = TopRow.rows(.service, by: .name, from: before, to: now)
        var durations = TopHistogram()
        for row in all { durations.add(row.durations) }
        func sum(_ part: (TopRow) -> Double) -> String { TopScreen.number(all.reduce(0) { $0 + part($1) }) }
        let state = trouble ?? (now.isReady ? "ready" : "not ready")
        return [
            "sluice \(now.version) \(now.mode), \(state), up \(TopScreen.duration(now.uptime)); "
                + "\(now.hosts) hosts, \(now.services.count) services, \(now.pods.count) servers",
            "requests \(sum(\.requests))/s  4xx \(sum(\.clientErrors))/s  5xx \(sum(\.serverErrors))/s  "
                + "p50 \(TopScreen.milliseconds(durations, 0.5)) ms  p99 \(TopScreen.milliseconds(durations, 0.99)) ms",
            "in flight \(Int(now.exchanges))  connections \(Int(now.connections))  to servers \(Int(now.upstream))  "
                + "changes \(Int(now.publishes))  propagation p50 \(TopScreen.milliseconds(now.propagation, 0.5)) ms "
                + "p99 \(TopScreen.milliseconds(now.propagation, 0.99)) ms",
        ]
    }

    private static func titles(_ subject: TopRow.Subject) -> [String] {
        subject == .pod
            ? ["REQ/S", "", "FAIL/S", "", "", "ACTIVE"]
            : ["REQ/S", "4XX/S", "5XX/S", "P50 MS", "P99 MS", "ACTIVE"]
    }

    private func line(_ row: TopRow) -> String {
        let isPod = subject == .pod
        let most = row.isShared ? "≤" : ""
        return TopScreen.columns(
            TopScreen.printable(row.name),
            [
                most + TopScreen.number(row.requests), isPod ? "" : TopScreen.number(row.clientErrors),
                TopScreen.number(row.serverErrors), isPod ? "" : TopScreen.milliseconds(row.durations, 0.5),
                isPod ? "" : TopScreen.milliseconds(row.durations, 0.99), "\(Int(row.active))",
            ], note: TopScreen.printable(row.note))
    }

    private static func columns(_ name: String, _ numbers: [String], note: String) -> String {
        let wide = 36
        var line = name.count > wide ? String(name.prefix(wide - 1)) + "…" : name
        line += String(repeating: " ", count: max(0, wide - line.count))
        for number in numbers { line += String(repeating: " ", count: max(1, 10 - number.count)) + number }
        if !note.isEmpty { line += "  " + note }
        return line.trimmedAtEnd
    }

    /// Names are the cluster's: what a terminal would act on is not shown.
    private static func printable(_ text: String) -> String {
        String(text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : Character($0) })
    }

    static func number(_ value: Double) -> String {
        if value >= 100 { return "\(Int(value.rounded()))" }
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    static func milliseconds(_ histogram: TopHistogram, _ part: Double) -> String {
        histogram.quantile(part).map { number($0 * 1_000) } ?? "-"
    }

    static func duration(_ seconds: Int) -> String {
        if seconds >= 86_400 { return "\(seconds / 86_400) d \(seconds / 3_600 % 24) h" }
        if seconds >= 3_600 { return "\(seconds / 3_600) h \(seconds / 60 % 60) min" }
        return seconds >= 60 ? "\(seconds / 60) min \(seconds % 60) s" : "\(seconds) s"
    }
}

extension String {
    fileprivate var trimmedAtEnd: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
