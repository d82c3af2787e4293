import Model

/// A service of the process with what decides who may use it.
struct CompiledService {
    let service: HTTPService
    /// Its place among the rules of its list: where a request goes on that has waited for its body.
    let rule: Int
    /// What becomes of a request for which one of `conditions` holds; the first one counts.
    let access: [RuleAction]
    /// Conditions behind those of the rules.
    let conditions: Range<Int>
    /// The same: whoever one of them holds for may change things.
    let admins: Range<Int>
}
