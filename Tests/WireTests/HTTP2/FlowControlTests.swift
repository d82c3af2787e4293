import Basics
import Testing

@testable import Wire

/// Nobody sends more than the other side has room for, and nobody keeps more than it promised.
@Suite("HTTP/2 flow control")
struct FlowControlTests {
    private func windowUpdates(_ bytes: [UInt8], of stream: UInt32) -> [UInt32] {
        ReadFrame.all(bytes).filter { $0.kind == .windowUpdate && $0.stream == stream }.map { $0.word(0) }
    }

    private func largeData(_ stream: UInt32, _ count: Int) -> [UInt8] {
        stride(from: 0, to: count, by: 16_000).flatMap { at in
            Frames.frame(.data, 0, stream, Array(repeating: 7, count: min(16_000, count - at)))
        }
    }

    @Test("the peer may send on only when its bytes were passed on")
    func windowsOpenByPassingOn() throws {
        let server = try openServer()
        server.reads = false
        server.receive(Frames.headers(1, Frames.post, end: false) + largeData(1, 60_000))
        #expect(windowUpdates(server.send(), of: 1) == [])
        let stream = try #require(server.known[1])
        #expect(stream[].input.count == 60_000)
        server.session.passedOn(stream, 60_000)
        #expect(windowUpdates(server.send(), of: 1) == [60_000])
    }

    @Test("more than a stream's window resets the stream")
    func beyondStreamWindow() throws {
        let server = try openServer()
        server.reads = false
        server.receive(Frames.headers(1, Frames.post, end: false) + largeData(1, 70_000))
        server.send()
        #expect(server.reset(1) == Code.flowControl)
        #expect(server.goaway == nil)
    }

    @Test("more than the connection's window ends the connection")
    func beyondConnectionWindow() throws {
        var limits = HTTP2Limits()
        limits.connectionWindow = 100_000
        let server = try openServer(limits)
        server.reads = false
        for id: UInt32 in [1, 3] {
            server.receive(Frames.headers(id, Frames.post, end: false) + largeData(id, 60_000))
        }
        server.send()
        #expect(server.goaway == Code.flowControl)
        #expect(server.context.faults[Int(HTTP2Fault.flowControl.rawValue)] == 1)
    }

    @Test("one stream that nobody reads does not stop the others")
    func streamsAreIndependent() throws {
        let server = try openServer()
        server.reads = false
        server.receive(Frames.headers(1, Frames.post, end: false) + largeData(1, 65_000))
        server.reads = true
        for _ in 0..<20 {
            let id = UInt32(server.known.count * 2 + 1)
            server.receive(Frames.headers(id, Frames.post, end: false) + largeData(id, 65_000))
            server.send()
        }
        #expect(server.goaway == nil)
        #expect(server.bodies.values.allSatisfy { $0.count == 65_000 })
    }

    @Test("DATA of streams that were given up keeps the connection's window open")
    func ignoredDataCounts() throws {
        var limits = HTTP2Limits()
        limits.connectionWindow = 100_000
        let server = try openServer(limits)
        for i in 0..<20 {
            let id = UInt32(i * 2 + 1)
            server.receive(Frames.headers(id, Frames.post, end: false))
            server.session.release(try #require(server.known[Int32(id)]))
            server.send()
            server.receive(largeData(id, 50_000))
            server.send()
        }
        #expect(server.goaway == nil)
    }

    @Test("an offer is bounded, and there is news when there is room again")
    func offersAreBounded() throws {
        let server = try openServer()
        server.receive(Frames.headers(1, Frames.get))
        let stream = try #require(server.known[1])
        server.context.block.begin(status: 200)
        server.session.respond(stream, with: server.context.block, hasBody: true)
        let much = [UInt8](repeating: 1, count: 200_000)
        #expect(much.withView { server.session.offer(stream, $0) } == 32 * 1024)
        #expect(server.session.room(stream) == 0)
        #expect(server.session.offer(stream, .empty) == 0)
        server.send()
        #expect(server.heard.last == "writable 1")
        #expect(server.session.room(stream) == 32 * 1024)
    }

    @Test("who finds no room hears when there is some, without an offer")
    func roomIsAskedFor() throws {
        let server = try openServer()
        server.receive(Frames.headers(1, Frames.get))
        let stream = try #require(server.known[1])
        server.context.block.begin(status: 200)
        server.session.respond(stream, with: server.context.block, hasBody: true)
        let whole = [UInt8](repeating: 1, count: 32 * 1024)
        #expect(!server.session.isFull(stream))
        #expect(whole.withView { server.session.offer(stream, $0) } == 32 * 1024)
        #expect(server.session.isFull(stream))
        server.send()
        #expect(server.heard.last == "writable 1")
        #expect(!server.session.isFull(stream))
    }

    @Test("what waits to be sent lies in a small piece while it is little, and arrives whole")
    func piecesOfBodies() throws {
        let server = try openServer()
        server.receive(Frames.frame(.settings, 0, 0, Frames.setting(4, 0)) + Frames.headers(1, Frames.get))
        let stream = try #require(server.known[1])
        server.context.block.begin(status: 200)
        server.session.respond(stream, with: server.context.block, hasBody: true)
        let body = (0..<60_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        var (offered, arrived): (Int, [UInt8]) = (0, [])
        func memory() -> [Int] { [server.context.pieces.lent, server.context.bodies.lent] }
        func offer(_ count: Int) {
            let piece = Array(body[offered..<offered + count])
            #expect(piece.withView { server.session.offer(stream, $0) } == count)
            offered += count
        }
        func open(_ count: UInt32) {
            server.receive(Frames.windowUpdate(0, count) + Frames.windowUpdate(1, count))
            let frames = ReadFrame.all(server.send()).filter { $0.kind == .data }
            arrived += frames.flatMap(\.payload)
        }
        offer(4_000)
        #expect(memory() == [1, 0])
        offer(96)
        #expect(memory() == [1, 0])
        offer(1)
        #expect(memory() == [0, 1])
        open(2)
        #expect(memory() == [1, 0])
        offer(28_000)
        #expect(memory() == [0, 1])
        open(16_000)
        #expect(memory() == [0, 1])
        open(15_000)
        #expect(memory() == [1, 0])
        offer(1_000)
        open(65_000)
        #expect(memory() == [0, 0])
        #expect(arrived == Array(body[..<offered]))
    }

    @Test("a peer whose window is closed gets the rest when it opens")
    func stalls() throws {
        let server = try openServer()
        server.receive(Frames.frame(.settings, 0, 0, Frames.setting(4, 10)) + Frames.headers(1, Frames.get))
        let stream = try #require(server.known[1])
        server.respond(stream, 200, "0123456789abcdef")
        server.send()
        #expect(stream[].sentCount == 10)
        server.receive(Frames.windowUpdate(1, 100))
        let frames = ReadFrame.all(server.send())
        #expect(frames.filter { $0.kind == .data }.flatMap(\.payload) == Array("abcdef".utf8))
        #expect(server.endings[1] == .complete)
    }

    @Test("what is sent fits into any buffer", arguments: [70, 100, 1_000, 9_000, 40_000])
    func smallBuffers(_ size: Int) throws {
        let server = try openServer()
        server.sendSize = size
        server.receive(Frames.headers(1, Frames.get))
        let stream = try #require(server.known[1])
        let value = String(repeating: "v", count: 900)
        let lines = (0..<5).map { "x-\($0): \(value)\r\n" }.joined()
        let body = [UInt8](repeating: 9, count: 20_000)
        lines.withView { lines in
            server.context.block.begin(status: 200)
            _ = server.context.block.add(lines: lines)
            server.session.respond(stream, with: server.context.block, hasBody: true)
        }
        #expect(body.withView { server.session.offer(stream, $0) } == 20_000)
        server.session.finish(stream)
        var turns = 0
        while server.endings[1] == nil, turns < 5_000 {
            server.send(once: true)
            turns += 1
        }
        let frames = ReadFrame.all(server.sent)
        if size > 1_100 {
            #expect(frames.filter { $0.kind == .data }.flatMap(\.payload) == body)
            #expect(server.endings[1] == .complete)
        } else {
            // A buffer below a kilobyte only ever carries what is not a body, or its last bytes.
            #expect(frames.contains { $0.kind == .headers })
        }
    }

    @Test("a frame is not cut short for want of a little room")
    func framesAreNotDribbled() throws {
        let server = try openServer()
        server.receive(Frames.headers(1, Frames.get))
        let stream = try #require(server.known[1])
        server.respond(stream, 200, String(repeating: "x", count: 30_000))
        server.sendSize = 20_000
        while server.session.hasMoreToSend { server.send(once: true) }
        let sizes = ReadFrame.all(server.sent).filter { $0.kind == .data }.map(\.payload.count)
        #expect(sizes.reduce(0, +) == 30_000)
        #expect(sizes.dropLast().allSatisfy { $0 >= 1_024 })
    }
}
