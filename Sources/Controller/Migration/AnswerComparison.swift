/// How two answers to one request are told apart.
public struct AnswerComparison: Sendable {
    /// Fields that are not looked at, in lower case.
    public var ignoredFields: Set<String> = []
    /// Whether the bodies of redirects and errors count; proxies write their own.
    public var comparesErrorBodies = false

    /// All fields, and the bodies of answers with a status below 300.
    public init() {}

    /// One thing in which two answers differ.
    public struct Difference: Sendable, Equatable {
        /// `status`, `body` or `header NAME`.
        public var aspect: String
        /// What the first one says.
        public var first: String
        /// What the second one says.
        public var second: String
    }

    /// In what they differ: the status first, then fields by name, then the body. Two that did not come are not alike.
    public func differences(_ first: ComparedAnswer, _ second: ComparedAnswer) -> [Difference] {
        guard case .status(let one) = first.outcome, case .status(let other) = second.outcome else {
            return [Difference(aspect: "status", first: words(first.outcome), second: words(second.outcome))]
        }
        var found: [Difference] = []
        if one != other { found.append(Difference(aspect: "status", first: "\(one)", second: "\(other)")) }
        let comparesBody = comparesErrorBodies || (one < 300 && other < 300)
        var names = Set(first.fields.keys).union(second.fields.keys).subtracting(ignoredFields)
        if !comparesBody { names.remove("content-type") }
        for name in names.sorted() {
            let (left, right) = (value(name, of: first), value(name, of: second))
            guard left != right else { continue }
            found.append(
                Difference(aspect: "header \(name)", first: left ?? "missing", second: right ?? "missing"))
        }
        if comparesBody, first.body != second.body {
            found.append(Difference(aspect: "body", first: words(first.body), second: words(second.body)))
        }
        return found
    }

    /// Of differences those that two proxies make, not the servers behind them: what one of them says twice in two ways is not among them.
    public func steady(
        _ differences: [Difference], _ first: (ComparedAnswer, ComparedAnswer),
        _ second: (ComparedAnswer, ComparedAnswer)
    ) -> [Difference] {
        let restless = Set(
            (self.differences(first.0, first.1) + self.differences(second.0, second.1)).map(\.aspect))
        return differences.filter { $0.aspect == "status" || !restless.contains($0.aspect) }
    }

    private func value(_ name: String, of answer: ComparedAnswer) -> String? {
        answer.fields[name].flatMap { ComparedField.compared(name, $0) }
    }

    private func words(_ outcome: ComparedAnswer.Outcome) -> String {
        switch outcome {
        case .status(let status): "\(status)"
        case .failed(let reason): "no answer: \(reason)"
        }
    }

    private func words(_ body: ComparedAnswer.Body) -> String {
        "\(body.isCut ? "more than " : "")\(body.length) bytes"
            + (body.hash.isEmpty ? "" : ", sha256 \(body.hash.prefix(16))")
    }
}
