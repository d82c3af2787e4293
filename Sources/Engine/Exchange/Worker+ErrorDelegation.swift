import Basics
import Model
import Wire

/// Having somebody else write the answer to an error: a last way of the exchange to a server, with a request of ours instead of the client's.
/// What comes back is passed on as any answer is. It happens once: whatever goes wrong then, the client gets the status as it was.
extension Worker {
    /// Whether somebody else answers in place of an answer of ours.
    func delegates(_ exchange: Ref<Exchange>, _ status: UInt16, as termination: Termination) -> Bool {
        // Who has to prove something is told so by us alone, and what answers redirects and preflights is no error.
        guard status >= 400, status != 401, termination != .answeredLocally, !exchange[].hasAnswered,
            exchange[].errand == .none, let errors = delegation(of: exchange), errors[].covers(status)
        else { return false }
        return beginDelegation(exchange, status, as: termination)
    }

    /// Whether somebody else answers in place of a server. `headCount` bytes of the scratch are its answer's head.
    func delegatesAnswer(_ exchange: Ref<Exchange>, headCount: Int) -> Bool {
        let status = exchange[].response.status
        guard status >= 400, exchange[].delivery == nil, exchange[].storing == nil,
            let errors = delegation(of: exchange), !errors[].leavesServersAnswers, errors[].covers(status),
            delegate(of: exchange) != nil
        else { return false }
        if exchange[].serverPlace?[].isObserved == true {
            observe(TrafficJudge.isFault(status) ? .wrongStatus : .answered, exchange)
        }
        parkServer(exchange, isHead: exchange[].request.isHead, headCount: headCount)
        return beginDelegation(exchange, status, as: .normal)
    }

    /// What its route says of errors.
    private func delegation(of exchange: Ref<Exchange>) -> Ref<CompiledErrorDelegation>? {
        exchange[].route?._withUnsafeGuaranteedRef { route in
            route.rules?._withUnsafeGuaranteedRef { $0.errors }
        } ?? nil
    }

    /// Who answers then, if there is a server.
    private func delegate(of exchange: Ref<Exchange>) -> Unmanaged<BackendState>? {
        let backend = exchange[].route?._withUnsafeGuaranteedRef { $0.errorBackend } ?? nil
        return backend.flatMap { hasServers($0) ? $0 : nil }
    }

    private func beginDelegation(
        _ exchange: Ref<Exchange>, _ status: UInt16, as termination: Termination
    ) -> Bool {
        guard let backend = delegate(of: exchange) else { return false }
        if log.asksFrontends { noteHandOver(exchange, status) }
        dropServer(exchange)
        leaveServer(exchange)
        leaveBackend(exchange, status)
        if let ruling = exchange[].ruling {
            headBuffers.takeBack(&ruling[].answer)
            endHeld(ruling)
        }
        tables.takeBack(&exchange[].response.fields)
        exchange[].errand = .error
        (exchange[].replacedStatus, exchange[].termination) = (status, termination)
        // What is left of the client's request is nobody's; the connection can not be used for another.
        if !exchange[].requestBody.isComplete { exchange[].keepsClient = false }
        exchange[].isRequestSent = true
        exchange[].looksAtAnswer = true
        exchange[].coding = nil
        (exchange[].isRedispatched, exchange[].wasTurnedAway) = (false, false)
        (exchange[].attempts, exchange[].queuePosition) = (0, 0)
        (exchange[].assignedAt, exchange[].connectedAt, exchange[].answeredAt) = (0, 0, 0)
        let place = backend._withUnsafeGuaranteedRef { $0.perWorker.reference(index) }
        (exchange[].backend, exchange[].place, exchange[].servers) = (backend, place, place[].servers)
        if exchange[].ownsReferences {
            _ = exchange[].backend?.retain()
            _ = exchange[].servers?.retain()
        }
        if place[].load.enter() { noteMost(of: backend) }
        assignServer(exchange)
        return true
    }

    /// The backend the request was for is done with it: it counts there with the status that is replaced.
    private func leaveBackend(_ exchange: Ref<Exchange>, _ status: UInt16) {
        if exchange[].ownsReferences {
            exchange[].backend?.release()
            exchange[].servers?.release()
            exchange[].server?.release()
        }
        if exchange[].countsSomewhere { leaveBackendCounts(exchange) }
        if let place = exchange[].place {
            place[].load.leave()
            let duration = clock.monotonic &- exchange[].startedAt
            place.traffic._withUnsafeGuaranteedRef { traffic in
                traffic.counters.finish(Int(status / 100), bytesIn: exchange[].bytesIn, bytesOut: 0)
                traffic.counters.durations.record(duration)
            }
        }
        (exchange[].hasCookie, exchange[].cookie) = (false, CookieState())
        (exchange[].backend, exchange[].place) = (nil, nil)
        (exchange[].servers, exchange[].server) = (nil, nil)
    }

    // MARK: The request for a page

    /// Asks for the page on a connection to who writes it.
    func sendErrorRequest(_ exchange: Ref<Exchange>, on connection: Ref<ServerConnection>) {
        guard let errors = delegation(of: exchange), writeErrorRequest(exchange, errors) else {
            return delegationFailed(exchange)
        }
        guard deliverHead(headScratch.view, to: connection) else {
            return serverGone(exchange, wasReset: true)
        }
        setTimer(connection, timeouts(of: exchange).server)
    }

    /// The client gets the status as it was.
    func delegationFailed(_ exchange: Ref<Exchange>) {
        answer(exchange, status: exchange[].replacedStatus, as: exchange[].termination)
    }

    /// Writes it into the scratch for heads; false if it does not fit.
    private func writeErrorRequest(
        _ exchange: Ref<Exchange>, _ errors: Ref<CompiledErrorDelegation>
    ) -> Bool {
        headScratch.reset()
        let head = head(of: exchange)
        let settings = frontends[Int(exchange[].client[].frontend)]
        let fits = headScratch.write { output in
            output.append(head[exchange[].request.method.indices])
            output.append(" / HTTP/1.1\r\nHost: ")
            writeHost(exchange, head, to: &output)
            output.append("\r\nX-Code: ")
            output.append(decimal: Int64(exchange[].replacedStatus))
            output.append("\r\n")
            let (forwards, replaced) = settings._withUnsafeGuaranteedRef { ($0.forwards, $0.replaced) }
            writeClientsFields(exchange, head, dropping: replaced, to: &output) { errors[].says($0) }
            writeForwarded(exchange, head, settings, forwards, to: &output)
            // Some servers wait for a body of these methods unless they are told that there is none.
            if exchange[].request.framing != .none { output.append("Content-Length: 0\r\n") }
        }
        guard fits else { return false }
        return appendComposed(errors[].fields, for: exchange) && headScratch.append("\r\n")
    }

    // MARK: In place of servers

    /// Who serves a request whose backend has no servers; nil is nobody.
    func standIn(of route: Unmanaged<CompiledRoute>) -> Unmanaged<BackendState>? {
        route._withUnsafeGuaranteedRef { route in
            let errors = route.rules?._withUnsafeGuaranteedRef { $0.errors } ?? nil
            guard let errors, errors[].standsIn, let backend = route.errorBackend, hasServers(backend) else {
                return nil
            }
            let isServed = route.backend.map { hasServers(Unmanaged.passUnretained($0)) } ?? false
            return isServed ? nil : backend
        }
    }

    /// Tells who stands in what it is for; false if there is no room for that.
    func tellStandIn(_ exchange: Ref<Exchange>) -> Bool {
        guard let errors = delegation(of: exchange), let ruling = withOwnHead(exchange) else { return false }
        let bytes = ruling[].head.view
        for place in 0..<exchange[].request.fieldCount {
            let field = exchange[].request.field(at: place)
            guard field.nameCount > 0, errors[].says(field.name(in: bytes)) else { continue }
            exchange[].request.forgetField(at: place)
        }
        let (name, code) = (("X-Code" as StaticString).view, ("503" as StaticString).view)
        guard exchange[].request.add(name, code, to: &ruling[].head) else { return false }
        for i in 0..<errors[].fields.count {
            guard compose(errors[].fields[i].value, for: exchange) else { return false }
            guard !composed.isEmpty else { continue }
            let name = errors[].fields[i].name.view
            guard exchange[].request.add(name, composed.view, to: &ruling[].head) else { return false }
        }
        return true
    }
}
