import Basics
import Model
import Wire

/// From a client's bytes to a request that can be dispatched.
extension Worker {
    /// Understands requests as long as there are any and the last answer has been taken. Answers of our own come at once: a
    /// client that sends requests for them without end has its turn and no more.
    func readRequests(_ client: Ref<ClientConnection>) {
        let turnEnd = client[].requests &+ Sizes.requestTurn
        while client[].phase == .request, client[].output.isEmpty {
            guard client[].requests != turnEnd else { return yieldTurn(client) }
            if client[].requests == 0, client[].exchange == nil, !client[].input.isEmpty {
                switch preface(client) {
                case .http1: break
                case .http2: return startHTTP2(client)
                case .undecided:
                    guard receive(client) else { return }
                    continue
                }
            }
            if !client[].input.isEmpty, !parseRequest(client) { return }
            guard client[].phase == .request, !client[].transport.isClosed else { return }
            if client[].input.isEmpty || client[].exchange != nil || client[].input.count < 2 {
                guard receive(client) else { return }
            }
        }
    }

    /// Looks at the input; false when the connection is gone or refused, or an exchange is under way.
    private func parseRequest(_ client: Ref<ClientConnection>) -> Bool {
        if client[].exchange == nil {
            skipEmptyLine(client)
            // Half an empty line decides nothing yet.
            if client[].input.isEmpty || client[].input.count == 1 && client[].input.view[0] == 13 {
                return true
            }
        }
        let isNew = client[].exchange == nil
        let exchange = client[].exchange ?? beginExchange(client)
        let bytes = client[].input.view
        switch exchange[].request.parse(bytes) {
        case .incomplete:
            // From its first bytes on, however they came; the first request's time runs since the accept.
            if isNew, client[].requests > 0 { setTimer(client, settings(of: client).timeouts.request) }
            guard bytes.count >= Sizes.longestHead else { return true }
            refuse(exchange, exchange[].request.isInRequestLine ? .targetTooLong : .headTooLong)
            return false
        case .refused(let error):
            noteFault(exchange, error, in: bytes)
            refuse(exchange, error)
            return false
        case .complete(let count):
            guard count <= Sizes.longestHead else {
                refuse(exchange, .headTooLong)
                return false
            }
            exchange[].headStart = Int(client[].input.start)
            client[].input.consume(count)
            exchange[].bytesIn = UInt64(count)
            exchange[].headAt = clock.monotonic
            client[].phase = .exchange
            client[].requests &+= 1
            timers.set(client[].timer, in: 0, now: clock.monotonic)
            handleRequest(exchange)
            return client[].phase == .request && !client[].transport.isClosed
        }
    }

    /// RFC 9112 2.2: one empty line before a request line is ignored.
    private func skipEmptyLine(_ client: Ref<ClientConnection>) {
        let bytes = client[].input.view
        if bytes.count >= 2, bytes[0] == UInt8(ascii: "\r"), bytes[1] == UInt8(ascii: "\n") {
            client[].input.consume(2)
        }
    }

    /// Reads more input; false when there is none now, or the client is gone.
    private func receive(_ client: Ref<ClientConnection>) -> Bool {
        guard client[].transport.canRead else {
            idle(client)
            return false
        }
        headBuffers.lend(to: &client[].input)
        if client[].input.isEmpty {
            client[].input.reset()
        } else if client[].input.room < 4096 {
            client[].input.compact()
        }
        switch client[].transport.read(into: &client[].input) {
        case .bytes: return true
        case .wouldBlock:
            idle(client)
            return false
        case .closed, .failed:
            if let exchange = client[].exchange {
                finish(exchange, as: .clientGoneInRequest, keepsClient: false)
            } else if client[].requests == 0 {
                writeEmptyLine(client)
                countEmpty(client)
            }
            close(client)
            return false
        }
    }

    /// Nothing to do until an event: an idle connection holds no buffer.
    private func idle(_ client: Ref<ClientConnection>) {
        guard client[].exchange == nil, client[].input.isEmpty else { return }
        headBuffers.takeBack(&client[].input)
        if isDraining, client[].requests > 0 { setTimer(client, Worker.farewell) }
    }

    func beginExchange(_ client: Ref<ClientConnection>) -> Ref<Exchange> {
        let exchange = insertExchange(client)
        tables.lend(to: &exchange[].request.fields)
        return exchange
    }

    /// An exchange without room for a head.
    func insertExchange(_ client: Ref<ClientConnection>) -> Ref<Exchange> {
        let exchange = exchanges.insert(Exchange(client: client, startedAt: clock.monotonic, epoch: epoch))
        exchange[].previous = newestExchange
        newestExchange?[].next = exchange
        if oldestExchange == nil { oldestExchange = exchange }
        newestExchange = exchange
        client[].exchange = exchange
        counters[].activeExchanges.add()
        return exchange
    }

    /// The request's head as it came, or as rules have made it; good while the client's input is not given up, or its stream.
    func head(of exchange: Ref<Exchange>) -> ByteView {
        if exchange[].headStart < 0, let ruling = exchange[].ruling { return ruling[].head.view }
        if let channel = exchange[].client[].transport.channel { return channel.stream[].head.viewFromBase }
        let start = exchange[].headStart
        let base = exchange[].client[].input.viewFromBase
        return base[start..<min(base.count, start + exchange[].request.count)]
    }

    /// What is matched and forwarded as path and query.
    func path(of exchange: Ref<Exchange>, in head: ByteView) -> ByteView {
        if exchange[].resolvedPath.hasMemory { return exchange[].resolvedPath.view }
        let path = head[exchange[].request.path.indices]
        return path.isEmpty
            ? (exchange[].request.isAsterisk ? ("*" as StaticString).view : ("/" as StaticString).view) : path
    }

    /// A request with its head: limits, route, server.
    func handleRequest(_ exchange: Ref<Exchange>) {
        let client = exchange[].client
        traffic(of: client)._withUnsafeGuaranteedRef { $0.arriving.requests.add() }
        let settings = settings(of: client)
        exchange[].keepsClient =
            exchange[].request.keepsAlive && !isDraining && !client[].transport.isStream && !settings.closes
        exchange[].requestBody = BodyDecoder(exchange[].request.framing)
        if exchange[].request.hasDotSegments {
            let path = head(of: exchange)[exchange[].request.path.indices]
            headBuffers.lend(to: &exchange[].resolvedPath)
            guard DotSegments.resolve(path, into: &exchange[].resolvedPath) else {
                return refuse(exchange, .badTarget)
            }
        }
        if settings.limits, !isWithinFrontend(exchange) { return }
        guard takeInitialBody(exchange) else { return }
        if hasGuards, !admits(exchange) { return }
        var ruled: Unmanaged<CompiledRoute>?
        if settings.hasRules, !asksRules(exchange, leadingTo: &ruled) { return }
        proceed(exchange, leadingTo: ruled, hasRules: settings.hasRules)
    }

    /// Finds the route of a request that the frontend's rules let pass; `ruled` is what they say.
    @inline(__always)
    func proceed(_ exchange: Ref<Exchange>, leadingTo ruled: Unmanaged<CompiledRoute>?, hasRules: Bool) {
        let head = head(of: exchange)
        // `OPTIONS *` asks about the host as a whole: it goes where `/` goes, as `*`.
        let matched =
            exchange[].request.isAsterisk ? ("/" as StaticString).view : path(of: exchange, in: head)
        guard
            let route = ruled ?? route(of: exchange, head, path: matched)
                ?? fallback(of: exchange[].client)
        else {
            return answer(exchange, status: 404, as: .answeredLocally)
        }
        exchange[].route = route
        if route._withUnsafeGuaranteedRef({ $0.looksAtRequests }), !enterRoute(exchange, route) { return }
        dispatch(exchange, route, hasRules: hasRules)
    }

    /// Gives a request that its route lets pass to the route's backend. `hasRules` says whether the frontend has.
    @inline(__always)
    func dispatch(_ exchange: Ref<Exchange>, _ route: Unmanaged<CompiledRoute>, hasRules: Bool) {
        let target = route._withUnsafeGuaranteedRef {
            ($0.backend.map { Unmanaged.passUnretained($0) }, $0.status, $0.looksAtRequests)
        }
        var found = target.0
        if target.2, let other = standIn(of: route) {
            guard tellStandIn(exchange) else { return answer(exchange, status: 503, as: .noServer) }
            found = other
        }
        guard let own = found else {
            noteOverruns()
            return answer(exchange, status: target.1, as: target.1 >= 500 ? .noServer : .answeredLocally)
        }
        let backend = target.2 ? alternative(of: exchange, route) ?? own : own
        exchange[].backend = backend
        let place = backend._withUnsafeGuaranteedRef { $0.perWorker.reference(index) }
        exchange[].place = place
        if place[].load.enter() { noteMost(of: backend) }
        exchange[].servers = place[].servers
        if place[].servers._withUnsafeGuaranteedRef({ $0.looksAtRequests }), !enterBackend(exchange) {
            return
        }
        depart(exchange, hasRules: hasRules)
    }

    /// Gives a request that all rules let pass to a server, now or when its body is here.
    @inline(__always)
    func depart(_ exchange: Ref<Exchange>, hasRules: Bool) {
        if hasRules, !endRules(exchange) { return }
        if !exchange[].requestBody.isComplete, waitsForBody(exchange) { return }
        assignServer(exchange)
    }

    @inline(__always)
    private func route(of exchange: Ref<Exchange>, _ head: ByteView, path: ByteView)
        -> Unmanaged<CompiledRoute>?
    {
        let authority = head[exchange[].request.host.indices]
        return exchange[].request.isOdd
            ? route(authority: authority, oddPath: path)
            : router.route(authority: authority, path: path, &samples)
    }

    /// The route of a request whose path may be another one than it looks.
    func route(authority: ByteView, oddPath path: ByteView) -> Unmanaged<CompiledRoute>? {
        var matched = Buffer()
        headBuffers.lend(to: &matched)
        defer { headBuffers.takeBack(&matched) }
        return router.route(authority: authority, oddPath: path, by: &matched, &samples)
    }

    /// Asks all of the frontend's rules. False if the request was answered, or waits.
    private func asksRules(
        _ exchange: Ref<Exchange>, leadingTo route: inout Unmanaged<CompiledRoute>?
    ) -> Bool {
        guard passesFrontend(exchange) else { return false }
        route = ruledRoute(exchange)
        return true
    }

    /// Where the frontend's rules send a request; nil if they say nothing about it.
    func ruledRoute(_ exchange: Ref<Exchange>) -> Unmanaged<CompiledRoute>? {
        frontends[Int(exchange[].client[].frontend)]._withUnsafeGuaranteedRef { frontend in
            guard let switching = frontend.switching else { return nil }
            samples.reset()
            var source = ExchangeSource(worker: self, exchange: exchange)
            source.look()
            let route = switching.route(for: source, naming: &composed, &samples)
            noteOverruns()
            return route
        }
    }

    /// What answers a client whose request matches no route.
    func fallback(of client: Ref<ClientConnection>) -> Unmanaged<CompiledRoute>? {
        frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef {
            $0.fallback.map { Unmanaged.passUnretained($0) }
        }
    }

    /// Decodes the body bytes that came with the head; false if they were refused.
    private func takeInitialBody(_ exchange: Ref<Exchange>) -> Bool {
        let client = exchange[].client
        if let channel = client[].transport.channel {
            takeInitialBody(exchange, channel)
            return true
        }
        guard !exchange[].requestBody.isComplete, !client[].input.isEmpty else { return true }
        var pieces = BodyDecoder.Pieces()
        let raw = client[].input.count
        let progress = client[].input.withMutableBytes { bytes, count in
            exchange[].requestBody.decode(
                bytes, count: count, pieces: &pieces, trailers: &exchange[].trailers, pool: trailerBuffers)
        }
        if case .refused(let error) = progress {
            refuse(exchange, error)
            return false
        }
        client[].input.truncate(to: pieces.content + pieces.rest)
        exchange[].bytesIn &+= UInt64(raw - pieces.rest)
        exchange[].initialBody = pieces.content
        return true
    }

    /// A stream's body has no framing and ends with the stream. What has come stays in the stream for now.
    private func takeInitialBody(_ exchange: Ref<Exchange>, _ channel: StreamChannel) {
        guard !exchange[].requestBody.isComplete else { return }
        let waiting = channel.stream[].input.count
        exchange[].initialBody = min(waiting, Sizes.initialBody)
        exchange[].bytesIn &+= UInt64(exchange[].initialBody)
        let isWhole = channel.stream[].isEnded && exchange[].initialBody == waiting
        exchange[].requestBody = BodyDecoder(isWhole ? .none : .untilClose)
    }
}
