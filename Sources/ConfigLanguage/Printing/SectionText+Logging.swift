import Model

/// `log` and what goes with it, and what is kept for it.
extension SectionText {
    mutating func addLogging(of frontend: Frontend) {
        guard let logging = frontend.logging else { return }
        if context.isOfText || !logging.targets.isEmpty {
            addTargets(logging.targets)
        } else {
            remark("nothing is logged of it")
        }
        if logging.format != LoggingDraft.connect(frontend.mode) { add(format: logging.format) }
        if let format = logging.errorFormat { add("error-log-format", word(format, for: .log)) }
        if let format = logging.structuredData { add("log-format-sd", word(format, for: .log)) }
        if logging.tag != context.global.logging.tag ?? "sluice" { add("log-tag", Word(logging.tag)) }
        add("option", "dontlognull", if: logging.skipsEmpty)
        add("option", "dontlog-normal", if: logging.skipsNormal)
        add("option", "log-separate-errors", if: logging.separatesErrors)
    }

    private mutating func add(format: FormatString) {
        if let known = LoggingDirectives.formats.first(where: { $0.format == format }) {
            return add(["option"] + known.option.split(separator: " ").map { Word(String($0)) })
        }
        guard !format.parts.isEmpty || context.isOfText else { return }
        add("log-format", word(format, for: .log))
    }

    private mutating func addTargets(_ targets: [LogTarget]) {
        let common = context.global.logging.targets
        // Where files speak of logs without naming anybody, nobody gets lines: not the process's own log either.
        let isForNobody = common.isEmpty && !context.configuration.frontends.contains(where: \.hasTargets)
        if targets == common, !targets.isEmpty || isForNobody { return add("log", "global") }
        for target in targets { add(target) }
    }

    /// One `log` line.
    mutating func add(_ target: LogTarget) {
        var words: [Word] = ["log", address(target.address)]
        let usual = LogTarget(target.address)
        if target.maxLength != usual.maxLength { words += ["len", "\(target.maxLength)"] }
        if let framing = target.framing { words += ["format", Word(framing.rawValue)] }
        if let sample = target.sample { words += ["sample", "\(sample)"] }
        words.append(Word(target.facility.name))
        if target.leastLevel != usual.leastLevel || target.mostLevel != usual.mostLevel {
            words.append(Word(target.leastLevel.name))
        }
        if target.mostLevel != usual.mostLevel { words.append(Word(target.mostLevel.name)) }
        add(words)
    }

    private func address(_ address: LogAddress) -> Word {
        switch address {
        case .udp(let host, let port): return SectionText.endpoint(host, port)
        case .unixDatagram(let path): return Word(path)
        case .descriptor(let number): return number == 1 ? "stdout" : "stderr"
        // A ring that a line has made of an address has its name.
        case .ring(let ring): return Word(ring.maxLength == 0 ? ring.name : "ring@\(ring.name)")
        }
    }

    private static func endpoint(_ host: String, _ port: UInt16) -> Word {
        host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// What stands in a `ring` section.
    mutating func add(_ ring: LogRing) {
        if let framing = ring.framing { add("format", Word(framing.rawValue)) }
        add("maxlen", "\(ring.maxLength)")
        add("size", "\(ring.size)")
        if ring.connectTimeout > 0 { add("timeout", "connect", TimeSpelling.word(ring.connectTimeout)) }
        for (number, server) in ring.servers.enumerated() {
            var words: [Word] = [
                "server", "s\(number + 1)", SectionText.endpoint(server.address, server.port),
            ]
            if server.countsOctets { words += ["log-proto", "octet-count"] }
            add(words)
        }
    }

    // MARK: What is kept

    mutating func addCaptures(of frontend: Frontend) {
        for (slots, side) in [
            (frontend.captures.request, "request"), (frontend.captures.response, "response"),
        ] {
            for slot in slots {
                if let name = slot.name {
                    add("capture", Word(side), "header", Word(name), "len", "\(slot.length)")
                } else {
                    add("declare", "capture", Word(side), "len", "\(slot.length)")
                }
            }
        }
        if let cookie = frontend.captures.cookie {
            add("capture", "cookie", Word(cookie.name ?? ""), "len", "\(cookie.length)")
        }
        if let format = frontend.uniqueID.format { add("unique-id-format", word(format, for: .identifier)) }
        if let name = frontend.uniqueID.field { add("unique-id-header", Word(name)) }
    }
}

extension Frontend {
    fileprivate var hasTargets: Bool { logging?.targets.isEmpty == false }
}
