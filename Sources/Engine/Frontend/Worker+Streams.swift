import Basics
import Model
import Wire

/// Streams of HTTP/2 connections: each is a client whose transport is the stream, from its head to its close. What stands above
/// the transport knows of it only where heads and bodies have another form.
extension Worker {
    /// A request's head is there; some of its body may be, and it may have been given up at once.
    func beginStream(_ stream: Ref<HTTP2Stream>, on carrier: Ref<ClientConnection>, isGone: Bool) {
        guard let session = carrier[].session else { return }
        let client = clients.insert(
            ClientConnection(
                transport: Transport(StreamChannel(session, stream)), address: carrier[].address,
                addressText: carrier[].addressText, listener: carrier[].listener,
                frontend: carrier[].frontend, isTLS: carrier[].isTLS, traffic: carrier[].traffic))
        stream[].owner = client.bits
        client[].timer = timers.add(owner: Token.client(client))
        link(client)
        client[].details = carrier[].details
        client[].phase = .exchange
        carrier[].requests &+= 1
        client[].requests = carrier[].requests
        counters[].openStreams.add()
        if let shown = carrier[].details?[].shown { detail(client)[].shown = shown }
        let exchange = beginExchange(client)
        swap(&exchange[].request, &stream[].request)
        if isGone { return abort(client, .clientGoneInRequest) }
        if let error = stream[].refusal { return refuse(exchange, error) }
        exchange[].bytesIn = UInt64(stream[].head.count)
        exchange[].headAt = clock.monotonic
        traffic(of: client)._withUnsafeGuaranteedRef { $0.arriving.http2Requests.add() }
        handleRequest(exchange)
    }

    /// The connection that a client's stream is one of; else the client itself.
    func carrier(of client: Ref<ClientConnection>) -> Ref<ClientConnection> {
        guard let owner = client[].transport.channel?.owner, owner != 0 else { return client }
        return Ref(bits: owner)
    }

    /// More of the body, room for more of the answer, or the end.
    func streamEvent(_ stream: Ref<HTTP2Stream>, _ news: HTTP2News) {
        let client = Ref<ClientConnection>(bits: stream[].owner)
        guard !client[].transport.isClosed else { return }
        if news.contains(.readable) { client[].transport.canRead = true }
        if news.contains(.writable) { client[].transport.canWrite = true }
        if news.contains(.closed) { return streamClosed(stream, client) }
        if news.contains(.writable), client[].output.isEmpty, let exchange = client[].exchange,
            exchange[].phase == .streaming
        {
            pumpAnswer(exchange)
        }
        // What a client sends behind its answer is not read: its window stays shut.
        if !client[].transport.isClosed, client[].phase != .lingering { advance(client) }
    }

    private func streamClosed(_ stream: Ref<HTTP2Stream>, _ client: Ref<ClientConnection>) {
        guard let exchange = client[].exchange else { return close(client) }
        if client[].phase == .tunnel, stream[].ending == .complete {
            // The server may not have taken all of it.
            client[].transport.canRead = true
            return advance(client)
        }
        abort(client, stream[].fault == nil ? exchange[].terminationIfClientLeaves : .badRequest)
    }

    /// The answer has been given to the session: the stream stays until the client has taken it.
    func endStream(_ client: Ref<ClientConnection>) {
        guard let stream = client[].transport.channel?.stream, stream[].ending == nil else {
            return close(client)
        }
        client[].phase = .lingering
        client[].mark = stream[].sentCount
        setTimer(client, settings(of: client).timeouts.client)
    }

    /// A client that takes nothing more of its answer is given up, a slow one is not.
    func lingeringStreamTimeout(_ client: Ref<ClientConnection>) {
        guard let stream = client[].transport.channel?.stream, stream[].sentCount != client[].mark else {
            noteStall(of: client)
            return close(client)
        }
        endStream(client)
    }

    func abortStream(_ client: Ref<ClientConnection>, _ termination: Termination) {
        if termination.isClientTimeout { noteStall(of: client) }
        if termination != .normal {
            client[].transport.channel?.reset(termination.isOfClient ? .cancel : .internalError)
        }
        if let exchange = client[].exchange { finish(exchange, as: termination, keepsClient: false) }
        if termination != .normal { close(client) }
    }

    /// A client's stream stood still until it was given up; a client with many such loses its connection.
    private func noteStall(of client: Ref<ClientConnection>) {
        carrier(of: client)[].session?._withUnsafeGuaranteedRef {
            $0.noteStall(now: clock.monotonic)
            $0.mark()
        }
    }

    /// Whether more has come of a body than is allowed.
    func isBodyTooLarge(_ exchange: Ref<Exchange>, _ channel: StreamChannel) -> Bool {
        let limit = bodyLimit(of: exchange)
        return limit > 0 && channel.stream[].receivedCount > UInt64(limit)
    }
}

extension Termination {
    /// Whether the client gave up or was too slow.
    fileprivate var isOfClient: Bool { cause == UInt8(ascii: "C") || isClientTimeout }

    /// Whether the client was too slow.
    fileprivate var isClientTimeout: Bool { cause == UInt8(ascii: "c") }
}
