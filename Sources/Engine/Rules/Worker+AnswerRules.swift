import Basics
import Model
import Wire

/// Asking rules about answers of servers and caches: the backend's, then the frontend's. A changed head is a copy of the one that came,
/// as with requests.
extension Worker {
    /// False if the client has been answered in another way. A changed head stands where the exchange's rules keep theirs.
    func passesAnswer(_ exchange: Ref<Exchange>, _ head: inout ByteView) -> Bool {
        if exchange[].countsSomewhere, exchange[].delivery == nil { countAnswer(exchange) }
        captureAnswer(exchange, head)
        if let rules = exchange[].route.flatMap({ $0._withUnsafeGuaranteedRef { $0.rules } }),
            !rules._withUnsafeGuaranteedRef({ run($0.response, exchange, &head) })
        {
            return false
        }
        let rules = exchange[].servers.flatMap { $0._withUnsafeGuaranteedRef { $0.rules } }
        if let rules, !isOneSection(exchange),
            !rules._withUnsafeGuaranteedRef({ run($0.response, exchange, &head) })
        {
            return false
        }
        let front = frontends[Int(exchange[].client[].frontend)]._withUnsafeGuaranteedRef { $0.rules }
        if let front, !front._withUnsafeGuaranteedRef({ run($0.response, exchange, &head) }) { return false }
        guard addTold(exchange, &head) else {
            return refuse(exchange, ChosenPage(status: 500), as: .deniedAnswer, head)
        }
        return !exchange[].asksAfterwards || asksAfterwards(exchange, &head, isOurs: false)
    }

    /// Asks the rules about all answers: the route's, the backend's, then the frontend's. False if the client has been answered in another way, which
    /// does not happen to answers of ours.
    func asksAfterwards(_ exchange: Ref<Exchange>, _ head: inout ByteView, isOurs: Bool) -> Bool {
        if let rules = exchange[].route.flatMap({ $0._withUnsafeGuaranteedRef { $0.rules } }),
            !rules._withUnsafeGuaranteedRef({ run($0.after, exchange, &head, isOurs) })
        {
            return false
        }
        let rules = exchange[].servers.flatMap { $0._withUnsafeGuaranteedRef { $0.rules } }
        if let rules, !isOneSection(exchange),
            !rules._withUnsafeGuaranteedRef({ run($0.afterResponse, exchange, &head, isOurs) })
        {
            return false
        }
        let front = frontends[Int(exchange[].client[].frontend)]._withUnsafeGuaranteedRef { $0.rules }
        return front?._withUnsafeGuaranteedRef { run($0.afterResponse, exchange, &head, isOurs) } ?? true
    }

    private func run(
        _ list: borrowing RuleList, _ exchange: Ref<Exchange>, _ head: inout ByteView, _ isOurs: Bool = false
    ) -> Bool {
        for rule in 0..<list.actions.count {
            samples.reset()
            let source = ExchangeSource(worker: self, exchange: exchange, answer: head)
            let applies = list.conditions.holds(rule, for: source, &samples)
            guard samples.overruns == 0 else {
                noteOverruns()
                return isOurs ? false : refuse(exchange, ChosenPage(status: 500), as: .deniedAnswer, head)
            }
            guard applies else { continue }
            switch list.actions[rule] {
            case .allow: return true
            case .deny(let code):
                countDenied(answerOf: exchange)
                return refuse(exchange, chosen(code, list), as: .deniedAnswer, head)
            case .answer(let code): return refuse(exchange, chosen(code, list), as: .replacedAnswer, head)
            case .change(let place):
                if change(exchange, list.changes.reference(place), &head) { continue }
                return isOurs ? false : refuse(exchange, ChosenPage(status: 500), as: .deniedAnswer, head)
            case .setStatus(let status, let reason):
                if setStatus(status, list.fields[reason].view, exchange, &head) { continue }
                return isOurs ? false : refuse(exchange, ChosenPage(status: 500), as: .deniedAnswer, head)
            case .setLogLevel(let level): setLogLevel(level, exchange)
            case .redirect(let place):
                let target = list.redirects.reference(place)
                guard redirect(exchange, target, as: .replacedAnswer, answer: head) else { return false }
            case .variable(let place):
                self.change(list.variables.reference(place), exchange, answer: head)
            case .patterns(let place): edit(list.patterns.reference(place), exchange, answer: head)
            case .count(let place): perform(list.counters.reference(place), exchange, answer: head)
            case .limitBandwidth(let place): limit(list.limits.reference(place), exchange, answer: head)
            case .capture(let place, let slot):
                capture(list.expressions.reference(place), at: slot, exchange, answer: head)
            // Of requests alone; whoever made the list reports them.
            case .tarpit, .reject, .silentDrop, .authenticate, .monitor, .setSource, .earlyHint, .service:
                continue
            }
        }
        return true
    }

    /// Answers in place of what the server has sent.
    private func refuse(
        _ exchange: Ref<Exchange>, _ chosen: ChosenPage, as termination: Termination, _ head: ByteView
    ) -> Bool {
        endDelivery(exchange)
        answer(exchange, chosen, as: termination, answer: head)
        return false
    }

    private func change(
        _ exchange: Ref<Exchange>, _ change: Ref<CompiledChange>, _ head: inout ByteView
    ) -> Bool {
        guard let ruling = withOwnAnswer(exchange, &head) else { return false }
        guard compose(change[].format, for: exchange, answer: head) else { return false }
        defer { head = ruling[].answer.view }
        return changeFields(of: &exchange[].response, in: &ruling[].answer, change)
    }

    /// The exchange's ruling, with the answer's head in it; nil if it has no room for it.
    func withOwnAnswer(_ exchange: Ref<Exchange>, _ head: inout ByteView) -> Ref<Ruling>? {
        let ruling = ruling(of: exchange)
        guard !ruling[].answer.hasMemory else { return ruling }
        headBuffers.lend(to: &ruling[].answer)
        guard ruling[].answer.append(head) else { return nil }
        head = ruling[].answer.view
        return ruling
    }

    /// Says another status. An answer that has no body because of its status keeps that.
    private func setStatus(
        _ status: UInt16, _ reason: ByteView, _ exchange: Ref<Exchange>, _ head: inout ByteView
    ) -> Bool {
        let known = exchange[].response.status
        if known < 200 || known == 204 || known == 304 { return true }
        guard let ruling = withOwnAnswer(exchange, &head) else { return false }
        defer { head = ruling[].answer.view }
        return exchange[].response.setStatus(status, reason, in: &ruling[].answer)
    }
}
