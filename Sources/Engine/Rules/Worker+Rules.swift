import Basics
import Model
import Wire

/// Asking rules about messages, one after the other, until one of them ends the matter.
extension Worker {
    /// Asks the frontend's rules about a request. False if it was answered, or waits.
    func passesFrontend(_ exchange: Ref<Exchange>) -> Bool {
        frontends[Int(exchange[].client[].frontend)]._withUnsafeGuaranteedRef { frontend in
            if frontend.keeps { capture(exchange, frontend) }
            let passes = frontend.rules?._withUnsafeGuaranteedRef {
                !$0.hasContent || run($0.content, exchange, isContent: true)
            }
            guard passes ?? true else { return false }
            countRequest(exchange)
            return frontend.rules.map { self.passes(exchange, $0) } ?? true
        }
    }

    /// Asks the backend's, unless they are the frontend's.
    func passesBackend(_ exchange: Ref<Exchange>, _ servers: Unmanaged<ServerSet>) -> Bool {
        guard !isOneSection(exchange) else { return true }
        return servers._withUnsafeGuaranteedRef { servers in
            guard let rules = servers.rules else { return true }
            return rules._withUnsafeGuaranteedRef { run($0.content, exchange, isContent: true) }
                && passes(exchange, rules)
        }
    }

    private func expectAnswer(_ exchange: Ref<Exchange>, _ rules: MessageRules) {
        guard rules.hasResponse else { return }
        if !rules.afterResponse[].isEmpty { exchange[].asksAfterwards = true }
        if rules.response[].limitsBandwidth || rules.answerContent[].limitsBandwidth {
            exchange[].isThrottled = true
        }
        exchange[].asksAnswerRules = true
        exchange[].looksAtAnswer = true
    }

    /// Whether the request came to the section that serves it.
    func isOneSection(_ exchange: Ref<Exchange>) -> Bool {
        guard let backend = exchange[].backend else { return false }
        return frontends[Int(exchange[].client[].frontend)]._withUnsafeGuaranteedRef { frontend in
            frontend.isListen && backend._withUnsafeGuaranteedRef { $0.name.view.equals(frontend.name.view) }
        }
    }

    /// Goes on behind a rule that has waited: with the rest of its list, and what follows that.
    func resumeRules(_ exchange: Ref<Exchange>) {
        guard let ruling = exchange[].ruling, let pause = ruling[].pause.take() else { return }
        guard let servers = exchange[].servers else {
            let rules = frontends[Int(exchange[].client[].frontend)]._withUnsafeGuaranteedRef { $0.rules }
            guard goesOn(exchange, rules, from: pause.rule, isContent: pause.isContent) else { return }
            return proceed(exchange, leadingTo: ruledRoute(exchange), hasRules: true)
        }
        let rules = servers._withUnsafeGuaranteedRef { $0.rules }
        guard goesOn(exchange, rules, from: pause.rule, isContent: pause.isContent),
            passesBehindRules(exchange, servers)
        else { return }
        takeNewestServers(exchange)
        depart(exchange, hasRules: settings(of: exchange[].client).hasRules)
    }

    private func goesOn(
        _ exchange: Ref<Exchange>, _ rules: Unmanaged<MessageRules>?, from rule: Int, isContent: Bool
    ) -> Bool {
        guard !isContent else { return goesOnBehindContent(exchange, rules, from: rule) }
        guard let rules else { return true }
        return rules._withUnsafeGuaranteedRef {
            // The list may be another one meanwhile.
            run($0.request, exchange, from: min(rule, $0.request[].actions.count))
                && run($0.redirects, exchange)
        }
    }

    /// The same where a rule about content has waited: all rules about messages are still to be asked.
    private func goesOnBehindContent(
        _ exchange: Ref<Exchange>, _ rules: Unmanaged<MessageRules>?, from rule: Int
    ) -> Bool {
        if let rules,
            !rules._withUnsafeGuaranteedRef({
                run($0.content, exchange, from: min(rule, $0.content[].actions.count), isContent: true)
            })
        {
            return false
        }
        if exchange[].servers == nil { countRequest(exchange) }
        return rules.map { passes(exchange, $0) } ?? true
    }

    private func passes(_ exchange: Ref<Exchange>, _ rules: Unmanaged<MessageRules>) -> Bool {
        rules._withUnsafeGuaranteedRef { rules in
            expectAnswer(exchange, rules)
            return (!rules.hasRequest || run(rules.request, exchange))
                && (!rules.hasRedirects || run(rules.redirects, exchange))
        }
    }

    /// Runs a list to its end, or to a rule that ends it; false if the request needs nothing more.
    func run(
        _ list: Ref<RuleList>, _ exchange: Ref<Exchange>, from first: Int = 0, isContent: Bool = false
    ) -> Bool {
        var hasHints = false
        var source = ExchangeSource(worker: self, exchange: exchange)
        var isStrict = first == 0 || isStrict(before: first, list, source)
        for rule in first..<list[].actions.count {
            if !list[].conditions.isAlways(rule) {
                source.look()
                guard let applies = holds(rule, list, source) else { return false }
                guard applies else { continue }
            }
            source.lookAway()
            if case .earlyHint(let place) = list[].actions[rule] {
                hasHints = keepHint(list[].changes.reference(place), exchange, isFirst: !hasHints) || hasHints
                continue
            }
            if hasHints, !sendHints(exchange) { return false }
            hasHints = false
            if case .allow = list[].actions[rule] { return true }
            if case .variable(let place) = list[].actions[rule] {
                change(list[].variables.reference(place), for: source)
                continue
            }
            if case .waitForBody(let place) = list[].actions[rule] {
                if pauses(exchange, for: list[].waits[place], before: rule + 1) { return false }
                continue
            }
            if case .resolve(let place) = list[].actions[rule] {
                let query = list[].names.reference(place)
                if pauses(exchange, for: query, before: rule + 1, isContent: isContent) { return false }
                continue
            }
            if case .setStrictness(let isOn) = list[].actions[rule] {
                isStrict = isOn
                continue
            }
            if !isStrict, case .change(let place) = list[].actions[rule] {
                _ = change(exchange, list[].changes.reference(place))
                continue
            }
            guard act(list[].actions[rule], list, exchange) else { return false }
        }
        return !hasHints || sendHints(exchange)
    }

    /// What rules in front of one have said of strictness, for a list that goes on behind a wait.
    func isStrict(before rule: Int, _ list: Ref<RuleList>, _ source: borrowing ExchangeSource)
        -> Bool
    {
        for rule in stride(from: rule - 1, through: 0, by: -1) {
            guard case .setStrictness(let isOn) = list[].actions[rule] else { continue }
            samples.reset()
            if list[].conditions.holds(rule, for: source, &samples) { return isOn }
        }
        return true
    }

    /// Whether a condition of the list holds; nil, and the request refused, if that took too long to find out.
    func holds(_ condition: Int, _ list: Ref<RuleList>, _ source: borrowing ExchangeSource)
        -> Bool?
    {
        samples.reset()
        let holds = list[].conditions.holds(condition, for: source, &samples)
        guard samples.overruns > 0 else { return holds }
        noteOverruns()
        answer(source.exchange, status: 500, as: .denied)
        return nil
    }

    /// Does what a rule says; false if the request needs nothing more.
    func act(_ action: RuleAction, _ list: Ref<RuleList>, _ exchange: Ref<Exchange>) -> Bool {
        switch action {
        case .deny(let code):
            count(.error, of: exchange)
            countDenied(exchange)
            judgeCookie(exchange)
            answer(exchange, chosen(code, list), as: .denied)
        case .tarpit(let code): beginTarpit(exchange, chosen(code, list))
        case .reject:
            countDenied(exchange)
            abort(exchange[].client, .denied)
        case .silentDrop:
            countDenied(exchange)
            dropInSilence(exchange)
        case .answer(let code): answer(exchange, chosen(code, list), as: .answeredLocally)
        case .redirect(let place):
            return redirect(exchange, list[].redirects.reference(place), as: .answeredLocally)
        case .change(let place):
            if change(exchange, list[].changes.reference(place)) { return true }
            answer(exchange, status: 500, as: .denied)
        case .normalize(let normalizer):
            guard let status = normalize(exchange, normalizer) else { return true }
            answer(exchange, status: status, as: status == 400 ? .badRequest : .denied)
        case .authenticate(let field): askForPassword(exchange, list[].fields[field].view)
        case .service(let place): serve(exchange, list[].services[place], list)
        case .monitor(let failing): answerMonitor(exchange, failing, list)
        default:
            note(action, list, exchange)
            return true
        }
        return false
    }

    /// Does what a rule says that leaves a request as it is.
    private func note(_ action: RuleAction, _ list: Ref<RuleList>, _ exchange: Ref<Exchange>) {
        switch action {
        case .count(let place): perform(list[].counters.reference(place), exchange)
        case .setLogLevel(let level): setLogLevel(level, exchange)
        case .log(let step): writeRuleLine(exchange, step, answer: nil)
        case .repeatNothing: ruling(of: exchange)[].repeatsNothing = true
        case .setSource(let place): setSource(exchange, list[].expressions.reference(place))
        case .setSourcePort(let place): setSource(exchange, list[].expressions.reference(place), isPort: true)
        case .setDestination(let place): setDestination(exchange, list[].expressions.reference(place))
        case .setDestinationPort(let place):
            setDestination(exchange, list[].expressions.reference(place), isPort: true)
        case .setTimeout(let kind, let time): _ = setTimeout(kind, Int64(time), exchange)
        case .setTimeoutBySample(let kind, let place):
            _ = setTimeout(kind, by: list[].expressions.reference(place), exchange)
        case .patterns(let place): edit(list[].patterns.reference(place), exchange)
        case .capture(let place, let slot):
            capture(list[].expressions.reference(place), at: slot, exchange)
        case .limitBandwidth(let place): limit(list[].limits.reference(place), exchange)
        case .adjust(let kind, let place):
            let source = ExchangeSource(worker: self, exchange: exchange)
            adjust(kind, list[].expressions.reference(place), exchange[].client, source)
        // Hints are told together, a status is an answer's, and the others, as those of variables, have been done.
        default: return
        }
    }

    private func askForPassword(_ exchange: Ref<Exchange>, _ field: ByteView) {
        samples.reset()
        var own = page(of: 401, for: exchange)
        own.added = field
        count(.error, of: exchange)
        answer(exchange, own, as: .answeredLocally)
    }

    func chosen(_ code: AnswerCode, _ list: Ref<RuleList>) -> ChosenPage {
        switch code {
        case .page(let status): return ChosenPage(own: nil, status: status)
        case .composed(let place):
            let page = list[].composed.reference(place)
            return ChosenPage(own: nil, composed: page, status: page[].status)
        case .own(let place):
            let page = list[].pages.reference(place)
            return ChosenPage(own: page, status: page[].status)
        }
    }

    /// The message goes on.
    @discardableResult
    func setLogLevel(_ level: UInt8?, _ exchange: Ref<Exchange>) -> Bool {
        ruling(of: exchange)[].logLevel = level
        exchange[].isQuiet = level == nil
        return true
    }

    func answer(
        _ exchange: Ref<Exchange>, _ chosen: ChosenPage, as termination: Termination,
        answer head: ByteView? = nil
    ) {
        if let page = chosen.composed {
            guard let own = written(page, for: exchange, answer: head) else {
                return answer(exchange, status: 500, as: termination)
            }
            return answer(exchange, own, as: termination)
        }
        guard let own = chosen.own else { return answer(exchange, status: chosen.status, as: termination) }
        answer(exchange, OwnAnswer(own), as: termination)
    }

    /// Writes what a format gives into `composed`; false if it does not fit.
    func compose(
        _ format: borrowing CompiledFormat, for exchange: Ref<Exchange>, answer: ByteView? = nil
    ) -> Bool {
        compose(format, for: ExchangeSource(worker: self, exchange: exchange, answer: answer))
    }

    /// Adds fields to the scratch for heads, but those whose value is empty; false if one does not fit.
    func appendComposed(
        _ fields: borrowing FixedArray<CompiledPage.Field>, for exchange: Ref<Exchange>
    ) -> Bool {
        for i in 0..<fields.count {
            guard compose(fields[i].value, for: exchange) else { return false }
            guard !composed.isEmpty else { continue }
            let fits = headScratch.write { output in
                output.append(fields[i].name.view)
                output.append(": ")
                output.append(composed.view)
                output.append("\r\n")
            }
            guard fits else { return false }
        }
        return true
    }

    /// The same for whatever has samples.
    func compose<Source: FormatSource & ~Copyable>(
        _ format: borrowing CompiledFormat, for source: borrowing Source
    ) -> Bool {
        if !composed.hasMemory { composed = Buffer(capacity: SampleWorkspace.size) }
        composed.reset()
        samples.reset()
        return format.append(for: source, to: &composed, &samples)
    }

    /// False if the request is answered; with nowhere to go it may go on.
    func redirect(
        _ exchange: Ref<Exchange>, _ redirect: Ref<CompiledRedirect>, as termination: Termination,
        answer head: ByteView? = nil
    ) -> Bool {
        guard compose(redirect[].target, for: exchange, answer: head) else {
            if head != nil { endDelivery(exchange) }
            answer(exchange, status: 500, as: termination)
            return false
        }
        if composed.isEmpty, redirect[].ignoresEmpty { return true }
        if head != nil { endDelivery(exchange) }
        // Once there is an answer it is always a whole location.
        var (path, host) = (ByteView.empty, ByteView.empty)
        if head == nil {
            let head = self.head(of: exchange)
            (path, host) = (self.path(of: exchange, in: head), head[exchange[].request.host.indices])
        }
        samples.reset()
        let target = composed.view
        guard let fields = samples.write({ redirect[].write(target, path: path, host: host, to: &$0) }) else {
            answer(exchange, status: 500, as: termination)
            return false
        }
        let own = OwnAnswer(
            shown: redirect[].status, status: redirect[].status, statusLine: redirect[].statusLine.view,
            fields: fields, body: .empty)
        answer(exchange, own, as: termination)
        return false
    }

    private func answerMonitor(_ exchange: Ref<Exchange>, _ failing: Range<Int>, _ list: Ref<RuleList>) {
        exchange[].isQuiet = true
        let source = ExchangeSource(worker: self, exchange: exchange)
        for condition in failing {
            guard let holds = holds(condition, list, source) else { return }
            if holds { return answer(exchange, status: 503, as: .answeredLocally) }
        }
        answer(exchange, status: 200, as: .answeredLocally)
    }

    // MARK: What is kept beside an exchange

    func ruling(of exchange: Ref<Exchange>) -> Ref<Ruling> {
        if let known = exchange[].ruling { return known }
        let new = rulings.insert(making: { Ruling() })
        exchange[].ruling = new
        exchange[].worksOnBody = true
        return new
    }

    func endRuling(_ exchange: Ref<Exchange>) {
        guard let ruling = exchange[].ruling else { return }
        if ruling[].copy.hasMemory { endCopying(exchange, ruling) }
        if ruling[].question != 0 { forgetQuestion(ruling) }
        exchange[].ruling = nil
        headBuffers.takeBack(&ruling[].head)
        headBuffers.takeBack(&ruling[].answer)
        endHeld(ruling)
        if let source = ruling[].source { setSource(of: exchange[].client, source) }
        headBuffers.takeBack(&ruling[].page)
        bodyBuffers.takeBack(&ruling[].body)
        headBuffers.takeBack(&ruling[].told)
        if !ruling[].tracked.isEmpty { endTracking(exchange, ruling) }
        if ruling[].wakeTimer != 0 { timers.remove(ruling[].wakeTimer) }
        ruling[].captures.end(variableBuffers)
        headBuffers.takeBack(&ruling[].trace.name)
        rulings.remove(ruling)
    }

    // MARK: Refusing with delay, or without a word

    /// Lets a client wait before it is refused: its backend's time if it has one, else its frontend's.
    private func beginTarpit(_ exchange: Ref<Exchange>, _ chosen: ChosenPage) {
        let client = exchange[].client
        let time = exchange[].servers?._withUnsafeGuaranteedRef { $0.settings.timeouts.tarpit }
        let delay = time ?? settings(of: client).timeouts.tarpit
        count(.error, of: exchange)
        countDenied(exchange)
        judgeCookie(exchange)
        guard delay > 0 else { return answer(exchange, chosen, as: .tarpitted) }
        ruling(of: exchange)[].tarpit = chosen
        exchange[].status = chosen.status
        exchange[].phase = .tarpitted
        setTimer(client, delay)
    }

    /// The client has waited long enough.
    func endTarpit(_ exchange: Ref<Exchange>) {
        guard let chosen = exchange[].ruling?[].tarpit else {
            return answer(exchange, status: 500, as: .tarpitted)
        }
        answer(exchange, chosen, as: .tarpitted)
    }

    /// Forgets the connection. Its client is not told, if the system lets us.
    func dropInSilence(_ exchange: Ref<Exchange>) {
        let client = exchange[].client
        let carrier = carrier(of: client)
        carrier[].transport.silence()
        abort(client, .denied)
        if carrier != client { close(carrier) }
    }
}
