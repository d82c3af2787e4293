import Basics
import Model

/// Rules about whole connections, ready to be asked.
final class SessionGate: Sendable {
    let conditions: ConditionSet
    let actions: FixedArray<Action>
    let counters: FixedArray<CompiledCounter>
    let changes: FixedArray<CompiledVariableChange>
    let limits: FixedArray<CompiledBandwidthLimit>
    /// Whether something is tracked.
    let tracks: Bool

    /// `SessionRule.Action` with a place for what it needs.
    enum Action {
        case accept, reject, silentDrop, expectProxy
        case count(Int)
        case variable(Int)
        case limitBandwidth(Int)
    }

    /// The gate of some rules; nil if there are none.
    init?(_ rules: [SessionRule]) {
        guard !rules.isEmpty else { return nil }
        var counting: [CounterAction] = []
        var changing: [VariableChange] = []
        var limiting: [BandwidthLimit] = []
        let actions = rules.map { rule -> Action in
            switch rule.action {
            case .accept: return .accept
            case .reject: return .reject
            case .silentDrop: return .silentDrop
            case .expectProxy: return .expectProxy
            case .count(let action):
                counting.append(action)
                return .count(counting.count - 1)
            case .variable(let change):
                changing.append(change)
                return .variable(changing.count - 1)
            case .limitBandwidth(let limit):
                limiting.append(limit)
                return .limitBandwidth(limiting.count - 1)
            }
        }
        conditions = ConditionSet(rules.map(\.condition))
        self.actions = FixedArray(count: actions.count) { actions[$0] }
        counters = FixedArray(count: counting.count) { CompiledCounter(counting[$0]) }
        let (variables, bandwidths) = (changing, limiting)
        limits = FixedArray(count: bandwidths.count) { CompiledBandwidthLimit(bandwidths[$0]) }
        changes = FixedArray(count: variables.count) { CompiledVariableChange(variables[$0]) }
        tracks = counting.contains { if case .track = $0 { true } else { false } }
    }
}

/// What rules say about a connection.
enum SessionVerdict {
    case admitted
    case refused
    /// The same, and the client is not told.
    case dropped
    /// It goes on with a PROXY header.
    case expectsProxy
}
