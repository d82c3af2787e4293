import Basics
import Glibc
import Synchronization
import Wire

@testable import Engine

/// A small server on loopback that speaks HTTP/2 with prior knowledge, by the server's side of our own session. What it
/// answers is said by the path.
final class TestHTTP2Backend: Sendable {
    let port: UInt16
    private let streams: UInt32
    private let takesTunnels: Bool
    private let listener: Listener
    private let state = Mutex(State())
    private let stopping = Atomic<Bool>(false)

    /// The body of `/large`.
    static let large = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }

    struct State {
        var connections = 0
        var requests = 0
        /// Heads as HTTP/1 would have them, behind the pseudo-header fields.
        var heads: [String] = []
        var trailers: [String] = []
        var misbehaved = 0
        var mostAtOnce = 0
        /// How streams ended that were opened for a tunnel.
        var tunnelEndings: [HTTP2Stream.Ending] = []
    }

    /// `takesTunnels`: WebSockets are answered with what they say (RFC 8441), but for `/denied`.
    init(streams: UInt32 = 100, takesTunnels: Bool = true) throws {
        self.streams = streams
        self.takesTunnels = takesTunnels
        let any = SocketAddress("127.0.0.1", port: 0) ?? SocketAddress()
        listener = try Listener(any, v6Only: true, deferAccept: false)
        port = listener.address.port
        _ = Thread(name: "backend") { [self] in accept() }
    }

    /// What has been asked so far.
    var seen: State { state.withLock { $0 } }

    func stop() { stopping.store(true, ordering: .relaxed) }

    private func accept() {
        while !stopping.load(ordering: .relaxed) {
            var entry = pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, 20) > 0, let (descriptor, _) = listener.accept() else { continue }
            state.withLock { $0.connections += 1 }
            _ = Thread(name: "peer") { [self] in serve(TestConnection(descriptor: descriptor)) }
        }
    }

    private func serve(_ connection: TestConnection) {
        var limits = HTTP2Limits()
        limits.streams = streams
        limits.allowsExtendedConnect = takesTunnels
        guard let context = HTTP2Context(isServer: true, limits: limits), let session = HTTP2Session(context)
        else { return }
        var rests: [Int32: ArraySlice<UInt8>] = [:]
        while send(session, connection), hear(session, &rests), send(session, connection), !session.isOver,
            let bytes = connection.readSome()
        {
            bytes.withView { _ = session.receive($0, now: Clock.now()) }
            guard hear(session, &rests) else { break }
        }
        connection.close()
    }

    /// False to drop the connection.
    private func hear(_ session: HTTP2Session, _ rests: inout [Int32: ArraySlice<UInt8>]) -> Bool {
        while let (stream, news) = session.next() {
            guard !news.contains(.closed) else {
                noteEnd(stream)
                session.release(stream)
                continue
            }
            if news.contains(.head) { note(session, stream) }
            if stream[].kind == .extendedConnect, !path(of: stream).hasPrefix("/denied") {
                echo(session, stream, isNew: news.contains(.head))
                continue
            }
            // The body's length is what is answered, so it is not kept.
            session.passedOn(stream, stream[].input.count)
            let isDenied = news.contains(.head) && stream[].kind == .extendedConnect
            if isDenied || news.contains(.readable) || news.contains(.head), isDenied || stream[].isEnded {
                guard answer(session, stream, &rests) else { return false }
            }
            if news.contains(.writable) { feed(session, stream, &rests) }
        }
        return true
    }

    private func send(_ session: HTTP2Session, _ connection: TestConnection) -> Bool {
        var buffer = Buffer(capacity: 64 * 1024)
        repeat {
            buffer.reset()
            session.send(into: &buffer)
            guard connection.send(buffer.view.bytes) else { return false }
        } while !buffer.isEmpty
        return true
    }

    private func note(_ session: HTTP2Session, _ stream: Ref<HTTP2Stream>) {
        let head = String(decoding: stream[].head.view.bytes, as: UTF8.self)
        state.withLock {
            $0.requests += 1
            $0.heads.append(head)
            $0.mostAtOnce = max($0.mostAtOnce, session.openStreams)
        }
    }

    private func noteEnd(_ stream: Ref<HTTP2Stream>) {
        guard stream[].kind == .extendedConnect, let ending = stream[].ending else { return }
        state.withLock { $0.tunnelEndings.append(ending) }
    }

    /// False to drop the connection.
    private func answer(
        _ session: HTTP2Session, _ stream: Ref<HTTP2Stream>, _ rests: inout [Int32: ArraySlice<UInt8>]
    ) -> Bool {
        let path = path(of: stream)
        let trailers = String(decoding: stream[].trailers.view.bytes, as: UTF8.self)
        let isFirst = state.withLock { state in
            if !trailers.isEmpty { state.trailers.append(trailers) }
            guard ["/refuse", "/drop"].contains(path) else { return false }
            state.misbehaved += 1
            return state.misbehaved == 1
        }
        switch path {
        case "/never": return true
        case "/drop" where isFirst: return false
        case "/refuse" where isFirst: session.reset(stream, .refusedStream)
        case "/reset": session.reset(stream, .internalError)
        case "/denied/bare":
            session.context.block.begin(status: 403)
            session.respond(stream, with: session.context.block, hasBody: false)
        case "/denied": respond(session, stream, Array("denied".utf8), &rests, status: 403)
        case "/large", "/fresh/large": respond(session, stream, Self.large, &rests)
        case "/bye":
            respond(session, stream, Array("bye".utf8), &rests)
            session.finishDrain()
        case "/hints":
            session.context.block.begin(status: 103)
            session.interim(stream, with: session.context.block)
            respond(session, stream, Array("hinted".utf8), &rests)
        case "/trailers", "/fresh/trailers":
            respond(session, stream, Array("some".utf8), &rests, trailers: "grpc-status: 0\r\n")
        default: respond(session, stream, Array("\(stream[].receivedCount)".utf8), &rests)
        }
        return true
    }

    private func path(of stream: Ref<HTTP2Stream>) -> String {
        String(decoding: stream[].head.view[stream[].request.path.indices].bytes, as: UTF8.self)
    }

    private func echo(_ session: HTTP2Session, _ stream: Ref<HTTP2Stream>, isNew: Bool) {
        if isNew {
            session.context.block.begin(status: 200)
            session.context.block.add("sec-websocket-protocol", ("chat" as StaticString).view)
            session.respond(stream, with: session.context.block, hasBody: true)
        }
        if path(of: stream) == "/cut", !stream[].input.isEmpty { return session.reset(stream, .cancel) }
        session.passedOn(stream, session.offer(stream, stream[].input.view))
        if stream[].isEnded, stream[].input.isEmpty { session.finish(stream) }
    }

    private func respond(
        _ session: HTTP2Session, _ stream: Ref<HTTP2Stream>, _ body: [UInt8],
        _ rests: inout [Int32: ArraySlice<UInt8>], trailers: String = "",
        status: UInt16 = 200
    ) {
        session.context.block.begin(status: status)
        if path(of: stream).hasPrefix("/fresh") {
            session.context.block.add("cache-control", ("max-age=60" as StaticString).view)
        }
        session.respond(stream, with: session.context.block, hasBody: true)
        rests[stream[].id] = body[...]
        guard trailers.isEmpty else {
            _ = body.withView { session.offer(stream, $0) }
            return Array(trailers.utf8).withView { session.finish(stream, trailers: $0) }
        }
        feed(session, stream, &rests)
    }

    private func feed(
        _ session: HTTP2Session, _ stream: Ref<HTTP2Stream>, _ rests: inout [Int32: ArraySlice<UInt8>]
    ) {
        guard let rest = rests[stream[].id] else { return }
        let taken = Array(rest).withView { session.offer(stream, $0) }
        rests[stream[].id] = rest.dropFirst(taken)
        if taken == rest.count { session.finish(stream) }
    }
}
