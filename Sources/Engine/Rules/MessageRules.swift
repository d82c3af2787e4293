import Model

/// The rules of a frontend or backend about messages, ready to be asked.
final class MessageRules: Sendable {
    let content: RuleList
    let request: RuleList
    /// Asked even where `request` allowed.
    let redirects: RuleList
    let response: RuleList
    let afterResponse: RuleList

    /// Nil if there are none.
    init?(_ rules: HTTPRules) {
        guard !rules.isEmpty else { return nil }
        content = RuleList(rules.content, countsRequests: false)
        request = RuleList(rules.request)
        redirects = RuleList(rules.redirects)
        response = RuleList(rules.response)
        afterResponse = RuleList(rules.afterResponse)
    }
}

/// Rules that were compiled once, for as long as they stay what they are: most changes are not about them.
struct RuleRegistry {
    private var known: [Owner: (model: HTTPRules, compiled: MessageRules?)] = [:]

    /// Whose rules they are.
    enum Owner: Hashable {
        case frontend(String)
        case backend(BackendName)
    }

    /// The rules, compiled; nil if there are none.
    mutating func compiled(_ model: HTTPRules, of owner: Owner) -> MessageRules? {
        if model.isEmpty, known.isEmpty { return nil }
        if let entry = known[owner], entry.model == model { return entry.compiled }
        guard !model.isEmpty else {
            known[owner] = nil
            return nil
        }
        let compiled = MessageRules(model)
        known[owner] = (model, compiled)
        return compiled
    }

    mutating func forget(_ owner: Owner) { known[owner] = nil }
}
