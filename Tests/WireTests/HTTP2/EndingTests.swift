import Basics
import Testing

@testable import Wire

/// Connections end without losing what was begun, and say what may be tried again.
@Suite("HTTP/2 endings")
struct EndingTests {
    private func goaways(_ bytes: [UInt8]) -> [UInt32] {
        ReadFrame.all(bytes).filter { $0.kind == .goaway }.map { $0.word(0) }
    }

    @Test("a drain first announces itself, and counts only when the peer has answered")
    func drain() throws {
        let client = try #require(Endpoint(isServer: false))
        let server = try #require(Endpoint(isServer: true))
        _ = client.request()
        exchange(client, server)
        server.session.beginDrain()
        #expect(goaways(server.send()) == [0x7FFF_FFFF])
        // The client has not heard of it yet.
        _ = client.request()
        server.receive(client.send())
        #expect(server.session.drain == .announced)
        client.receive(server.sent.suffix(17 + 17))
        server.receive(client.send())
        #expect(server.session.drain == .final)
        #expect(goaways(server.send()) == [3])
        #expect(server.known.keys.sorted() == [1, 3])
        for stream in server.known.values { server.respond(stream, 200, "late") }
        client.receive(server.send())
        #expect(server.session.isOver)
    }

    @Test("a drain can be made final at once")
    func finalDrain() throws {
        let server = try openServer()
        server.receive(Frames.headers(1, Frames.get))
        server.session.finishDrain()
        #expect(goaways(server.send()) == [1])
        server.receive(Frames.headers(3, Frames.get))
        #expect(server.known.keys.sorted() == [1])
        server.respond(try #require(server.known[1]), 200, "last")
        #expect(!server.session.isOver)
        server.send()
        #expect(server.session.isOver)
    }

    @Test("an idle connection that drains is over as soon as it has said so")
    func idleDrain() throws {
        let server = try openServer()
        server.session.finishDrain()
        server.send()
        #expect(server.session.isOver)
    }

    @Test("streams beyond the last one a GOAWAY counts may be tried again, the others go on")
    func goawayRefuses() throws {
        let client = try openClient()
        for _ in 0..<3 { _ = client.request() }
        client.send()
        client.receive(Frames.frame(.goaway, 0, 0, Frames.word(3) + Frames.word(0)))
        #expect(client.endings == [5: .refused])
        #expect(client.session.goaway?.lastStream == 3)
        #expect(client.session.roomForStreams == 0)
        #expect(client.request() == nil)
        client.receive(Frames.headers(1, [(":status", "200")]))
        #expect(client.endings[1] == .complete)
    }

    @Test("a request that waited when a GOAWAY came was never sent and may be tried again")
    func unsentIsRefused() throws {
        let client = try openClient()
        _ = client.request()
        client.receive(Frames.frame(.goaway, 0, 0, Frames.word(0) + Frames.word(0)))
        client.send()
        #expect(client.endings == [1: .refused])
    }

    @Test("REFUSED_STREAM says that it may be tried again, other codes do not")
    func refusedStream() throws {
        let client = try openClient()
        for _ in 0..<2 { _ = client.request() }
        client.send()
        client.receive(Frames.reset(1, 7) + Frames.reset(3, 2))
        #expect(client.endings == [1: .refused, 3: .resetByPeer(.internalError)])
    }

    @Test("a client counts the streams the server allows")
    func roomForStreams() throws {
        let client = try openClient()
        client.receive(Frames.frame(.settings, 0, 0, Frames.setting(3, 2)))
        #expect(client.session.roomForStreams == 2)
        for _ in 0..<2 { _ = try #require(client.request()) }
        #expect(client.session.roomForStreams == 0)
        #expect(client.request() == nil)
        client.send()
        client.receive(Frames.headers(1, [(":status", "200")]))
        #expect(client.session.roomForStreams == 1)
    }

    @Test("a client knows whether the server opens tunnels")
    func extendedConnect() throws {
        let client = try openClient()
        #expect(!client.session.peerAllowsExtendedConnect)
        client.receive(Frames.frame(.settings, 0, 0, Frames.setting(8, 1)))
        #expect(client.session.peerAllowsExtendedConnect)
    }

    @Test(
        "a tunnel that is denied stops its client, one that is opened may be half closed",
        arguments: [(UInt16(403), "no"), (403, ""), (200, "")])
    func deniedTunnel(status: UInt16, body: String) throws {
        var limits = HTTP2Limits()
        limits.allowsExtendedConnect = true
        let server = try openServer(limits)
        let opened = [
            (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "https"), (":authority", "a"),
            (":path", "/"),
        ]
        for id: UInt32 in [1, 3] { server.receive(Frames.headers(id, opened, end: false)) }
        server.respond(try #require(server.known[1]), status, body)
        // The same with an end that comes later.
        let other = try #require(server.known[3])
        server.context.block.begin(status: status)
        server.session.respond(other, with: server.context.block, hasBody: true)
        server.session.finish(other)
        server.send()
        #expect(server.reset(1) == 0)
        #expect(server.reset(3) == (status == 403 ? 0 : nil))
        #expect(server.endings[3] == (status == 403 ? .complete : nil))
    }

    @Test("a ping is answered or counted as missing")
    func keepAlive() throws {
        let client = try #require(Endpoint(isServer: false))
        let server = try #require(Endpoint(isServer: true))
        exchange(client, server)
        server.session.ping()
        server.session.ping()
        #expect(server.session.unansweredPings == 2)
        exchange(client, server)
        #expect(server.session.unansweredPings == 0)
    }

    @Test("quiet ends when it has lasted for long enough, and at once where no sign of life comes")
    func quiet() throws {
        let client = try #require(Endpoint(isServer: false))
        let server = try #require(Endpoint(isServer: true))
        exchange(client, server)
        let start: UInt64 = 7_000_000_000
        func after(_ milliseconds: UInt64) -> UInt64 { start + milliseconds * 1_000_000 }
        client.session.quietSince = start
        #expect(client.session.nextInterval(30, of: 50, now: start) == 30)
        #expect(client.session.endInterval(30, of: 50, now: after(30)) == .asked(next: 20))
        exchange(client, server)
        #expect(client.session.endInterval(30, of: 50, now: after(50)) == .over)
        #expect(client.session.endInterval(30, of: 0, now: after(90)) == .asked(next: 30), "without a limit")
        #expect(client.session.endInterval(30, of: 0, now: after(120)) == .lost)
        #expect(client.context.faults[Int(HTTP2Fault.unansweredPing.rawValue)] == 1)
        #expect(client.session.nextInterval(30, of: 50, now: after(200)) == 1, "never without a timer")
    }

    @Test("after a failure nothing but GOAWAY is sent, and everything that comes is passed over")
    func failure() throws {
        let server = try openServer()
        server.receive(Frames.headers(1, Frames.get))
        server.respond(try #require(server.known[1]), 200, "never sent")
        server.receive(
            Frames.frame(.headers, 1, 3, []) + (0..<9).flatMap { _ in Frames.frame(.continuation, 0, 3, []) })
        #expect(server.endings[1] == .connectionClosed)
        let frames = ReadFrame.all(server.send())
        #expect(frames.map(\.kind) == [.goaway])
        server.receive([UInt8](repeating: 0xFF, count: 10_000))
        #expect(server.session.isOver)
        #expect(!server.session.hasMoreToSend)
    }

    @Test("a fault that the library finds closes all streams too")
    func libraryFault() throws {
        let server = try openServer()
        server.receive(Frames.headers(1, Frames.get) + Frames.data(9, "idle"))
        server.send()
        #expect(server.session.failure == .brokenFraming)
        #expect(server.endings[1] == .connectionClosed)
        #expect(server.session.isOver)
    }
}
