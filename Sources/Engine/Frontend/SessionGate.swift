import Basics
import Model

/// Rules about whole connections, ready to be asked.
final class SessionGate: Sendable {
    let conditions: ConditionSet
    let actions: FixedArray<Action>
    let counters: FixedArray<CompiledCounter>
    let changes: FixedArray<CompiledVariableChange>
    let limits: FixedArray<CompiledBandwidthLimit>
    /// What captures keep, and what connections are set to.
    let expressions: FixedArray<CompiledExpression>
    let names: FixedArray<CompiledNameQuery>
    /// What its samples can be had from.
    let needs: SampleLayers
    /// Whether something is tracked.
    let tracks: Bool

    /// `SessionRule.Action` with a place for what it needs.
    enum Action {
        case accept, reject, silentDrop, expectProxy, closeServer
        case count(Int)
        case variable(Int)
        case limitBandwidth(Int)
        case capture(Int, slot: Int)
        case adjust(ConnectionSetting.Kind, Int)
        case log(LogStep)
        case resolve(Int)
        case setDestination(Int, isPort: Bool)
        case setSource(Int, isPort: Bool)
        case setLogLevel(UInt8?)
    }

    /// The gate of some rules; nil if there are none.
    init?(_ rules: [SessionRule]) {
        guard !rules.isEmpty else { return nil }
        var counting: [CounterAction] = []
        var changing: [VariableChange] = []
        var limiting: [BandwidthLimit] = []
        var keeping: [Expression] = []
        var asking: [NameQuery] = []
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
            case .capture(let expression, let slot):
                keeping.append(expression)
                return .capture(keeping.count - 1, slot: slot)
            case .adjust(let setting):
                keeping.append(setting.value)
                return .adjust(setting.kind, keeping.count - 1)
            case .log(let step): return .log(step)
            case .resolve(let query):
                asking.append(query)
                return .resolve(asking.count - 1)
            case .setDestination(let expression), .setDestinationPort(let expression),
                .setSource(let expression), .setSourcePort(let expression):
                keeping.append(expression)
                return SessionGate.place(rule.action, keeping.count - 1)
            case .setLogLevel(let level): return .setLogLevel(level?.rawValue)
            case .closeServer: return .closeServer
            }
        }
        conditions = ConditionSet(rules.map(\.condition))
        self.actions = FixedArray(count: actions.count) { actions[$0] }
        counters = FixedArray(count: counting.count) { CompiledCounter(counting[$0]) }
        let (variables, bandwidths, kept, questions) = (changing, limiting, keeping, asking)
        names = FixedArray(count: questions.count) { CompiledNameQuery(questions[$0]) }
        expressions = FixedArray(count: kept.count) { CompiledExpression(kept[$0]) }
        limits = FixedArray(count: bandwidths.count) { CompiledBandwidthLimit(bandwidths[$0]) }
        changes = FixedArray(count: variables.count) { CompiledVariableChange(variables[$0]) }
        needs = rules.reduce(into: []) { $0.formUnion($1.needs.union($1.condition?.needs ?? [])) }
        tracks = counting.contains { if case .track = $0 { true } else { false } }
    }
}

extension SessionGate {
    /// Where a connection goes, or comes from, by the expression at a place.
    private static func place(_ action: SessionRule.Action, _ place: Int) -> Action {
        switch action {
        case .setDestinationPort: .setDestination(place, isPort: true)
        case .setSource: .setSource(place, isPort: false)
        case .setSourcePort: .setSource(place, isPort: true)
        default: .setDestination(place, isPort: false)
        }
    }
}

/// What backends ask about connections of mode tcp.
final class BackendGates: Sendable {
    /// Before they get a server, and how long they wait for what clients say first (ms).
    let content: SessionGate?
    let contentDelay: Int
    /// The same of what servers say first.
    let answers: SessionGate?
    let answerDelay: Int

    /// Nil if there are none.
    init?(_ rules: BackendSessionRules) {
        guard !rules.isEmpty else { return nil }
        content = SessionGate(rules.content)
        contentDelay = max(0, rules.contentDelay)
        answers = SessionGate(rules.answers)
        answerDelay = max(0, rules.answerDelay)
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
    /// The server is left, and the client told by the end of what it said.
    case leftByServer
    /// That depends on bytes that have not come yet.
    case undecided
}
