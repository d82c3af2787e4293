import Basics
import Model
import Wire

/// Asking rules about answers of servers and caches: the backend's, then the frontend's. A changed head is a copy of the one that came,
/// as with requests.
extension Worker {
    /// False if the client has been answered in another way. A changed head stands where the exchange's rules keep theirs.
    func passesAnswer(_ exchange: Ref<Exchange>, _ head: inout ByteView) -> Bool {
        let rules = exchange[].servers.flatMap { $0._withUnsafeGuaranteedRef { $0.rules } }
        if let rules, !isOneSection(exchange), !run(rules.response, exchange, &head) { return false }
        let front = frontends[Int(exchange[].client[].frontend)]._withUnsafeGuaranteedRef { $0.rules }
        return front.map { run($0.response, exchange, &head) } ?? true
    }

    private func run(_ list: borrowing RuleList, _ exchange: Ref<Exchange>, _ head: inout ByteView) -> Bool {
        for rule in 0..<list.actions.count {
            samples.reset()
            let source = ExchangeSource(worker: self, exchange: exchange, answer: head)
            let applies = list.conditions.holds(rule, for: source, &samples)
            guard samples.overruns == 0 else {
                noteOverruns()
                return refuse(exchange, ChosenPage(own: nil, status: 500), as: .deniedAnswer)
            }
            guard applies else { continue }
            switch list.actions[rule] {
            case .allow: return true
            case .deny(let code): return refuse(exchange, chosen(code, list), as: .deniedAnswer)
            case .answer(let code): return refuse(exchange, chosen(code, list), as: .replacedAnswer)
            case .change(let place):
                if change(exchange, list.changes.reference(place), &head) { continue }
                return refuse(exchange, ChosenPage(own: nil, status: 500), as: .deniedAnswer)
            // Of requests alone; whoever made the list reports them.
            case .tarpit, .reject, .silentDrop, .redirect, .authenticate, .monitor: continue
            }
        }
        return true
    }

    /// Answers in place of what the server has sent.
    private func refuse(_ exchange: Ref<Exchange>, _ chosen: ChosenPage, as termination: Termination) -> Bool
    {
        endDelivery(exchange)
        answer(exchange, chosen, as: termination)
        return false
    }

    private func change(
        _ exchange: Ref<Exchange>, _ change: Ref<CompiledChange>, _ head: inout ByteView
    ) -> Bool {
        let ruling = ruling(of: exchange)
        if !ruling[].answer.hasMemory {
            headBuffers.lend(to: &ruling[].answer)
            guard ruling[].answer.append(head) else { return false }
            head = ruling[].answer.view
        }
        guard compose(change[].format, for: exchange, answer: head) else { return false }
        defer { head = ruling[].answer.view }
        let name = change[].name.view
        switch change[].kind {
        case .addField: return exchange[].response.add(name, composed.view, to: &ruling[].answer)
        case .setField:
            forget(exchange, head) { $0.equalsIgnoringCase(name) }
            return exchange[].response.add(name, composed.view, to: &ruling[].answer)
        case .removeFields(let match):
            var isDecided = true
            forget(exchange, head) { isMeant($0, change, match, &isDecided) }
            noteOverruns()
            return isDecided
        case .replaceField: return replaceFields(exchange, ruling, change, isEachValue: false)
        case .replaceValues: return replaceFields(exchange, ruling, change, isEachValue: true)
        case .setMethod, .setTarget, .replaceTarget, .impossible: return false
        }
    }

    private func forget(_ exchange: Ref<Exchange>, _ head: ByteView, where isMeant: (ByteView) -> Bool) {
        for i in 0..<exchange[].response.fields.count {
            let field = exchange[].response.fields[i]
            if field.nameCount > 0, isMeant(field.name(in: head)) { exchange[].response.forgetField(at: i) }
        }
    }

    private func replaceFields(
        _ exchange: Ref<Exchange>, _ ruling: Ref<Ruling>, _ change: Ref<CompiledChange>, isEachValue: Bool
    ) -> Bool {
        guard let pattern = change[].pattern else { return false }
        for i in 0..<exchange[].response.fields.count {
            let field = exchange[].response.fields[i]
            let head = ruling[].answer.view
            guard field.nameCount > 0, field.name(in: head).equalsIgnoringCase(change[].name.view) else {
                continue
            }
            guard let new = replacement(of: field.value(in: head), pattern, isEachValue: isEachValue) else {
                return false
            }
            guard new.isChanged else { continue }
            guard exchange[].response.setValue(at: i, new.text, in: &ruling[].answer) else { return false }
        }
        return true
    }
}
