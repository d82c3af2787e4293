import Basics
import Model
import Wire

/// Asking rules about answers of servers and caches: the backend's, then the frontend's. A changed head is a copy of the one that came,
/// as with requests.
extension Worker {
    /// False if the client has been answered in another way, or rules wait for the body. A changed head stands where the exchange's rules
    /// keep theirs. Only what has an `arrival` can be waited for.
    func passesAnswer(_ exchange: Ref<Exchange>, _ head: inout ByteView, _ arrival: AnswerArrival?) -> Bool {
        guard passesAnswerContent(exchange, &head) else { return false }
        if exchange[].countsSomewhere, exchange[].delivery == nil { countAnswer(exchange) }
        captureAnswer(exchange, head)
        return passesAnswer(exchange, &head, arrival, from: AnswerPlace(list: .route))
    }

    /// Asks the backend's rules about its servers, those about answers only of one that has come in time.
    private func passesAnswerContent(_ exchange: Ref<Exchange>, _ head: inout ByteView) -> Bool {
        guard let rules = exchange[].servers.flatMap({ $0._withUnsafeGuaranteedRef({ $0.rules }) }) else {
            return true
        }
        return rules._withUnsafeGuaranteedRef { rules in
            guard rules.hasAnswerContent else { return true }
            let waited = clock.monotonic &- exchange[].connectedAt
            return waited <= rules.answerDelay
                ? run(rules.answerContent, exchange, &head) : run(rules.lateAnswerContent, exchange, &head)
        }
    }

    /// Asks the rules from a place on.
    func passesAnswer(
        _ exchange: Ref<Exchange>, _ head: inout ByteView, _ arrival: AnswerArrival? = nil,
        from place: AnswerPlace
    ) -> Bool {
        if let rules = exchange[].route.flatMap({ $0._withUnsafeGuaranteedRef { $0.rules } }),
            !rules._withUnsafeGuaranteedRef({
                run($0.response, exchange, &head, false, arrival, from: place, in: .route)
            })
        {
            return false
        }
        let rules = exchange[].servers.flatMap { $0._withUnsafeGuaranteedRef { $0.rules } }
        if let rules, !isOneSection(exchange),
            !rules._withUnsafeGuaranteedRef({
                run($0.response, exchange, &head, false, arrival, from: place, in: .backend)
            })
        {
            return false
        }
        let front = frontends[Int(exchange[].client[].frontend)]._withUnsafeGuaranteedRef { $0.rules }
        if let front,
            !front._withUnsafeGuaranteedRef({
                run($0.response, exchange, &head, false, arrival, from: place, in: .frontend)
            })
        {
            return false
        }
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
        _ list: Ref<RuleList>, _ exchange: Ref<Exchange>, _ head: inout ByteView, _ isOurs: Bool = false,
        _ arrival: AnswerArrival? = nil, from place: AnswerPlace = AnswerPlace(list: .route),
        in kind: AnswerPlace.List = .route
    ) -> Bool {
        guard let first = place.first(in: kind, of: list[].actions.count) else { return true }
        var isStrict =
            first == 0
            || isStrict(
                before: first, list, ExchangeSource(worker: self, exchange: exchange, answer: head))
        for rule in first..<list[].actions.count {
            samples.reset()
            let source = ExchangeSource(worker: self, exchange: exchange, answer: head)
            let applies = list[].conditions.holds(rule, for: source, &samples)
            guard samples.overruns == 0 else {
                noteOverruns()
                return isOurs ? false : refuse(exchange, ChosenPage(status: 500), as: .deniedAnswer, head)
            }
            guard applies else { continue }
            switch list[].actions[rule] {
            case .allow: return true
            case .reject, .silentDrop:
                cut(exchange, list[].actions[rule])
                return false
            case .closeServer(let isEarly): return leaveServer(exchange, isEarly: isEarly)
            case .deny(let code):
                countDenied(answerOf: exchange)
                return refuse(exchange, chosen(code, list), as: .deniedAnswer, head)
            case .answer(let code): return refuse(exchange, chosen(code, list), as: .replacedAnswer, head)
            case .setStrictness(let isOn): isStrict = isOn
            case .change(let place):
                if change(exchange, list[].changes.reference(place), &head) || !isStrict { continue }
                return isOurs ? false : refuse(exchange, ChosenPage(status: 500), as: .deniedAnswer, head)
            case .setStatus(let status, let reason):
                if setStatus(status, list[].fields[reason].view, exchange, &head) || !isStrict { continue }
                return isOurs ? false : refuse(exchange, ChosenPage(status: 500), as: .deniedAnswer, head)
            case .redirect(let place):
                let target = list[].redirects.reference(place)
                guard redirect(exchange, target, as: .replacedAnswer, answer: head) else { return false }
            case .waitForBody, .glance:
                let next = AnswerPlace(list: kind, rule: rule + 1)
                let wait = list[].wait(list[].actions[rule])
                guard hold(exchange, &head, arrival, for: wait, before: next) else { return false }
            default: note(list[].actions[rule], list, exchange, head)
            }
        }
        return true
    }

    /// Does what a rule says that leaves an answer as it is. What is of requests alone, whoever made the list reports.
    private func note(
        _ action: RuleAction, _ list: Ref<RuleList>, _ exchange: Ref<Exchange>, _ head: ByteView
    ) {
        switch action {
        case .setLogLevel(let level): setLogLevel(level, exchange)
        case .log(let step): writeRuleLine(exchange, step, answer: head)
        case .variable(let place): change(list[].variables.reference(place), exchange, answer: head)
        case .patterns(let place): edit(list[].patterns.reference(place), exchange, answer: head)
        case .count(let place): perform(list[].counters.reference(place), exchange, answer: head)
        case .limitBandwidth(let place): limit(list[].limits.reference(place), exchange, answer: head)
        case .adjust(let kind, let place):
            let source = ExchangeSource(worker: self, exchange: exchange, answer: head)
            adjust(kind, list[].expressions.reference(place), exchange[].client, source)
        case .capture(let place, let slot):
            capture(list[].expressions.reference(place), at: slot, exchange, answer: head)
        default: return
        }
    }

    /// The client gets nothing of the answer: its connection ends, or is forgotten.
    private func cut(_ exchange: Ref<Exchange>, _ action: RuleAction) {
        countDenied(answerOf: exchange)
        endDelivery(exchange)
        exchange[].status = exchange[].response.status
        if case .silentDrop = action { return dropInSilence(exchange) }
        abort(exchange[].client, .refusedData)
    }

    /// Ends the connection with the server: before its answer that is one that has not come, else no more of it does. False if the client was
    /// answered.
    private func leaveServer(_ exchange: Ref<Exchange>, isEarly: Bool) -> Bool {
        guard let connection = exchange[].serverConnection else { return true }
        guard isEarly else {
            ruling(of: exchange)[].leavesServer = true
            if !connection[].transport.isStream { connection[].transport.peerHasClosed = true }
            return true
        }
        exchange[].place?.traffic._withUnsafeGuaranteedRef { $0.counters.responseErrors.add() }
        exchange[].response.reset()
        answer(exchange, status: 502, as: .serverGoneInHead)
        return false
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
