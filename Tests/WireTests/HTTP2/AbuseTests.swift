import Basics
import Testing

@testable import Wire

/// Floods end the connection with ENHANCE_YOUR_CALM and are counted; the same work done at leisure does not.
@Suite("HTTP/2 abuse")
struct AbuseTests {
    struct Flood: Sendable, CustomTestStringConvertible {
        var name: String
        var fault: HTTP2Fault
        /// One piece of it; `i` counts from 0.
        var piece: @Sendable (Int) -> [UInt8]
        var testDescription: String { name }
    }

    static let eight = [UInt8](repeating: 0, count: 8)

    static let floods = [
        Flood(name: "requests that are reset at once", fault: .resetFlood) {
            Frames.headers(UInt32($0 * 2 + 1), Frames.get) + Frames.reset(UInt32($0 * 2 + 1))
        },
        Flood(name: "resets of a stream that is closed", fault: .resetFlood) {
            ($0 == 0 ? Frames.headers(1, Frames.get) : []) + Frames.reset(1)
        },
        Flood(name: "SETTINGS", fault: .settingsFlood) { _ in Frames.emptySettings },
        Flood(name: "PING", fault: .pingFlood) { _ in Frames.frame(.ping, 0, 0, eight) },
        Flood(name: "acknowledgements of PING", fault: .pingFlood) { _ in Frames.frame(.ping, 1, 0, eight) },
        Flood(name: "PRIORITY", fault: .priorityFlood) { _ in Frames.frame(.priority, 0, 3, [0, 0, 0, 0, 1])
        },
        Flood(name: "WINDOW_UPDATE", fault: .windowUpdateFlood) { _ in Frames.windowUpdate(0, 1) },
        Flood(name: "empty DATA", fault: .emptyDataFlood) {
            ($0 == 0 ? Frames.headers(1, Frames.post, end: false) : []) + Frames.data(1, "")
        },
        Flood(name: "DATA that is only padding", fault: .emptyDataFlood) {
            ($0 == 0 ? Frames.headers(1, Frames.post, end: false) : [])
                + Frames.frame(.data, 8, 1, [2, 0, 0])
        },
        Flood(name: "empty DATA of a closed stream", fault: .emptyDataFlood) {
            ($0 == 0 ? Frames.headers(1, Frames.post, end: false) + Frames.reset(1) : []) + Frames.data(1, "")
        },
        Flood(name: "unknown frames", fault: .unknownFrameFlood) { _ in Frames.frame(.unknown, 0, 0, []) },
        Flood(name: "GOAWAY", fault: .unknownFrameFlood) { _ in Frames.frame(.goaway, 0, 0, eight) },
    ]

    @Test("a flood ends the connection with the right code and is counted", arguments: floods)
    func floodsEnd(_ flood: Flood) throws {
        let server = try openServer()
        for i in 0..<4_000 where server.session.failure == nil {
            server.receive(flood.piece(i))
            server.send()
        }
        server.send()
        #expect(server.session.failure == flood.fault)
        #expect(server.goaway == Code.calm)
        #expect(server.context.faults[Int(flood.fault.rawValue)] == 1)
        #expect(server.session.isOver)
        #expect(server.context.streams.count == 0)
    }

    @Test(
        "a flood keeps no more than its streams may, whether its peer reads or not", arguments: floods,
        [true, false])
    func floodsKeepLittle(_ flood: Flood, reads: Bool) throws {
        let server = try openServer()
        server.reads = reads
        for i in 0..<4_000 where server.session.failure == nil {
            server.receive(flood.piece(i))
            if reads { server.send() }
            try #require(server.context.streams.count <= 256)
            try #require(server.context.heads.lent <= 256 && server.context.bodies.lent <= 512)
        }
        #expect(server.session.failure != nil)
        server.session.close()
        server.readNews()
        #expect(server.context.heads.lent == 0 && server.context.bodies.lent == 0)
        #expect(server.context.streams.count == 0)
    }

    @Test("the same, four times a second, is none", arguments: floods)
    func leisureIsFine(_ flood: Flood) throws {
        let server = try openServer()
        for i in 0..<1_000 {
            server.now += 250_000_000
            server.receive(flood.piece(i))
            server.send()
        }
        #expect(server.session.failure == nil)
    }

    @Test("pings and window updates that answer our DATA are none")
    func workPays() throws {
        let server = try openServer()
        server.receive(
            Frames.windowUpdate(0, 1_000_000_000)
                + Frames.frame(.settings, 0, 0, Frames.setting(4, 0x7FFF_FFFF)))
        server.receive(Frames.headers(1, Frames.get))
        let stream = try #require(server.known[1])
        server.context.block.begin(status: 200)
        server.session.respond(stream, with: server.context.block, hasBody: true)
        let piece = [UInt8](repeating: 1, count: 1_000)
        for _ in 0..<5_000 {
            #expect(piece.withView { server.session.offer(stream, $0) } == 1_000)
            server.send()
            server.receive(
                Frames.frame(.ping, 0, 0, Self.eight) + Frames.windowUpdate(0, 1) + Frames.windowUpdate(1, 1))
        }
        #expect(server.session.failure == nil)
    }

    @Test("a window opened byte by byte is a flood although every byte is answered")
    func dribble() throws {
        let server = try openServer()
        server.receive(Frames.frame(.settings, 0, 0, Frames.setting(4, 0)) + Frames.headers(1, Frames.get))
        server.respond(try #require(server.known[1]), 200, String(repeating: "x", count: 30_000))
        for _ in 0..<10_000 where server.session.failure == nil {
            server.receive(Frames.windowUpdate(1, 1))
            server.send()
        }
        #expect(server.session.failure == .windowUpdateFlood)
    }

    @Test("CONTINUATION frames are bounded, also in heads that are passed over")
    func continuations() throws {
        let server = try openServer()
        server.receive(Frames.headers(1, Frames.post, end: false) + Frames.reset(1))
        server.receive(Frames.frame(.headers, 1, 1, []))
        for _ in 0..<8 { server.receive(Frames.frame(.continuation, 0, 1, [])) }
        #expect(server.session.failure == nil)
        #expect(server.session.isInsideHead)
        server.receive(Frames.frame(.continuation, 0, 1, []))
        #expect(server.session.failure == .continuationFlood)
    }

    @Test("a small head that unpacks to a huge one ends the connection")
    func headerBomb() throws {
        let server = try openServer()
        // One entry of 3.9 KiB, and then its index, a byte each time.
        let entry = [0x40] + Frames.string("x") + Frames.string(String(repeating: "a", count: 3_900))
        server.receive(Frames.frame(.headers, 5, 1, Frames.block(Frames.get) + entry))
        server.receive(
            Frames.frame(.headers, 5, 3, Frames.block(Frames.get) + Array(repeating: 0xBE, count: 16_000)))
        server.send()
        #expect(server.session.failure == .headerBomb)
        #expect(server.goaway == Code.calm)
    }

    @Test("a head that is only too large is answered, and the connection goes on")
    func largeHeadIsAnswered() throws {
        let server = try openServer()
        let entry = [0x40] + Frames.string("x") + Frames.string(String(repeating: "a", count: 3_900))
        var refusal: HeadError?
        server.onNews = { [unowned server] stream, news in
            guard news.contains(.head) else { return }
            refusal = stream[].refusal
            server.respond(stream, stream[].refusal?.status ?? 200)
        }
        server.receive(Frames.frame(.headers, 5, 1, Frames.block(Frames.get) + entry))
        server.receive(
            Frames.frame(.headers, 5, 3, Frames.block(Frames.get) + Array(repeating: 0xBE, count: 20)))
        server.send()
        #expect(refusal == .headTooLong)
        #expect(server.endings[3] == .complete)
        #expect(server.session.failure == nil)
    }

    @Test("more streams than allowed are refused, and end the connection once the peer knows the limit")
    func concurrency() throws {
        var limits = HTTP2Limits()
        limits.streams = 2
        let server = try #require(Endpoint(isServer: true, limits))
        server.receive(Frames.preface + Frames.emptySettings)
        server.receive([1, 3, 5].flatMap { Frames.headers($0, Frames.get) })
        server.send()
        #expect(server.reset(5) == Code.refused)
        #expect(server.session.openStreams == 2)
        server.receive(Frames.settingsAcknowledged + Frames.headers(7, Frames.get))
        server.send()
        #expect(server.goaway == Code.protocolError)
    }

    @Test("streams beyond the limit end the connection of a peer that will not know of it")
    func refusedStreams() throws {
        let server = try #require(Endpoint(isServer: true))
        server.receive(Frames.preface + Frames.emptySettings)
        for i in 0..<1_000 where server.session.failure == nil {
            server.receive(Frames.headers(UInt32(i * 2 + 1), Frames.get))
            server.send()
        }
        #expect(server.session.failure == .streamFlood)
        #expect(server.goaway == Code.calm)
    }

    @Test("what waits for one stream's window leaves the others a part of the memory")
    func sharedSendBuffers() throws {
        let server = try openServer()
        server.receive(Frames.frame(.settings, 0, 0, Frames.setting(4, 0)))
        let much = [UInt8](repeating: 2, count: 100_000)
        func open(_ id: Int32) throws -> Int {
            server.receive(Frames.headers(UInt32(id), Frames.get))
            let stream = try #require(server.known[id])
            server.context.block.begin(status: 200)
            server.session.respond(stream, with: server.context.block, hasBody: true)
            return much.withView { server.session.offer(stream, $0) }
        }
        let limits = HTTP2Limits()
        let others = limits.sendBuffers / limits.sendBuffer
        for i in 0..<others { #expect(try open(Int32(i * 2 + 1)) == limits.sendBuffer) }
        #expect(try open(33) == limits.leastSendBuffer)
        // One goes, and there is room for another.
        server.receive(Frames.reset(1))
        server.send()
        #expect(try open(35) == limits.sendBuffer)
        // A small one goes on when its own bytes have gone out.
        let stream = try #require(server.known[33])
        server.receive(Frames.windowUpdate(33, 65_000) + Frames.reset(3))
        server.send()
        #expect(server.session.room(stream) == limits.sendBuffer)
    }

    @Test("a stream that is reset while its head arrives leaves nothing behind")
    func resetInsideHead() throws {
        let server = try openServer()
        server.receive(Frames.frame(.headers, 1, 1, Frames.block(Frames.get)))
        server.session.close()
        server.readNews()
        #expect(server.heard == [])
        #expect(server.context.streams.count == 0)
    }

    @Test("a peer that reads nothing can not make frames wait without bound")
    func unreadFrames() throws {
        var limits = HTTP2Limits()
        limits.streams = 1
        limits.refusals.burst = 10_000
        let server = try #require(Endpoint(isServer: true, limits))
        server.receive(Frames.preface + Frames.emptySettings)
        for i in 0..<5_000 where server.session.failure == nil {
            server.receive(Frames.headers(UInt32(i * 2 + 1), Frames.get))
        }
        #expect(server.session.failure == .unreadFrames)
        server.send()
        #expect(server.goaway == Code.calm)
    }

    @Test("acknowledgements that nobody reads are bounded too")
    func unreadAcknowledgements() throws {
        let server = try openServer()
        for _ in 0..<1_000 where server.session.failure == nil {
            server.now += 1_000_000_000
            server.receive(Frames.frame(.ping, 0, 0, Self.eight))
        }
        #expect(server.session.failure == .unreadFrames)
    }

    @Test("streams that are given up for standing still are counted; a peer of many loses its connection")
    func stalls() throws {
        let server = try openServer()
        let burst = Int(server.context.limits.stalls.burst)
        for _ in 0..<burst { server.session.noteStall(now: 1_000_000_000) }
        #expect(server.session.failure == nil)
        server.session.noteStall(now: 1_000_000_000)
        #expect(server.session.failure == .stalledStreams)
        server.send()
        #expect(server.goaway == Code.calm)
        #expect(server.context.faults[Int(HTTP2Fault.stalledStream.rawValue)] == UInt64(burst + 1))
        #expect(server.context.faults[Int(HTTP2Fault.stalledStreams.rawValue)] == 1)
    }

    @Test("something that is not HTTP/2 ends at once")
    func notHTTP2() throws {
        let server = try #require(Endpoint(isServer: true))
        server.receive(Array("GET / HTTP/1.1\r\n\r\n".utf8))
        #expect(server.session.failure == .badPreface)
        server.send()
        #expect(server.goaway == Code.protocolError)
    }

    @Test("what a connection keeps is bounded, whatever its streams leave unread and unsent")
    func memoryIsBounded() throws {
        let server = try openServer()
        server.reads = false
        let value = String(repeating: "v", count: 30_000)
        let limits = HTTP2Limits()
        for i in 0..<100 {
            let id = UInt32(i * 2 + 1)
            let block = Frames.block(Frames.post + [("x", value)])
            server.receive(Frames.frame(.headers, 0, id, Array(block.prefix(16_000))))
            server.receive(Frames.frame(.continuation, 4, id, Array(block.dropFirst(16_000))))
            server.receive(Frames.frame(.data, 0, id, Array(repeating: 1, count: 10_000)))
            let stream = try #require(server.known[Int32(id)])
            server.context.block.begin(status: 200)
            server.session.respond(stream, with: server.context.block, hasBody: true)
            let much = [UInt8](repeating: 2, count: 1_000_000)
            let room = i < limits.sendBuffers / limits.sendBuffer ? limits.sendBuffer : limits.leastSendBuffer
            #expect(much.withView { server.session.offer(stream, $0) } == room)
        }
        var kept = 0
        for stream in server.known.values {
            kept += Int(stream[].head.capacity) + stream[].input.count + stream[].output.count
        }
        #expect(server.session.failure == nil)
        #expect(kept < 100 * (70_100 + limits.leastSendBuffer) + limits.sendBuffers)
        let large = limits.sendBuffers / limits.sendBuffer
        #expect(server.context.bodies.lent == 100 + large)
        #expect(server.context.pieces.lent == 100 - large)
        server.session.close()
        server.readNews()
        #expect(server.context.bodies.lent == 0)
        #expect(server.context.pieces.lent == 0)
        #expect(server.context.heads.lent == 0)
        #expect(server.context.streams.count == 0)
    }
}
