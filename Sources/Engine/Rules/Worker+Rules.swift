import Basics
import Model
import Wire

/// Asking rules about messages, one after the other, until one of them ends the matter.
extension Worker {
    /// Asks the frontend's rules about a request. False if it was answered, or waits.
    func passesFrontend(_ exchange: Ref<Exchange>) -> Bool {
        frontends[Int(exchange[].client[].frontend)]._withUnsafeGuaranteedRef { frontend in
            if frontend.keeps { capture(exchange, frontend) }
            if let rules = frontend.rules, !rules._withUnsafeGuaranteedRef({ run($0.content, exchange) }) {
                return false
            }
            countRequest(exchange)
            return frontend.rules.map { passes(exchange, $0) } ?? true
        }
    }

    /// Asks the backend's, unless they are the frontend's.
    func passesBackend(_ exchange: Ref<Exchange>, _ servers: Unmanaged<ServerSet>) -> Bool {
        guard !isOneSection(exchange) else { return true }
        return servers._withUnsafeGuaranteedRef { servers in
            guard let rules = servers.rules else { return true }
            return rules._withUnsafeGuaranteedRef { run($0.content, exchange) } && passes(exchange, rules)
        }
    }

    private func expectAnswer(_ exchange: Ref<Exchange>, _ rules: MessageRules) {
        if !rules.afterResponse.isEmpty { exchange[].asksAfterwards = true }
        if rules.response.limitsBandwidth { exchange[].isThrottled = true }
        guard !rules.response.isEmpty || !rules.afterResponse.isEmpty else { return }
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

    private func passes(_ exchange: Ref<Exchange>, _ rules: Unmanaged<MessageRules>) -> Bool {
        rules._withUnsafeGuaranteedRef { rules in
            expectAnswer(exchange, rules)
            return run(rules.request, exchange) && run(rules.redirects, exchange)
        }
    }

    /// Runs a list to its end, or to a rule that ends it; false if the request needs nothing more.
    func run(_ list: borrowing RuleList, _ exchange: Ref<Exchange>) -> Bool {
        var hasHints = false
        for rule in 0..<list.actions.count {
            guard let applies = holds(rule, list, exchange) else { return false }
            guard applies else { continue }
            if case .earlyHint(let place) = list.actions[rule] {
                hasHints = keepHint(list.changes.reference(place), exchange, isFirst: !hasHints) || hasHints
                continue
            }
            if hasHints, !sendHints(exchange) { return false }
            hasHints = false
            if case .allow = list.actions[rule] { return true }
            guard act(list.actions[rule], list, exchange) else { return false }
        }
        return !hasHints || sendHints(exchange)
    }

    /// Whether a condition of the list holds; nil, and the request refused, if that took too long to find out.
    private func holds(_ condition: Int, _ list: borrowing RuleList, _ exchange: Ref<Exchange>) -> Bool? {
        samples.reset()
        let source = ExchangeSource(worker: self, exchange: exchange)
        let holds = list.conditions.holds(condition, for: source, &samples)
        guard samples.overruns > 0 else { return holds }
        noteOverruns()
        answer(exchange, status: 500, as: .denied)
        return nil
    }

    /// Does what a rule says; false if the request needs nothing more.
    private func act(_ action: RuleAction, _ list: borrowing RuleList, _ exchange: Ref<Exchange>) -> Bool {
        switch action {
        // Hints are told together, and a status is an answer's.
        case .allow, .earlyHint, .setStatus: return true
        case .count(let place):
            perform(list.counters.reference(place), exchange)
            return true
        case .deny(let code):
            count(.error, of: exchange)
            countDenied(exchange)
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
            return redirect(exchange, list.redirects.reference(place), as: .answeredLocally)
        case .setLogLevel(let level):
            setLogLevel(level, exchange)
            return true
        case .setSource(let place):
            setSource(exchange, list.expressions.reference(place))
            return true
        case .change(let place):
            if change(exchange, list.changes.reference(place)) { return true }
            answer(exchange, status: 500, as: .denied)
        case .variable(let place):
            self.change(list.variables.reference(place), exchange)
            return true
        case .patterns(let place):
            edit(list.patterns.reference(place), exchange)
            return true
        case .capture(let place, let slot):
            capture(list.expressions.reference(place), at: slot, exchange)
            return true
        case .limitBandwidth(let place):
            limit(list.limits.reference(place), exchange)
            return true
        case .authenticate(let field): askForPassword(exchange, list.fields[field].view)
        case .service(let place): serve(exchange, list.services[place])
        case .monitor(let failing): answerMonitor(exchange, failing, list)
        }
        return false
    }

    private func askForPassword(_ exchange: Ref<Exchange>, _ field: ByteView) {
        samples.reset()
        var own = page(of: 401, for: exchange)
        own.added = field
        count(.error, of: exchange)
        answer(exchange, own, as: .answeredLocally)
    }

    func chosen(_ code: AnswerCode, _ list: borrowing RuleList) -> ChosenPage {
        switch code {
        case .page(let status): return ChosenPage(own: nil, status: status)
        case .composed(let place):
            let page = list.composed.reference(place)
            return ChosenPage(own: nil, composed: page, status: page[].status)
        case .own(let place):
            let page = list.pages.reference(place)
            return ChosenPage(own: page, status: page[].status)
        }
    }

    func setLogLevel(_ level: UInt8?, _ exchange: Ref<Exchange>) {
        ruling(of: exchange)[].logLevel = level
        exchange[].isQuiet = level == nil
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

    private func answerMonitor(_ exchange: Ref<Exchange>, _ failing: Range<Int>, _ list: borrowing RuleList) {
        exchange[].isQuiet = true
        for condition in failing {
            guard let holds = holds(condition, list, exchange) else { return }
            if holds { return answer(exchange, status: 503, as: .answeredLocally) }
        }
        answer(exchange, status: 200, as: .answeredLocally)
    }

    // MARK: What is kept beside an exchange

    func ruling(of exchange: Ref<Exchange>) -> Ref<Ruling> {
        if let known = exchange[].ruling { return known }
        let new = rulings.insert(Ruling())
        exchange[].ruling = new
        exchange[].worksOnBody = true
        return new
    }

    func endRuling(_ exchange: Ref<Exchange>) {
        guard let ruling = exchange[].ruling else { return }
        endCopying(exchange, ruling)
        exchange[].ruling = nil
        headBuffers.takeBack(&ruling[].head)
        headBuffers.takeBack(&ruling[].answer)
        if let source = ruling[].source { setSource(of: exchange[].client, source) }
        headBuffers.takeBack(&ruling[].page)
        bodyBuffers.takeBack(&ruling[].body)
        headBuffers.takeBack(&ruling[].told)
        ruling[].variables.end(variableBuffers)
        endTracking(exchange, ruling)
        if ruling[].wakeTimer != 0 { timers.remove(ruling[].wakeTimer) }
        ruling[].captures.end(variableBuffers)
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
    private func dropInSilence(_ exchange: Ref<Exchange>) {
        let client = exchange[].client
        let carrier = carrier(of: client)
        carrier[].transport.silence()
        abort(client, .denied)
        if carrier != client { close(carrier) }
    }
}
