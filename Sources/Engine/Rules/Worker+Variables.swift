import Basics
import Model
import Wire

/// Variables of a client and its exchange: a client's stand among its details, an exchange's beside it, and most have none.
extension Worker {
    /// What a variable holds, in the workspace; nil if nothing. `isAnswering` says which of requests' and answers' there are.
    func variable(
        _ key: VariableKey, of client: Ref<ClientConnection>, _ exchange: Ref<Exchange>?, isAnswering: Bool,
        _ workspace: inout SampleWorkspace
    ) -> Sample? {
        let mark = workspace.mark
        let kind: VariableStore.Kind?
        switch key.scope {
        case .process: return snapshot.variables.value(key, &workspace)
        case .session: kind = carrier(of: client)[].details?[].variables.copy(key, to: &workspace)
        case .request where isAnswering, .response where !isAnswering: return nil
        case .transaction, .request, .response:
            kind = exchange?[].ruling?[].variables.copy(key, to: &workspace)
        }
        return kind.map { Sample($0, workspace.written(since: mark)) }
    }

    /// Sets a variable if there is one of its scope and room for it.
    func setVariable(
        _ key: VariableKey, to sample: Sample, _ conditions: VariableConditions,
        of client: Ref<ClientConnection>, _ exchange: Ref<Exchange>?, isAnswering: Bool
    ) {
        switch key.scope {
        case .process: snapshot.variables.set(key, to: sample, conditions)
        case .session:
            let details = detail(carrier(of: client))
            details[].variables.set(
                key, to: sample, conditions,
                room: VariableRoom(snapshot.variableLimits).ofSession, pool: variableBuffers)
        case .request where isAnswering, .response where !isAnswering: return
        case .transaction, .request, .response:
            guard let exchange else { return }
            let session = carrier(of: client)[].details?[].variables.size ?? 0
            let ruling = ruling(of: exchange)
            let room = VariableRoom(snapshot.variableLimits)
                .ofExchange(ruling[].variables, key.scope, besides: session)
            ruling[].variables.set(key, to: sample, conditions, room: room, pool: variableBuffers)
        }
    }

    func unsetVariable(_ key: VariableKey, of client: Ref<ClientConnection>, _ exchange: Ref<Exchange>?) {
        switch key.scope {
        case .process: snapshot.variables.unset(key)
        case .session: carrier(of: client)[].details?[].variables.unset(key)
        case .transaction, .request, .response: exchange?[].ruling?[].variables.unset(key)
        }
    }

    /// Does what a rule says of a variable; `answer` is the answer's head while that is looked at.
    func change(_ change: Ref<CompiledVariableChange>, _ exchange: Ref<Exchange>, answer: ByteView? = nil) {
        self.change(change, for: ExchangeSource(worker: self, exchange: exchange, answer: answer))
    }

    /// The same for whatever has variables.
    func change<Source: FormatSource & ~Copyable>(
        _ change: Ref<CompiledVariableChange>, for source: borrowing Source
    ) {
        switch change[].kind {
        case .set:
            guard change[].expressions.count > 0 else { return }
            samples.reset()
            if let sample = change[].expressions[0].sample(of: source, &samples) {
                source.setVariable(change[].key, to: sample, change[].conditions)
            }
            noteOverruns()
        case .setText:
            guard compose(change[].format, for: source) else { return }
            source.setVariable(change[].key, to: .string(composed.view), change[].conditions)
        case .unset: source.unsetVariable(change[].key)
        }
    }
}

/// How much variables may take: HAProxy's limits, each of which counts what the finer ones do.
struct VariableRoom {
    private let limits: VariableSettings

    init(_ limits: VariableSettings) { self.limits = limits }

    /// Of a session's own.
    var ofSession: Int { limits.sessionSize > 0 ? limits.sessionSize : VariableStore.most }

    /// Of all of an exchange's, so that one more of a scope fits; `session` bytes are its client's.
    func ofExchange(_ store: borrowing VariableStore, _ scope: Variable.Scope, besides session: Int) -> Int {
        var room = VariableStore.most
        if limits.sessionSize > 0 { room = min(room, limits.sessionSize - session) }
        if limits.transactionSize > 0 { room = min(room, limits.transactionSize) }
        if limits.messageSize > 0, scope != .transaction {
            room = min(room, limits.messageSize + store.size(of: .transaction))
        }
        return room
    }
}
