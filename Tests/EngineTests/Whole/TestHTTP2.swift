import Basics
import Wire

@testable import Engine

/// A client that speaks HTTP/2 with prior knowledge, by the client's side of our own session.
final class TestHTTP2 {
    let connection: TestConnection
    private let context: HTTP2Context
    let session: HTTP2Session
    private var buffer = Buffer(capacity: 256 * 1024)
    /// What was answered, by the stream's number.
    private(set) var statuses: [Int32: UInt16] = [:]
    /// The answers' heads, as HTTP/1 would have their fields.
    private(set) var heads: [Int32: String] = [:]
    /// Their bodies so far.
    private(set) var bodies: [Int32: [UInt8]] = [:]
    /// Streams that are closed, and how.
    private(set) var endings: [Int32: HTTP2Stream.Ending] = [:]

    /// Connects; `first` goes in front of everything. `limits` are what the engine may send.
    init?(_ engine: TestEngine, first: String = "", limits: HTTP2Limits = HTTP2Limits()) {
        guard let context = HTTP2Context(isServer: false, limits: limits), let session = HTTP2Session(context)
        else {
            return nil
        }
        self.context = context
        self.session = session
        connection = engine.connect()
        connection.send(first)
        send()
    }

    /// Asks for a path, with fields (lines of HTTP/1) and a body to come or without; the stream's reference.
    func ask(
        _ path: String, authority: String = "shop.example", fields: String = "", hasBody: Bool = false
    ) -> Ref<HTTP2Stream>? {
        defer { send() }
        return Array(path.utf8).withView { path in
            Array(authority.utf8).withView { authority in
                context.block.begin(
                    method: ("GET" as StaticString).view, scheme: "http", authority: authority, path: path)
                return Array(fields.utf8).withView { fields in
                    _ = context.block.add(lines: fields)
                    return session.request(with: context.block, hasBody: hasBody)
                }
            }
        }
    }

    /// Opens a WebSocket (RFC 8441).
    func open(_ path: String) -> Ref<HTTP2Stream>? {
        defer { send() }
        return Array(path.utf8).withView { path in
            context.block.begin(
                method: ("CONNECT" as StaticString).view, scheme: "http",
                authority: ("shop.example" as StaticString).view, path: path,
                tunnelProtocol: ("websocket" as StaticString).view)
            return session.request(with: context.block, kind: .extendedConnect, hasBody: true)
        }
    }

    /// Says that nothing more comes on a stream.
    func finish(_ stream: Ref<HTTP2Stream>) {
        session.finish(stream)
        send()
    }

    /// Offers some of a body; how much the session took.
    @discardableResult
    func offer(_ text: String, on stream: Ref<HTTP2Stream>) -> Int {
        let count = Array(text.utf8).withView { session.offer(stream, $0) }
        send()
        return count
    }

    func send() {
        buffer.reset()
        session.send(into: &buffer)
        connection.send(buffer.view.bytes)
    }

    /// Reads until something is so; false if the connection ends first, or patience.
    func read(until isSo: () -> Bool) -> Bool {
        while !isSo() {
            guard let bytes = connection.readSome() else { return isSo() }
            var at = 0
            while at < bytes.count {
                // What is left waits until an interim answer has been read.
                at += Array(bytes[at...]).withView { session.receive($0, now: Clock.now()) }
                readNews()
            }
            send()
        }
        return true
    }

    private func readNews() {
        while let (stream, news) = session.next() {
            if news.contains(.head) {
                statuses[stream[].id] = stream[].response.status
                heads[stream[].id] = String(decoding: stream[].head.view.bytes, as: UTF8.self)
            }
            bodies[stream[].id, default: []] += stream[].input.view.bytes
            session.passedOn(stream, stream[].input.count)
            if news.contains(.closed) { endings[stream[].id] = stream[].ending }
        }
    }
}
