import Basics
import Testing

@testable import Wire

/// Two sessions back to back: what one says the other hears, however the bytes are cut.
@Suite("HTTP/2 session")
struct SessionTests {
    private func pair(_ limits: HTTP2Limits = HTTP2Limits()) throws -> (client: Endpoint, server: Endpoint) {
        let client = try #require(Endpoint(isServer: false, limits))
        let server = try #require(Endpoint(isServer: true, limits))
        return (client, server)
    }

    private func random(_ count: Int, _ seed: UInt64) -> [UInt8] {
        var random = SeededRandom(seed: seed)
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    /// Sends as much of `bytes` as there is room for, and the rest whenever there is.
    private func feed(_ endpoint: Endpoint, _ bytes: [UInt8], trailers: String = "") -> (Ref<HTTP2Stream>) ->
        Void
    {
        var rest = bytes[...]
        return { [unowned endpoint] stream in
            let taken = Array(rest).withView { endpoint.session.offer(stream, $0) }
            rest = rest.dropFirst(taken)
            if rest.isEmpty { trailers.withView { endpoint.session.finish(stream, trailers: $0) } }
        }
    }

    @Test("a request is answered, and both ends hear the end", arguments: 0..<20 as Range<UInt64>)
    func unary(_ seed: UInt64) throws {
        let (client, server) = try pair()
        server.onNews = { [unowned server] stream, news in
            if news.contains(.head) { server.respond(stream, 200, "hello") }
        }
        let stream = try #require(client.request())
        exchange(client, server, seed: seed)
        #expect(client.bodies[stream[].id] == Array("hello".utf8))
        #expect(client.endings[1] == .complete)
        #expect(server.endings[1] == .complete)
        #expect(client.session.openStreams == 0)
        #expect(server.context.streams.count == 0)
        #expect(client.context.streams.count == 0)
    }

    @Test(
        "large bodies pass both ways at once, through windows and buffers", arguments: 1..<12 as Range<UInt64>
    )
    func streaming(_ seed: UInt64) throws {
        var limits = HTTP2Limits()
        limits.connectionWindow = 100_000
        let (client, server) = try pair(limits)
        let (up, down) = (random(300_000 + Int(seed) * 777, seed), random(400_000, seed + 100))
        let answer = feed(server, down, trailers: "grpc-status: 0\r\n")
        server.onNews = { [unowned server] stream, news in
            if news.contains(.head) {
                server.context.block.begin(status: 200)
                server.session.respond(stream, with: server.context.block, hasBody: true)
            }
            if news.contains(.head) || news.contains(.writable) { answer(stream) }
        }
        let ask = feed(client, up)
        var trailers = ""
        client.onNews = { stream, news in
            if news.contains(.writable) { ask(stream) }
            if stream[].isEnded { trailers = stream[].trailers.view.text }
        }
        let stream = try #require(client.request("POST", hasBody: true))
        ask(stream)
        exchange(client, server, seed: seed)
        #expect(server.bodies[1] == up)
        #expect(client.bodies[1] == down)
        #expect(trailers == "grpc-status: 0\r\n")
        #expect(client.endings[1] == .complete)
        #expect(server.endings[1] == .complete)
    }

    @Test("many streams share a connection", arguments: 1..<6 as Range<UInt64>)
    func manyStreams(_ seed: UInt64) throws {
        let (client, server) = try pair()
        server.onNews = { [unowned server] stream, news in
            guard news.contains(.head) else { return }
            server.respond(stream, 200, String(repeating: "x", count: Int(stream[].id)))
        }
        for _ in 0..<5 {
            for _ in 0..<64 { _ = try #require(client.request()) }
            exchange(client, server, seed: seed)
        }
        #expect(client.endings.count == 320)
        #expect(client.endings.values.allSatisfy { $0 == .complete })
        #expect(client.bodies.allSatisfy { $1.count == Int($0) })
        #expect(server.context.streams.count == 0)
    }

    @Test("streams with much to send are served in turn")
    func fairness() throws {
        let server = try openServer()
        server.sendSize = 4_000
        server.receive(Frames.windowUpdate(0, 1_000_000))
        server.onNews = { [unowned server] stream, news in
            if news.contains(.head) { server.respond(stream, 200, String(repeating: "x", count: 30_000)) }
        }
        server.receive([1, 3, 5].flatMap { Frames.headers($0, Frames.get) })
        var order: [UInt32] = []
        while server.session.hasMoreToSend, order.count < 12 {
            order += ReadFrame.all(server.send(once: true)).filter { $0.kind == .data }.map(\.stream)
        }
        #expect(Set(order.prefix(4)) == [1, 3, 5])
    }

    @Test("an answer of fields alone ends the stream")
    func headersOnly() throws {
        let (client, server) = try pair()
        server.onNews = { [unowned server] stream, news in
            if news.contains(.head) { server.respond(stream, 204) }
        }
        var status: UInt16 = 0
        client.onNews = { stream, news in
            if news.contains(.head) { status = stream[].response.status }
        }
        _ = client.request()
        exchange(client, server)
        #expect(status == 204)
        #expect(client.heard == ["head 1", "closed 1"])
    }

    @Test("interim answers are heard one by one before the final one", arguments: 0..<8 as Range<UInt64>)
    func interim(_ seed: UInt64) throws {
        let (client, server) = try pair()
        server.onNews = { [unowned server] stream, news in
            guard news.contains(.head) else { return }
            for status: UInt16 in [103, 100, 103] {
                server.context.block.begin(status: status)
                server.session.interim(stream, with: server.context.block)
            }
            server.respond(stream, 200)
        }
        _ = client.request()
        exchange(client, server, seed: seed)
        #expect(client.heard == ["interim 103", "interim 100", "interim 103", "head 1", "closed 1"])
    }

    @Test("trailers pass from client to server")
    func requestTrailers() throws {
        let (client, server) = try pair()
        var trailers = ""
        server.onNews = { stream, _ in if stream[].isEnded { trailers = stream[].trailers.view.text } }
        let stream = try #require(client.request("POST", hasBody: true))
        _ = "abc".withView { client.session.offer(stream, $0) }
        "x-sum: 7\r\nX-Other: b\r\n".withView { client.session.finish(stream, trailers: $0) }
        exchange(client, server)
        #expect(trailers == "x-sum: 7\r\nx-other: b\r\n")
    }

    @Test("trailers without a body need no DATA")
    func trailersOnly() throws {
        let (client, server) = try pair()
        server.onNews = { [unowned server] stream, news in
            if news.contains(.head) { server.respond(stream, 200, trailers: "grpc-status: 12\r\n") }
        }
        _ = client.request()
        exchange(client, server)
        #expect(client.endings[1] == .complete)
        #expect(!ReadFrame.all(server.sent).contains { $0.kind == .data })
    }

    @Test("an answer's fields become the head HTTP/1 would have had")
    func responseMapping() throws {
        let (client, server) = try pair()
        server.onNews = { [unowned server] stream, news in
            guard news.contains(.head) else { return }
            let lines =
                "Server: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n"
            lines.withView { lines in
                server.context.block.begin(status: 404)
                #expect(server.context.block.add(lines: lines))
                server.session.respond(stream, with: server.context.block, hasBody: true)
            }
            _ = "hi".withView { server.session.offer(stream, $0) }
            server.session.finish(stream)
        }
        var kept = ""
        client.onNews = { stream, news in
            guard news.contains(.head) else { return }
            let head = stream[].head.viewFromBase
            #expect(head[stream[].response.reason.indices].text == "Not Found")
            #expect(stream[].response.framing == .length(2))
            var buffer = Buffer(capacity: 1_000)
            buffer.write { stream[].response.fields.writeKept(from: head, to: &$0, dropping: HeaderNames()) }
            kept = buffer.view.text
        }
        _ = client.request()
        exchange(client, server)
        #expect(kept == "server: x\r\n")
        #expect(client.bodies[1] == Array("hi".utf8))
    }

    @Test("an answer before the request's end stops the request without an error")
    func earlyAnswer() throws {
        let (client, server) = try pair()
        server.onNews = { [unowned server] stream, news in
            if news.contains(.head) { server.respond(stream, 413, "no") }
        }
        let stream = try #require(client.request("POST", hasBody: true))
        _ = "abc".withView { client.session.offer(stream, $0) }
        exchange(client, server)
        #expect(server.reset(1) == 0)
        #expect(client.bodies[1] == Array("no".utf8))
        #expect(client.endings[1] == .complete)
        #expect(server.endings[1] == .complete)
    }

    @Test("a stream that one end gives up is closed at the other")
    func resets() throws {
        let (client, server) = try pair()
        server.onNews = { [unowned server] stream, news in
            if news.contains(.head) { server.session.reset(stream, .internalError) }
        }
        _ = client.request()
        exchange(client, server)
        #expect(client.endings[1] == .resetByPeer(.internalError))
        #expect(server.endings[1] == .resetByUs)
    }

    @Test("a stream released while it is open is reset and forgotten, and its bytes count as read")
    func releasedEarly() throws {
        let server = try openServer()
        server.reads = false
        server.receive(Frames.headers(1, Frames.post, end: false) + Frames.data(1, "unread"))
        let stream = try #require(server.known[1])
        server.session.release(stream, resettingWith: .cancel)
        server.send()
        #expect(server.reset(1) == 8)
        #expect(server.context.streams.count == 0)
        server.receive(Frames.data(1, "more", end: true))
        #expect(server.goaway == nil)
    }

    @Test("a closed socket closes all streams")
    func closing() throws {
        let server = try openServer()
        server.receive(Frames.headers(1, Frames.get) + Frames.headers(3, Frames.post, end: false))
        server.session.close()
        server.readNews()
        #expect(server.endings == [1: .connectionClosed, 3: .connectionClosed])
        #expect(server.context.streams.count == 0)
        #expect(server.session.isOver)
    }

    @Test("a session that is dropped gives its streams back")
    func dropping() throws {
        let context = try #require(HTTP2Context(isServer: true))
        do {
            let session = try #require(HTTP2Session(context))
            let bytes = Frames.preface + Frames.emptySettings + Frames.headers(1, Frames.get)
            #expect(bytes.withView { session.receive($0, now: 1) } == bytes.count)
            #expect(context.streams.count == 1)
        }
        #expect(context.streams.count == 0)
    }

    @Test("the owner's word stays with the stream")
    func ownersWord() throws {
        let server = try openServer()
        server.onNews = { stream, news in if news.contains(.head) { stream[].owner = 4711 } }
        server.receive(Frames.headers(1, Frames.post, end: false))
        var word: UInt64 = 0
        server.onNews = { stream, _ in word = stream[].owner }
        server.receive(Frames.data(1, "x"))
        #expect(word == 4711)
    }
}
