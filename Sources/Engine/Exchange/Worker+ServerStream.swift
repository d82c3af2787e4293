import Basics
import Model
import Wire

/// An exchange whose server speaks HTTP/2: heads have another form, bodies no framing, and ends are told apart.
extension Worker {
    /// Sends the head and the body bytes that came with it. The connection becomes a stream.
    func sendRequest(
        _ exchange: Ref<Exchange>, on connection: Ref<ServerConnection>, over session: Unmanaged<HTTP2Session>
    ) {
        connection[].phase = .active
        exchange[].phase = .waiting
        // Errands are run by HTTP/1.
        if exchange[].errand != .none {
            if exchange[].errand == .copy { return copyFailed(exchange) }
            return exchange[].isAuthorizing ? authorizationFailed(exchange) : delegationFailed(exchange)
        }
        let isTunnel = carriedUpgrade(of: exchange, on: session) == .tunnel
        guard let block = http2ToServers?.block, fill(block, exchange, isTunnel: isTunnel) else {
            dropServer(exchange)
            return refuse(exchange, .headTooLong)
        }
        if exchange[].isThrottled { holdBody(exchange) }
        let isWhole = exchange[].requestBody.isComplete && !exchange[].holdsBody
        let hasBody =
            isTunnel || !isWhole || exchange[].initialBody > 0 || !requestTrailers(exchange).isEmpty
        let isHead = exchange[].request.isHead
        let stream = session._withUnsafeGuaranteedRef {
            $0.mark()
            return $0.request(
                with: block, kind: isTunnel ? .extendedConnect : .plain, isHead: isHead, hasBody: hasBody,
                owner: connection.bits)
        }
        guard let stream else {
            dropServer(exchange)
            return attemptFailed(exchange, .refused)
        }
        connection[].transport = Transport(StreamChannel(session, stream))
        exchange[].isRequestSent = isWhole
        if !exchange[].holdsBody { _ = deliver(initialBody(of: exchange), to: connection) }
        if isWhole, !isTunnel { endRequest(exchange, connection) }
        setTimer(connection, isWhole ? timeouts(of: exchange).server : 0)
        if isWhole { return }
        setTimer(exchange[].client, patience(with: exchange[].client))
        ownReferences(exchange)
        pumpRequest(exchange)
    }

    /// Ends the request behind its last byte, once the session has that.
    func endRequest(_ exchange: Ref<Exchange>, _ connection: Ref<ServerConnection>) {
        guard connection[].output.isEmpty, let channel = connection[].transport.channel else { return }
        channel.finish(trailers: requestTrailers(exchange))
    }

    /// The head; what of it is made here stands in the head scratch until it has been sent.
    private func fill(_ block: FieldBlock, _ exchange: Ref<Exchange>, isTunnel: Bool) -> Bool {
        let head = head(of: exchange)
        // The key belongs to the handshake of HTTP/1, which a further attempt may still be.
        let key = isTunnel ? webSocketKey(of: exchange) : nil
        if let key { exchange[].request.fields[key].isRemoved = true }
        defer { if let key { exchange[].request.fields[key].isRemoved = false } }
        let settings = frontends[Int(exchange[].client[].frontend)]
        let (forwards, replaced) = settings._withUnsafeGuaranteedRef { ($0.forwards, $0.replaced) }
        let hasOwnCookies = rewritesCookies(exchange)
        headScratch.reset()
        guard headScratch.write({ writeHost(exchange, head, to: &$0) }) else { return false }
        let host = headScratch.view
        let fits = headScratch.write { output in
            if hasOwnCookies { writeCookies(exchange, head, to: &output) }
            writeForwarded(exchange, head, settings, forwards, to: &output)
            if case .length(let length) = exchange[].request.framing {
                output.append("Content-Length: ")
                output.append(decimal: length)
                output.append("\r\n")
            }
        }
        guard fits else { return false }
        let isSecure = exchange[].server?._withUnsafeGuaranteedRef { $0.tls != nil } ?? false
        block.begin(
            method: isTunnel ? ("CONNECT" as StaticString).view : head[exchange[].request.method.indices],
            scheme: isSecure ? "https" : "http", authority: host, path: path(of: exchange, in: head),
            tunnelProtocol: isTunnel ? ("websocket" as StaticString).view : .empty)
        if exchange[].request.acceptsTrailers(in: head) {
            block.add("te", ("trailers" as StaticString).view)
        }
        return block.add(
            kept: exchange[].request.fields, from: head,
            dropping: hasOwnCookies ? replaced.with(.cookie) : replaced)
            && block.add(lines: headScratch.view[host.count..<headScratch.count])
    }

    private func requestTrailers(_ exchange: Ref<Exchange>) -> ByteView {
        exchange[].client[].transport.channel.map { $0.stream[].trailers.view } ?? exchange[].trailers.view
    }

    // MARK: News

    /// Something of the answer, room for more of the request, or the end.
    func streamEvent(
        _ exchange: Ref<Exchange>, _ connection: Ref<ServerConnection>, _ stream: Ref<HTTP2Stream>,
        _ news: HTTP2News
    ) {
        if news.contains(.readable) { connection[].transport.canRead = true }
        if news.contains(.writable) { connection[].transport.canWrite = true }
        if news.contains(.interim) { takeInterim(exchange, stream) }
        if news.contains(.head), !connection[].transport.isClosed { takeHead(exchange, connection, stream) }
        guard !connection[].transport.isClosed else { return }
        if news.contains(.closed), stream[].ending != .complete {
            return streamLost(exchange, connection, stream)
        }
        if news.contains(.closed) { connection[].transport.canRead = true }
        if exchange[].hasAnswered || exchange[].phase == .holding || connection[].transport.canWrite {
            serverAdvance(exchange, connection)
        }
    }

    private func takeInterim(_ exchange: Ref<Exchange>, _ stream: Ref<HTTP2Stream>) {
        tables.lend(to: &exchange[].response.fields)
        swap(&exchange[].response, &stream[].response)
        guard passInterim(exchange, head: stream[].head.viewFromBase) else { return }
        swap(&exchange[].response, &stream[].response)
    }

    private func takeHead(
        _ exchange: Ref<Exchange>, _ connection: Ref<ServerConnection>, _ stream: Ref<HTTP2Stream>
    ) {
        exchange[].answeredAt = clock.monotonic
        tables.lend(to: &exchange[].response.fields)
        swap(&exchange[].response, &stream[].response)
        guard stream[].refusal == nil else { return badAnswer(exchange) }
        scratch.reset(headRoom: Sizes.headRoom)
        if !stream[].input.isEmpty {
            let most = exchange[].isThrottled ? min(Sizes.read, allowanceToBegin(exchange)) : Sizes.read
            if most > 0 { _ = connection[].transport.read(into: &scratch, most: most) }
        }
        let isAtEnd = stream[].isEnded && stream[].input.isEmpty
        if opensTunnel(exchange, stream) {
            return startTunnel(exchange, head: stream[].head.viewFromBase, headCount: 0)
        }
        if isAtEnd { takeTrailers(exchange, stream) }
        let framing = exchange[].response.bodyFraming(isHead: exchange[].request.isHead)
        // What the body is to its reader: all that is here, or what comes until the stream ends.
        let body: BodyFraming =
            framing == .none ? .none : isAtEnd ? .length(Int64(scratch.count)) : .untilClose
        beginAnswer(exchange, head: stream[].head.viewFromBase, headCount: 0, body: body)
    }

    /// The trailers of an answer that has ended become the exchange's.
    func takeTrailers(_ exchange: Ref<Exchange>, _ stream: Ref<HTTP2Stream>) {
        trailerBuffers.takeBack(&exchange[].trailers)
        guard !stream[].trailers.isEmpty else { return }
        trailerBuffers.lend(to: &exchange[].trailers)
        exchange[].trailers.append(stream[].trailers.view)
    }

    /// It ended before the answer did.
    private func streamLost(
        _ exchange: Ref<Exchange>, _ connection: Ref<ServerConnection>, _ stream: Ref<HTTP2Stream>
    ) {
        let isBroken = stream[].fault != nil
        let wasRefused = stream[].ending == .refused
        if exchange[].hasAnswered {
            return cutAnswer(exchange, as: isBroken ? .refusedData : .serverGoneInData)
        }
        if exchange[].phase == .holding { return cutHeld(exchange) }
        let wasReused = connection[].isReused
        exchange[].serverConnection = nil
        close(connection)
        attemptFailed(
            exchange,
            isBroken ? .junk : wasRefused ? .refused : wasReused ? .staleConnection : .noAnswer)
    }
}
