import Model

/// `log` and what goes with it, and what is kept for it.
extension SectionText {
    mutating func addLogging(of frontend: Frontend) {
        guard let logging = frontend.logging else { return }
        guard !logging.isOfProcess else {
            return remark("its lines have a form of nginx's, which has no words here")
        }
        if context.isOfText || !logging.targets.isEmpty || !logging.profiled.isEmpty {
            addTargets(of: logging)
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

    private mutating func addTargets(of logging: Logging) {
        let (targets, global) = (logging.targets, context.global.logging)
        let common = global.targets
        // Where files speak of logs without naming anybody, nobody gets lines: not the process's own log either.
        let isForNobody =
            common.isEmpty && global.profiled.isEmpty
            && !context.configuration.frontends.contains(where: \.hasTargets)
        let isCommon = targets == common && logging.isProfiled(as: global)
        if isCommon, !targets.isEmpty || !logging.profiled.isEmpty || isForNobody {
            return add("log", "global")
        }
        for target in targets { add(target) }
        for profiled in logging.profiled { add(profiled.target, profile: profiled.profile.name) }
    }

    /// One `log` line.
    mutating func add(_ target: LogTarget, profile: String? = nil) {
        var words: [Word] = ["log", address(target.address)]
        let usual = LogTarget(target.address)
        if target.maxLength != usual.maxLength { words += ["len", "\(target.maxLength)"] }
        if let framing = target.framing { words += ["format", Word(framing.rawValue)] }
        if let profile { words += ["profile", Word(profile)] }
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

    static func endpoint(_ host: String, _ port: UInt16) -> Word {
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

    /// What stands in a `log-profile` section.
    mutating func add(_ profile: LogProfile) {
        if let tag = profile.tag { add("log-tag", Word(tag)) }
        for moment in LogStep.allCases {
            guard let step = profile.steps[moment] else { continue }
            var words: [Word] = ["on", Word(moment.rawValue)]
            if let format = step.format { words += ["format", word(format, for: .log)] }
            if let format = step.structuredData { words += ["sd", word(format, for: .log)] }
            // What is said of a line that is not written counts where it is written after all.
            if words.count > 2 { add(words) }
            if step.isDropped { add(["on", Word(moment.rawValue), "drop"]) }
        }
    }

    // MARK: What is kept

    mutating func addCaptures(of frontend: Frontend) {
        noteOwnSlots(of: frontend)
        let declared = Array(frontend.captures.request.dropLast(ownSlots.count))
        for (slots, side) in [
            (declared, "request"), (frontend.captures.response, "response"),
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

    /// `tcp-request content capture` has a place of its own, which comes behind those that are declared.
    private mutating func noteOwnSlots(of frontend: Frontend) {
        var slots: [Int] = []
        for rule in frontend.sessionRules {
            if case .capture(_, let slot) = rule.action { slots.append(slot) }
        }
        for rule in frontend.rules.content {
            if case .capture(_, let slot) = rule.action { slots.append(slot) }
        }
        let all = frontend.captures.request
        let last = all.count - slots.count
        guard last >= 0, slots == Array(last..<all.count), slots.allSatisfy({ all[$0].name == nil }) else {
            return
        }
        for slot in slots { ownSlots[slot] = all[slot].length }
    }
}

extension SectionText {
    /// Behind `capture` of a rule about what is in connections.
    func words(ofCapture expression: Expression, at slot: Int) -> [Word] {
        let place: [Word] = ownSlots[slot].map { ["len", "\($0)"] } ?? ["id", "\(slot)"]
        return ["capture", word(expression)] + place
    }
}

extension Frontend {
    fileprivate var hasTargets: Bool {
        logging.map { !$0.targets.isEmpty || !$0.profiled.isEmpty } == true
    }
}

extension Logging {
    /// Whether it is what `global` says.
    fileprivate func isProfiled(as global: GlobalLogging) -> Bool {
        profiled.map(\.target) == global.profiled.map(\.target)
            && profiled.map(\.profile.name) == global.profiled.map(\.profile)
    }
}
