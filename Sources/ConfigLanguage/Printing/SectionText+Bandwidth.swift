import Model

/// `filter bwlim-in` and `bwlim-out`, and the rules that let them hold.
extension SectionText {
    /// Those that rules of the section name, each once.
    mutating func addLimits(of rules: [HTTPAction], _ sessions: [SessionRule.Action] = []) {
        var limits: [BandwidthLimit] = []
        for case .limitBandwidth(let limit) in rules { limits.append(limit) }
        for case .limitBandwidth(let limit) in sessions { limits.append(limit) }
        var seen: Set<String> = []
        for limit in limits where seen.insert(name(of: limit)).inserted { add(limit) }
    }

    private mutating func add(_ limit: BandwidthLimit) {
        var words: [Word] = ["filter", limit.direction == .request ? "bwlim-in" : "bwlim-out"]
        if let sharing = limit.sharing {
            words += [Word(name(of: limit)), "limit", "\(limit.bytes)", "key", word(sharing.key)]
            words += ["table", Word(sharing.table.description)]
        } else {
            words += [Word(name(of: limit)), "default-limit", "\(limit.bytes)"]
            words += ["default-period", TimeSpelling.word(limit.period)]
        }
        if limit.leastPiece > 0 { words += ["min-size", "\(limit.leastPiece)"] }
        if limit.burst > 0 { remark("the first \(limit.burst) bytes pass at once (limit-rate-after)") }
        if !limit.includesTunnels, !context.isOfText { comment("upgraded connections are not held back") }
        add(words)
    }

    /// Names of sections that are no text are not unique in one.
    private func name(of limit: BandwidthLimit) -> String {
        context.isOfText ? limit.name : "\(limit.name)-\(limit.bytes)-\(limit.period)"
    }

    /// Behind the keyword of rules.
    func words(of limit: BandwidthLimit) -> [Word] {
        var words: [Word] = ["set-bandwidth-limit", Word(name(of: limit))]
        if let size = limit.chosenBytes { words += ["limit", number(size)] }
        if let time = limit.chosenPeriod { words += ["period", number(time)] }
        return words
    }
}

extension BackendSessionRules {
    /// What all of them do.
    var actions: [SessionRule.Action] { (content + answers).map(\.action) }
}

extension HTTPRules {
    /// What all of them do.
    var actions: [HTTPAction] {
        (content + request + redirects + answerContent + response + afterResponse).map(\.action)
    }
}
