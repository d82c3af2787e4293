import Basics
import Model
import Wire

/// Answers of our own: refusals, missing routes, servers that failed.
extension Worker {
    /// Refuses a request that must not be forwarded and closes the connection: what follows it can not be trusted.
    func refuse(_ exchange: Ref<Exchange>, _ error: HeadError) {
        counters[].refused[error.ordinal].add()
        countRefused(exchange)
        traffic(of: exchange[].client)._withUnsafeGuaranteedRef { $0.arriving.requestErrors.add() }
        refuse(exchange, status: error.status, as: .badRequest)
    }

    /// A body that turned out malformed or too large while it was passing: the server sees it cut.
    func refuseBody(_ exchange: Ref<Exchange>, _ error: HeadError) {
        dropServer(exchange)
        if exchange[].hasAnswered {
            counters[].refused[error.ordinal].add()
            return abort(exchange[].client, .badRequest)
        }
        refuse(exchange, error)
    }

    func refuse(_ exchange: Ref<Exchange>, status: UInt16, as termination: Termination) {
        exchange[].keepsClient = false
        exchange[].client[].phase = .exchange
        answer(exchange, status: status, as: termination)
    }

    /// Answers in place of a server, with the page of a status.
    func answer(_ exchange: Ref<Exchange>, status: UInt16, as termination: Termination) {
        // Nothing can be said where bytes are not ours.
        if exchange[].isSession { return abort(exchange[].client, termination) }
        if exchange[].isAuthorizing { return authorizationFailed(exchange) }
        if exchange[].errand == .copy { return copyFailed(exchange) }
        // Who gets the place that is freed may use the workspace, so the page is written to it afterwards.
        dropServer(exchange)
        leaveServer(exchange)
        samples.reset()
        let known = exchange[].errand == .error ? exchange[].replacedStatus : status
        answer(exchange, page(of: known, for: exchange), as: termination)
    }

    /// Answers in place of a server.
    func answer(_ exchange: Ref<Exchange>, _ own: OwnAnswer, as termination: Termination) {
        if delegates(exchange, own.status, as: termination) { return }
        let client = exchange[].client
        dropServer(exchange)
        leaveServer(exchange)
        moved &+= Sizes.ownAnswer
        exchange[].status = own.status
        if own.isSilent { return abort(client, termination) }
        exchange[].hasAnswered = true
        let own = exchange[].asksAfterwards ? revised(own, for: exchange) : own
        exchange[].phase = .done
        exchange[].termination = termination
        // A body nobody will read: the connection can not be used for another request.
        if !exchange[].requestBody.isComplete || isDraining { exchange[].keepsClient = false }
        if let channel = client[].transport.channel {
            respond(exchange, own, on: channel)
        } else if !write(own, exchange) {
            return abort(client, termination)
        }
        let body = exchange[].request.isHead ? 0 : own.body.count
        exchange[].bytesOut &+= UInt64(headScratch.count)
        exchange[].headOut &+= UInt64(max(0, headScratch.count &- body))
        guard deliver(headScratch.view, to: client) else { return abort(client, termination) }
        if client[].output.isEmpty {
            finish(exchange, as: termination, keepsClient: exchange[].keepsClient)
        } else {
            setTimer(client, patience(with: client))
        }
    }

    /// The client's events during an exchange.
    func advanceExchange(_ client: Ref<ClientConnection>) {
        // The end of a session's client is read when there is somebody to tell.
        guard let exchange = client[].exchange, !exchange[].isSession else { return }
        if exchange[].delivery != nil {
            pumpDelivery(exchange)
            return resume(client)
        }
        if exchange[].phase == .buffering { return continueBody(exchange) }
        if exchange[].phase == .tarpitted {
            return client[].transport.peerHasClosed ? abort(client, .tarpitted) : ()
        }
        if !exchange[].isRequestSent, exchange[].serverConnection?[].phase == .active {
            pumpRequest(exchange)
        }
        guard !client[].transport.isClosed, client[].exchange == exchange, client[].transport.peerHasClosed
        else {
            return
        }
        // The timer is the pause's; the end is noted when that is over.
        guard exchange[].phase != .pausing, !client[].hasEnded else { return }
        noteEnd(of: client, exchange)
    }

    /// A half-closed client may still want its answer; one that has closed looks the same until we write.
    private func noteEnd(of client: Ref<ClientConnection>, _ exchange: Ref<Exchange>) {
        guard exchange[].isRequestSent || exchange[].phase != .waiting, !exchange[].hasAnswered else {
            return
        }
        client[].hasEnded = true
        if exchange[].servers?._withUnsafeGuaranteedRef({ $0.settings.abortsOnClose }) == true {
            return abandon(exchange)
        }
        setTimer(client, settings(of: client).timeouts.clientFin)
    }

    /// Gives a request up whose client says no more.
    private func abandon(_ exchange: Ref<Exchange>) {
        guard exchange[].phase == .waiting else {
            return abort(exchange[].client, exchange[].terminationIfClientLeaves)
        }
        answer(exchange, status: 400, as: .clientGoneInHead)
    }

    /// Repeats the attempt; a client that has ended meanwhile waits from here on as after any other end.
    private func repeatAttempt(_ exchange: Ref<Exchange>) {
        let client = exchange[].client
        repeatAtServer(exchange)
        guard !client[].transport.isClosed, client[].exchange == exchange, client[].transport.peerHasClosed,
            exchange[].phase != .pausing, !exchange[].isSession
        else { return }
        noteEnd(of: client, exchange)
    }

    /// The one timer of a client, during an exchange: what it means follows from the phase.
    func exchangeTimeout(_ exchange: Ref<Exchange>) {
        let client = exchange[].client
        switch exchange[].phase {
        case .queued:
            // A place may be on its way; it goes to the next one then, as if this request had left just before.
            dequeue(exchange)
            if client[].hasEnded { return abort(client, .clientGoneInQueue) }
            answer(exchange, status: 503, as: .queueTimeout)
        case .buffering:
            counters[].requestTimeouts.add()
            refuse(exchange, status: 408, as: .requestTimeout)
        case .pausing: repeatAttempt(exchange)
        case .tarpitted: endTarpit(exchange)
        case .head, .resolving, .connecting, .waiting, .holding:
            if client[].hasEnded { return abort(client, exchange[].terminationIfClientLeaves) }
            guard !exchange[].isRequestSent, exchange[].phase == .waiting || exchange[].phase == .holding
            else { return }
            counters[].requestTimeouts.add()
            refuse(exchange, status: 408, as: .bodyTimeout)
        case .streaming, .done, .tunnel:
            if !client[].isBlocked, exchange[].isRequestSent { return }
            abort(client, exchange[].phase == .done ? exchange[].termination.orStalled : .clientStalled)
        }
    }
}

extension Termination {
    /// A client that does not take an answer of ours keeps the answer's reason; any other has stalled.
    var orStalled: Termination { self == .normal ? .clientStalled : self }
}

extension HeadError {
    /// The error's place among its kind, for an array of counters.
    var ordinal: Int { HeadError.allCases.firstIndex(of: self) ?? 0 }
}
