import Model

/// Logs, once it is known who is named and what a section is about.
extension Assembly {
    /// Whether the files say anything of who gets lines; if not, the process's access log has them.
    var saysLogs: Bool {
        !global.targets.isEmpty || proxies.contains { !$0.logging.targets.isEmpty }
    }

    mutating func logging(_ proxy: Proxy) -> Logging? {
        guard saysLogs else { return nil }
        var draft = proxy.logging
        if proxy.mode == .tcp { fitTCP(&draft, proxy) }
        var unknown: [(Word, SourceLocation)] = []
        let logging = draft.finished(global, mode: proxy.mode) { name, target, place in
            guard let section = rings.first(where: { $0.ring.name == name.text }) else {
                unknown.append((name, place))
                return nil
            }
            var own = target
            own.address = .ring(section.ring)
            return own
        }
        for (name, place) in unknown {
            add(.error, "UnknownRing", "\(proxy.title): no ring is called '\(name.text)'", place)
        }
        return logging
    }

    /// Without requests the lines of requests are those of connections, or a mistake.
    private mutating func fitTCP(_ draft: inout LoggingDraft, _ proxy: Proxy) {
        if draft.formatName.hasPrefix("option http") {
            add(
                .warning, "Adjusted",
                "'\(draft.formatName)' not usable with \(proxy.title) (needs 'mode http'). Falling back to "
                    + "'option tcplog'.", draft.formatPlace)
            draft.format = LoggingDirectives.tcp
        }
        let formats = [draft.format, draft.errorFormat, draft.structuredData].compactMap { $0 }
        for variable in formats.compactMap(\.firstVariableOfRequests) {
            add(
                .error, "Conflict",
                "\(proxy.title): format variable '\(variable.rawValue)' is reserved for HTTP mode",
                draft.formatName.isEmpty ? proxy.line : draft.formatPlace)
        }
    }
}
