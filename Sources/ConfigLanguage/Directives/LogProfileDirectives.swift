import Model

/// What stands in a `log-profile` section, and `do-log`.
enum LogProfileDirectives {
    static let section = [
        LogProfileKeyword("log-tag") { line, section throws(Refusal) in
            section.profile.tag = try line.take("a tag").text
        },
        LogProfileKeyword("on") { line, section throws(Refusal) in
            let expected = LogStep.allCases.map(\.rawValue).joined(separator: ", ")
            let word = try line.take("one of \(expected)")
            guard let moment = LogStep(rawValue: word.text) else {
                throw .invalid(word, expected: "one of \(expected)")
            }
            if !moment.isReached {
                line.warn(
                    "no line is written at '\(moment.rawValue)': they are at 'close', at 'error' and by 'do-log'"
                )
            }
            section.profile.steps[moment] = try step(
                &line, section.profile.steps[moment] ?? LogProfile.Step())
        },
    ]

    private static func step(
        _ line: inout LineReader, _ known: LogProfile.Step
    ) throws(Refusal) -> LogProfile.Step {
        var step = known
        guard line.next != nil else { throw .missing(expected: "'drop', 'format' or 'sd'") }
        if line.takes("drop") { step.isDropped = true }
        while let word = line.takeIfAny() {
            switch word.text {
            case "format": step.format = try line.format(for: .log, .log)
            case "sd": step.structuredData = try line.format(for: .log, .log)
            default: throw .invalid(word, expected: "'drop', 'format' or 'sd'")
            }
            step.isDropped = false
        }
        return step
    }
}

/// One line of a `log-profile` section.
enum LogProfileLine {
    /// Reads the line into the section, or says why not.
    static func read(_ reader: inout LineReader, _ section: inout LogProfileSection) throws(Refusal) {
        let word = try reader.take("log-tag or on")
        guard let keyword = LogProfileDirectives.section.first(where: { $0.name == word.text }) else {
            throw .unknown(word, nearest: Suggestion.nearest(to: word.text, among: ["log-tag", "on"]))
        }
        try keyword.apply(&reader, &section)
    }
}
