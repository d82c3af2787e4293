import Model

/// Logs, once it is known who is named and what a section is about.
extension Assembly {
    /// Whether the files say anything of who gets lines; if not, the process's access log has them.
    var saysLogs: Bool {
        !global.targets.isEmpty || !global.profiled.isEmpty
            || proxies.contains { !$0.logging.targets.isEmpty }
    }

    mutating func logging(_ proxy: Proxy) -> Logging? {
        guard saysLogs else { return nil }
        var draft = proxy.logging
        if proxy.mode == .tcp { fitTCP(&draft, proxy) }
        let (rings, logProfiles) = (rings, logProfiles)
        var unknown: [(Word, SourceLocation)] = []
        var nowhere: [(Word, SourceLocation)] = []
        let names = LoggingDraft.Names { name, target, place in
            guard let section = rings.first(where: { $0.ring.name == name.text }) else {
                unknown.append((name, place))
                return nil
            }
            var own = target
            own.address = .ring(section.ring)
            return own
        } profile: { name, place in
            let found = logProfiles.first { $0.profile.name == name.text }
            if found == nil { nowhere.append((name, place)) }
            return found?.profile
        }
        let logging = draft.finished(global, mode: proxy.mode, names)
        for (name, place) in nowhere {
            add(.error, "UnknownProfile", "\(proxy.title): no log-profile is called '\(name.text)'", place)
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
