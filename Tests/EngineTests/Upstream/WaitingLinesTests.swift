import Testing
import Wire

@testable import Engine

@Suite("Waiting lines")
struct WaitingLinesTests {
    private let servers = (0..<3).map { place in
        ServerState(address: SocketAddress(), name: "s\(place)", identity: "", workers: 1)
    }
    private var lines = WaitingLines()

    /// Somebody known by a number.
    private mutating func join(_ request: UInt64, at server: Int? = nil, turn: UInt64? = nil)
        -> WaitingLines.Ticket
    {
        lines.join(worker: Int(request % 2), request: request, server: server.map { servers[$0] }, turn: turn)
            .ticket
    }

    /// Grants a server's places until nobody is left, and tells who got them.
    private mutating func serve(_ server: Int, takesCommon: Bool = true, most: Int = .max) -> [UInt64] {
        var served: [UInt64] = []
        while served.count < most, let grant = lines.next(for: servers[server], takesCommon: takesCommon) {
            served.append(lines.claim(grant.ticket) ?? 0)
        }
        return served
    }

    @Test("nobody waits at first")
    mutating func empty() {
        #expect(!lines.hasNext(for: servers[0], takesCommon: true))
        #expect(serve(0) == [])
        #expect(lines.count == 0)
    }

    @Test("the common line is served in the order of arrival, whichever worker it came from")
    mutating func common() {
        for request in 1...9 { _ = join(UInt64(request)) }
        #expect(lines.count(at: nil) == 9)
        #expect(serve(2, most: 4) == [1, 2, 3, 4])
        #expect(serve(0) == [5, 6, 7, 8, 9])
        #expect(lines.count == 0)
    }

    @Test("a grant names the worker whose request it is")
    mutating func worker() {
        _ = join(7)
        _ = join(8)
        #expect(lines.next(for: servers[0], takesCommon: true)?.worker == 1)
        #expect(lines.next(for: servers[0], takesCommon: true)?.worker == 0)
    }

    @Test("of the two lines a server may serve, whoever came first is next")
    mutating func merged() {
        for (request, server) in [(1, 0), (2, nil), (3, 1), (4, nil), (5, 0)] as [(UInt64, Int?)] {
            _ = join(request, at: server)
        }
        #expect(serve(0) == [1, 2, 4, 5])
        #expect(serve(0) == [])
        #expect(serve(1) == [3])
    }

    @Test("a server that takes nobody new serves its own line alone")
    mutating func drained() {
        for (request, server) in [(1, nil), (2, 0), (3, nil)] as [(UInt64, Int?)] {
            _ = join(request, at: server)
        }
        #expect(!lines.hasNext(for: servers[1], takesCommon: false))
        #expect(serve(0, takesCommon: false) == [2])
        #expect(serve(1) == [1, 3])
    }

    @Test("everybody is told how many stand before, in that line")
    mutating func ahead() {
        var found: [Int] = []
        for server in [nil, 0, nil, 0, 0, 1] as [Int?] {
            found.append(
                lines.join(worker: 0, request: 8, server: server.map { servers[$0] }).ahead)
        }
        #expect(found == [0, 0, 1, 1, 2, 0])
        #expect(lines.count == 6)
        #expect(lines.count(at: servers[0]) == 3)
        #expect(lines.count(at: servers[2]) == 0)
    }

    @Test("whoever leaves makes nobody else wait longer", arguments: 1...4)
    mutating func leaving(who: UInt64) {
        let tickets = (1...4).map { join(UInt64($0)) }
        guard case .waited = lines.leave(tickets[Int(who) - 1]) else { return #expect(Bool(false)) }
        #expect(lines.count == 3)
        #expect(serve(0) == [1, 2, 3, 4].filter { $0 != who })
    }

    @Test("nobody leaves or claims twice, also when others have come since")
    mutating func stale() {
        let first = join(1)
        _ = lines.leave(first)
        let second = join(2)
        guard case .unknown = lines.leave(first) else { return #expect(Bool(false)) }
        #expect(lines.claim(first) == nil)
        #expect(lines.claim(second) == nil, "nothing was granted")
        #expect(serve(0) == [2])
        guard case .unknown = lines.leave(second) else { return #expect(Bool(false)) }
    }

    @Test("who leaves with a place on its way is told where, and nobody can claim it any more")
    mutating func leavingGranted() throws {
        let ticket = join(1)
        _ = join(2)
        let found = lines.next(for: servers[1], takesCommon: true)
        let grant = try #require(found)
        #expect(lines.count == 1)
        guard case .granted(let server) = lines.leave(ticket) else { return #expect(Bool(false)) }
        #expect(server === servers[1])
        #expect(lines.claim(grant.ticket) == nil)
        #expect(serve(1) == [2])
    }

    @Test("who comes back with its turn stands where it stood")
    mutating func comingBack() {
        let tickets = (1...5).map { lines.join(worker: 0, request: UInt64($0), server: nil) }
        for place in [2, 0] { _ = lines.leave(tickets[place].ticket) }
        _ = join(3, turn: tickets[2].turn)
        _ = join(1, turn: tickets[0].turn)
        _ = join(6)
        #expect(serve(0) == [1, 2, 3, 4, 5, 6])
    }

    @Test("who comes back may stand in another line, with its turn")
    mutating func movingOver() {
        let first = lines.join(worker: 0, request: 1, server: servers[0])
        _ = join(2, at: 1)
        _ = lines.leave(first.ticket)
        _ = join(1, at: 1, turn: first.turn)
        #expect(serve(1) == [1, 2])
    }

    @Test("a long line gives its memory back and goes on")
    mutating func long() {
        for request in 1...5_000 { _ = join(UInt64(request), at: request % 3) }
        #expect(serve(0).count + serve(1).count + serve(2).count == 5_000)
        _ = join(1)
        #expect(serve(0) == [1])
    }
}
