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
        case .check: return nil
        case .session: kind = carrier(of: client)[].details?[].variables.copy(key, to: &workspace)
        case .request where isAnswering, .response where !isAnswering: return nil
        case .transaction, .request, .response:
            guard let exchange else {
                kind = client[].details?[].early.copy(key, to: &workspace)
                break
            }
            kind = exchange[].variables?[].copy(key, to: &workspace)
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
        case .check: return
        case .session:
            let details = detail(carrier(of: client))
            details[].variables.set(
                key, to: sample, conditions,
                room: snapshot.variableRoom.ofSession, pool: variableBuffers)
        case .request where isAnswering, .response where !isAnswering: return
        case .transaction, .request, .response:
            guard let exchange else {
                let details = detail(client)
                let room = room(for: key.scope, in: details[].early, of: client)
                details[].early.set(key, to: sample, conditions, room: room, pool: variableBuffers)
                return
            }
            let store = variables(of: exchange)
            let room = snapshot.variableRoom.isBound ? room(for: key.scope, in: store[], of: client) : .max
            store[].set(key, to: sample, conditions, room: room, pool: variableBuffers)
        }
    }

    /// The variables of an exchange, from now on.
    func variables(of exchange: Ref<Exchange>) -> Ref<VariableStore> {
        if let known = exchange[].variables { return known }
        let new = variableStores.take()
        exchange[].variables = new
        exchange[].worksOnBody = true
        return new
    }

    /// How much all variables of an exchange may take, so that one more of a scope fits.
    private func room(
        for scope: Variable.Scope, in store: borrowing VariableStore, of client: Ref<ClientConnection>
    ) -> Int {
        let limits = snapshot.variableRoom
        let session = limits.isBound ? carrier(of: client)[].details?[].variables.size ?? 0 : 0
        return limits.ofExchange(store, scope, besides: session)
    }

    func unsetVariable(_ key: VariableKey, of client: Ref<ClientConnection>, _ exchange: Ref<Exchange>?) {
        switch key.scope {
        case .process: snapshot.variables.unset(key)
        case .check: return
        case .session: carrier(of: client)[].details?[].variables.unset(key)
        case .transaction, .request, .response:
            guard let exchange else {
                client[].details?[].early.unset(key)
                return
            }
            exchange[].variables?[].unset(key)
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
            if let sample = change[].expressions.reference(0).sample(of: source, &samples) {
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
    private let (message, transaction, session): (Int, Int, Int)
    /// Whether there is a limit at all.
    let isBound: Bool

    init(_ limits: VariableSettings) {
        (message, transaction, session) = (limits.messageSize, limits.transactionSize, limits.sessionSize)
        isBound = message > 0 || transaction > 0 || session > 0
    }

    /// Of a session's own.
    var ofSession: Int { session > 0 ? session : VariableStore.most }

    /// Of all of an exchange's, so that one more of a scope fits; `taken` bytes are its client's.
    func ofExchange(_ store: borrowing VariableStore, _ scope: Variable.Scope, besides taken: Int) -> Int {
        var room = VariableStore.most
        guard isBound else { return room }
        if session > 0 { room = min(room, session - taken) }
        if transaction > 0 { room = min(room, transaction) }
        if message > 0, scope != .transaction { room = min(room, message + store.size(of: .transaction)) }
        return room
    }
}
