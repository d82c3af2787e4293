import Model

/// `option httpchk` and the `http-check` lines of a section.
extension SectionText {
    mutating func add(_ probe: HTTPProbe) {
        add("option", "httpchk", Word(probe.method), Word(probe.uri), Word(probe.version))
        for change in probe.preparations { add(["http-check"] + words(of: change)) }
        var sent: [Word] = []
        if let format = probe.uriFormat { sent += ["uri-lf", word(format, for: .value)] }
        for field in probe.fields {
            let value = field.format ?? FormatString([.text(Array(field.value.utf8))])
            sent += ["hdr", Word(field.name), word(value, for: .value)]
        }
        if let format = probe.bodyFormat {
            sent += ["body-lf", word(format, for: .value)]
        } else if !probe.body.isEmpty {
            sent += ["body", Word(probe.body)]
        }
        // What is done with variables afterwards stands behind it.
        let isBehind = probe.steps.contains { if case .change = $0 { true } else { false } }
        if sent.isEmpty, isBehind { sent = ["meth", Word(probe.method)] }
        if !sent.isEmpty { add(["http-check", "send"] + sent) }
        for step in probe.steps {
            switch step {
            case .change(let change): add(["http-check"] + words(of: change))
            case .expect(let expectation):
                add(
                    ["http-check", "expect"] + words(of: expectation.wording)
                        + (expectation.isNegated ? ["!"] : []) + words(of: expectation.kind))
            }
        }
        add("http-check", "disable-on-404", if: probe.drainsOn404)
        add("http-check", "send-state", if: probe.sendsState)
    }

    private func words(of kind: HTTPExpectation.Kind) -> [Word] {
        switch kind {
        case .status(let ranges):
            let texts = ranges.map {
                $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
            }
            return ["status", Word(texts.joined(separator: ","))]
        case .statusPattern(let pattern): return ["rstatus", Word(pattern)]
        case .text(let text): return ["string", Word(text)]
        case .pattern(let pattern): return ["rstring", Word(pattern)]
        case .format(let format): return ["string-lf", word(format, for: .value)]
        case .field(let field):
            let value: [Word] = field.value.map { words(of: $0, called: "value") } ?? []
            return [field.isWhole ? "fhdr" : "hdr"] + words(of: field.name, called: "name") + value
        }
    }

    private func words(of match: CheckMatch, called name: String) -> [Word] {
        let method: [Word] = match.method == .whole ? [] : ["-m", Word(match.method.rawValue)]
        guard let format = match.format else { return [Word(name)] + method + [Word(match.text)] }
        return [Word("\(name)-lf")] + method + [word(format, for: .value)]
    }

    /// What stands in front of what is looked for.
    func words(of wording: CheckWording) -> [Word] {
        var words: [Word] = wording.comment.isEmpty ? [] : ["comment", Word(wording.comment)]
        if let verdict = wording.success { words += ["ok-status", Word(verdict.rawValue)] }
        if let verdict = wording.failure { words += ["error-status", Word(verdict.rawValue)] }
        if let verdict = wording.timeout { words += ["tout-status", Word(verdict.rawValue)] }
        if let format = wording.successText { words += ["on-success", word(format, for: .value)] }
        if let format = wording.failureText { words += ["on-error", word(format, for: .value)] }
        if let code = wording.code { words += ["status-code", word(code)] }
        return words
    }
}
