import Basics
import Model

/// A frontend's rules about whole connections, ready to be asked.
final class SessionGate: Sendable {
    private let conditions: ConditionSet
    private let actions: FixedArray<SessionRule.Action>

    /// The gate of some rules; nil if there are none.
    init?(_ rules: [SessionRule]) {
        guard !rules.isEmpty else { return nil }
        conditions = ConditionSet(rules.map(\.condition))
        actions = FixedArray(count: rules.count) { rules[$0].action }
    }

    /// Whether a connection may go on: what the first rule that applies says, else yes; no if that could not be decided.
    func admits<Source: SampleSource & ~Copyable>(
        _ source: borrowing Source, _ workspace: inout SampleWorkspace
    ) -> Bool {
        for rule in 0..<actions.count {
            let applies = conditions.holds(rule, for: source, &workspace)
            if workspace.overruns > 0 { return false }
            if applies { return actions[rule] == .accept }
        }
        return true
    }
}
