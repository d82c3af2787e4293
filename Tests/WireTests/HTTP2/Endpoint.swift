import Basics
import Testing

@testable import Wire

/// One end of a connection: a session, what came out of it, and what was heard of its streams.
final class Endpoint {
    let context: HTTP2Context
    let session: HTTP2Session
    /// What happened, in order: `head 1`, `readable 1` and so on.
    var heard: [String] = []
    var sent: [UInt8] = []
    var bodies: [Int32: [UInt8]] = [:]
    var known: [Int32: Ref<HTTP2Stream>] = [:]
    /// Called for each piece of news before they are noted.
    var onNews: (Ref<HTTP2Stream>, HTTP2News) -> Void = { _, _ in }
    /// Whether bodies are read as they come.
    var reads = true
    /// How large the buffer is that is sent into.
    var sendSize = 16 * 1024 + 100
    var now: UInt64 = 1_000_000_000

    init?(isServer: Bool, _ limits: HTTP2Limits = HTTP2Limits()) {
        guard let context = HTTP2Context(isServer: isServer, limits: limits),
            let session = HTTP2Session(context)
        else { return nil }
        self.context = context
        self.session = session
    }

    /// Takes bytes as they would come from a socket, cut at the given places, and reads the news.
    func receive(_ bytes: [UInt8], cuts: [Int] = []) {
        var start = 0
        for end in cuts.filter({ $0 > 0 && $0 < bytes.count }) + [bytes.count] {
            var piece = Array(bytes[start..<end])
            while !piece.isEmpty {
                let taken = piece.withView { session.receive($0, now: now) }
                piece.removeFirst(taken)
                readNews()
            }
            start = end
        }
    }

    func readNews() {
        while let (stream, news) = session.next() {
            let id = stream[].id
            known[id] = stream
            onNews(stream, news)
            if news.contains(.interim) { heard.append("interim \(stream[].response.status)") }
            if news.contains(.head) { heard.append("head \(id)") }
            if news.contains(.readable) {
                heard.append("readable \(id)")
                if reads { read(stream) }
            }
            if news.contains(.writable) { heard.append("writable \(id)") }
            if news.contains(.closed) {
                heard.append("closed \(id)")
                endings[id] = stream[].ending
                faults[id] = stream[].fault
                if released.insert(id).inserted { session.release(stream) }
            }
        }
        context.streams.reclaim()
    }

    var endings: [Int32: HTTP2Stream.Ending] = [:]
    var faults: [Int32: HTTP2Fault] = [:]
    var released: Set<Int32> = []

    func read(_ stream: Ref<HTTP2Stream>) {
        let bytes = stream[].input.view.bytes
        guard !bytes.isEmpty else { return }
        bodies[stream[].id, default: []] += bytes
        session.passedOn(stream, bytes.count)
    }

    /// What the session has to send, at most one buffer of it if `once`.
    @discardableResult
    func send(once: Bool = false) -> [UInt8] {
        var all: [UInt8] = []
        repeat {
            var buffer = Buffer(capacity: sendSize)
            session.send(into: &buffer)
            all += buffer.view.bytes
            readNews()
            if buffer.isEmpty { break }
        } while !once
        sent += all
        return all
    }

    /// Answers with `status` and a body.
    func respond(_ stream: Ref<HTTP2Stream>, _ status: UInt16, _ body: String = "", trailers: String = "") {
        context.block.begin(status: status)
        session.respond(stream, with: context.block, hasBody: !body.isEmpty || !trailers.isEmpty)
        if !body.isEmpty { _ = body.withView { session.offer(stream, $0) } }
        if !body.isEmpty || !trailers.isEmpty { trailers.withView { session.finish(stream, trailers: $0) } }
    }

    /// Sends a request.
    func request(
        _ method: String = "GET", _ path: String = "/", hasBody: Bool = false, lines: String = ""
    ) -> Ref<HTTP2Stream>? {
        method.withView { method in
            path.withView { path in
                "a.example".withView { host in
                    lines.withView { lines in
                        context.block.begin(method: method, scheme: "https", authority: host, path: path)
                        guard context.block.add(lines: lines) else { return nil }
                        return session.request(
                            with: context.block, isHead: method.equals("HEAD"), hasBody: hasBody)
                    }
                }
            }
        }
    }

    /// The code of the GOAWAY that was sent, if one was.
    var goaway: UInt32? { ReadFrame.all(sent).last { $0.kind == .goaway }.map { $0.word(4) } }

    /// The code of the RST_STREAM that was sent for a stream.
    func reset(_ stream: UInt32) -> UInt32? {
        ReadFrame.all(sent).last { $0.kind == .rstStream && $0.stream == stream }.map { $0.word(0) }
    }
}

/// A server's side that has got a client's preface and settings, and whose own settings were acknowledged.
func openServer(_ limits: HTTP2Limits = HTTP2Limits()) throws -> Endpoint {
    let server = try #require(Endpoint(isServer: true, limits))
    server.receive(Frames.preface + Frames.emptySettings)
    server.send()
    server.receive(Frames.settingsAcknowledged)
    return server
}

/// A client's side that has got a server's settings, and whose own were acknowledged.
func openClient(_ limits: HTTP2Limits = HTTP2Limits()) throws -> Endpoint {
    let client = try #require(Endpoint(isServer: false, limits))
    client.send()
    client.receive(Frames.emptySettings + Frames.settingsAcknowledged)
    client.send()
    return client
}

/// Moves bytes between both ends, in pieces of random lengths, until neither has anything to say.
func exchange(_ one: Endpoint, _ other: Endpoint, seed: UInt64 = 0) {
    var random = SeededRandom(seed: seed)
    var isQuiet = false
    while !isQuiet {
        isQuiet = true
        for (from, to) in [(one, other), (other, one)] {
            let bytes = from.send()
            guard !bytes.isEmpty else { continue }
            isQuiet = false
            let cuts = seed == 0 ? [] : (0..<8).map { _ in Int.random(in: 0...bytes.count, using: &random) }
            to.receive(bytes, cuts: cuts.sorted())
        }
    }
}
