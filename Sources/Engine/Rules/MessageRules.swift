import Basics
import Model

/// The rules of a frontend or backend about messages, ready to be asked.
final class MessageRules: Sendable {
    /// About content, requests and answers, in the order of the references below: by value lists would be copied wherever they are asked.
    private let lists: FixedArray<RuleList>
    /// Whether there is anything in the lists for requests, and in those for answers.
    let (hasContent, hasRequest, hasRedirects, hasResponse): (Bool, Bool, Bool, Bool)
    /// Whether a backend's servers are asked about before all rules about answers, and for how long (ns).
    let hasAnswerContent: Bool
    let answerDelay: UInt64

    /// Nil if there are none.
    init?(_ rules: HTTPRules) {
        guard !rules.isEmpty else { return nil }
        (hasContent, hasRequest) = (!rules.content.isEmpty, !rules.request.isEmpty)
        hasRedirects = !rules.redirects.isEmpty
        hasAnswerContent = !rules.answerContent.isEmpty
        hasResponse = !rules.response.isEmpty || !rules.afterResponse.isEmpty || hasAnswerContent
        answerDelay = UInt64(max(0, rules.answerDelay)) * 1_000_000
        let late = rules.answerContent.filter { !$0.looksAtAnswers }
        lists = FixedArray(count: 7) { place in
            switch place {
            case 0: RuleList(rules.content, countsRequests: false)
            case 1: RuleList(rules.request)
            case 2: RuleList(rules.redirects)
            case 3: RuleList(rules.response, glances: rules.glancesAtAnswers)
            case 4: RuleList(rules.afterResponse)
            case 5: RuleList(rules.answerContent)
            default: RuleList(late)
            }
        }
    }

    var content: Ref<RuleList> { lists.reference(0) }
    var request: Ref<RuleList> { lists.reference(1) }
    /// Asked even where `request` allowed.
    var redirects: Ref<RuleList> { lists.reference(2) }
    var response: Ref<RuleList> { lists.reference(3) }
    var afterResponse: Ref<RuleList> { lists.reference(4) }
    /// About answers that come in time, and those of them that look at nothing of an answer, which are asked about the others.
    var answerContent: Ref<RuleList> { lists.reference(5) }
    var lateAnswerContent: Ref<RuleList> { lists.reference(6) }
}

extension HTTPRules {
    /// Whether rules read bodies of answers without waiting for them.
    var glancesAtAnswers: Bool {
        let readers = (response + afterResponse).filter {
            $0.action.needs.union($0.condition?.needs ?? []).contains(.answerBody)
        }
        guard !readers.isEmpty else { return false }
        if let first = response.first, case .waitForBody = first.action, first.condition == nil {
            return false
        }
        return true
    }

    /// With a rule in front that waits for the body where it is kept back anyway, and these or later rules look at it.
    func behindBody(_ isBuffered: Bool, for others: [BackendRule] = []) -> HTTPRules {
        let needs =
            (request + redirects).map { $0.action.needs.union($0.condition?.needs ?? []) }
            + others.map(\.needs)
        guard isBuffered, needs.contains(where: { $0.contains(.body) }) else { return self }
        var rules = self
        rules.request.insert(HTTPRule(.waitForBody(BodyWait())), at: 0)
        return rules
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
