import Basics
import Testing

@testable import Wire

/// A stream as the transport of a client.
@Suite("A stream's channel")
struct StreamChannelTests {
    /// A server that was sent a head and `body`, and the transport of that stream.
    private func opened(_ body: String, ends: Bool) throws -> (server: HTTP2Session, stream: Ref<HTTP2Stream>)
    {
        let client = try #require(Endpoint(isServer: false))
        let context = try #require(HTTP2Context(isServer: true))
        let server = try #require(HTTP2Session(context))
        let stream = try #require(client.request("POST", hasBody: true))
        _ = body.withView { client.session.offer(stream, $0) }
        if ends { client.session.finish(stream) }
        client.send().withView { _ = server.receive($0, now: 1) }
        let (opened, news) = try #require(server.next())
        #expect(news.contains(.head))
        return (server, opened)
    }

    private func text(_ buffer: borrowing Buffer) -> String {
        String(decoding: buffer.view.bytes, as: UTF8.self)
    }

    @Test("it reads what came, then nothing, then the end")
    func reading() throws {
        let (server, stream) = try opened("hello", ends: true)
        var transport = Transport(StreamChannel(Unmanaged.passUnretained(server), stream))
        var buffer = Buffer(capacity: 100)
        #expect((transport.canRead, transport.isStream) == (true, true))
        #expect(transport.read(into: &buffer, most: 3) == .bytes(3))
        #expect((transport.canRead, transport.isClosed) == (true, false))
        #expect(transport.read(into: &buffer, most: 3) == .bytes(2))
        #expect(text(buffer) == "hello")
        #expect(transport.read(into: &buffer, most: 3) == .closed)
        transport.close()
        #expect((transport.canRead, transport.isClosed) == (false, true))
    }

    @Test("it would block where more may come")
    func blocking() throws {
        let (server, stream) = try opened("x", ends: false)
        var transport = Transport(StreamChannel(Unmanaged.passUnretained(server), stream))
        var buffer = Buffer(capacity: 100)
        #expect(transport.read(into: &buffer) == .bytes(1))
        #expect(transport.read(into: &buffer) == .wouldBlock)
        transport.close()
    }

    @Test("a write takes what there is room for, and then waits")
    func writing() throws {
        let (server, stream) = try opened("x", ends: true)
        var transport = Transport(StreamChannel(Unmanaged.passUnretained(server), stream))
        server.context.block.begin(status: 200)
        server.respond(stream, with: server.context.block, hasBody: true)
        let room = server.room(stream)
        let bytes = [UInt8](repeating: 7, count: room + 1)
        #expect(bytes.withView { transport.write($0) } == .bytes(room))
        #expect(bytes.withView { transport.write($0) } == .wouldBlock)
        transport.close()
    }

    @Test("what came can be read when the connection is gone, and nobody else holds its session")
    func survivesItsConnection() throws {
        var (session, stream): (HTTP2Session?, Ref<HTTP2Stream>) = try opened("left over", ends: true)
        weak let watched = session
        var transport = try Transport(
            StreamChannel(Unmanaged.passUnretained(#require(session)), stream))
        session?.close()
        session = nil
        var buffer = Buffer(capacity: 100)
        #expect(transport.read(into: &buffer) == .bytes(9))
        #expect(text(buffer) == "left over")
        transport.close()
        #expect(watched == nil)
    }
}
