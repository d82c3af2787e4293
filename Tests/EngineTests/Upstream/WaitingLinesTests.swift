import Model
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
    private mutating func join(_ request: UInt64, at server: Int? = nil, turn: WaitingLines.Turn? = nil)
        -> WaitingLines.Ticket
    {
        lines.join(worker: Int(request % 2), request: request, server: server.map { servers[$0] }, turn: turn)
            .ticket
    }

    /// Grants a server's places until nobody is left, and tells who got them.
    private mutating func serve(_ server: Int, takesCommon: Bool = true, most: Int = .max) -> [UInt64] {
        var served: [UInt64] = []
        while served.count < most, let grant = lines.next(for: servers[server], takesCommon: takesCommon) {
            served.append(lines.claim(grant.ticket)?.request ?? 0)
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

    /// Somebody with a priority.
    private mutating func join(
        _ request: UInt64, at server: Int? = nil, _ level: Int, _ offset: Int, now: UInt64
    ) {
        let priority = QueuePriority(level: level, offset: offset)
        _ = lines.join(
            worker: 0, request: request, server: server.map { servers[$0] }, priority: priority, now: now)
    }

    @Test("classes come before everything, and offsets move within them")
    mutating func priorities() {
        for (request, level, offset) in [
            (1, 0, 0), (2, 1, 0), (3, -1, 0), (4, 0, -500), (5, 0, 200), (6, -1, 50),
        ] {
            join(UInt64(request), level, offset, now: 1_000 + UInt64(request) * 100)
        }
        #expect(serve(0) == [3, 6, 4, 1, 5, 2])
    }

    @Test("priorities count in a server's line and against the common one")
    mutating func prioritiesOfLines() {
        join(1, 0, 0, now: 10)
        join(2, at: 0, -5, 0, now: 20)
        join(3, at: 0, 5, 0, now: 5)
        join(4, 0, 0, now: 7)
        #expect(serve(0) == [2, 1, 4, 3])
    }

    @Test("priorities stay within their bounds")
    func bounds() {
        var priority = QueuePriority()
        priority.set(.priorityClass, to: 5_000)
        priority.set(.priorityOffset, to: .min)
        #expect(priority == QueuePriority(level: 2_047, offset: -524_287))
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

    @Test("whoever gets a place is told how many got one before, out of that line")
    mutating func before() {
        for (request, server) in [nil, 0, nil, 0, 0, 1].enumerated() as EnumeratedSequence<[Int?]> {
            _ = join(UInt64(request), at: server)
        }
        #expect(lines.count == 6)
        #expect(lines.count(at: servers[0]) == 3)
        #expect(lines.count(at: servers[2]) == 0)
        var found: [Int] = []
        for server in [0, 0, 0, 0, 0, 1] {
            let grant = lines.next(for: servers[server], takesCommon: true)
            found.append(grant.flatMap { lines.claim($0.ticket)?.passed } ?? -1)
        }
        #expect(found == [0, 0, 1, 1, 2, 0])
    }

    @Test("who passes others with a priority counts among those who were served before them")
    mutating func passedByPriority() {
        join(1, 0, 0, now: 10)
        join(2, -1, 0, now: 20)
        let first = lines.next(for: servers[0], takesCommon: true)
        #expect(first.flatMap { lines.claim($0.ticket)?.passed } == 0)
        let second = lines.next(for: servers[0], takesCommon: true)
        #expect(second.flatMap { lines.claim($0.ticket)?.passed } == 1)
    }

    @Test("whatever comes, goes and has which priority, the earliest turn is next")
    mutating func order() {
        var random = SystemRandomNumberGenerator()
        var waiting: [(turn: WaitingLines.Turn, ticket: WaitingLines.Ticket)] = []
        for step in 0..<2_000 {
            switch Int.random(in: 0..<5, using: &random) {
            case 0:
                let first = waiting.indices.min { waiting[$0].turn < waiting[$1].turn }
                let grant = lines.next(for: servers[0], takesCommon: true)
                #expect(grant?.ticket == first.map { waiting[$0].ticket })
                if let first, let grant {
                    waiting.remove(at: first)
                    #expect(lines.claim(grant.ticket) != nil)
                }
            case 1:
                guard let who = waiting.indices.randomElement(using: &random) else { continue }
                guard case .waited = lines.leave(waiting.remove(at: who).ticket) else {
                    return #expect(Bool(false))
                }
            default:
                let priority = QueuePriority(
                    level: .random(in: -3...3, using: &random), offset: .random(in: -50...50, using: &random))
                let joined = lines.join(
                    worker: 0, request: UInt64(step), server: Bool.random() ? servers[0] : nil,
                    priority: priority, now: UInt64(step))
                waiting.append((joined.turn, joined.ticket))
            }
            #expect(lines.count == waiting.count)
        }
    }

    @Test("who passes a long line does not walk along it")
    mutating func passing() {
        for request in 1...30_000 { join(UInt64(request), -(request % 2_000), 0, now: UInt64(request)) }
        #expect(serve(0, most: 2) == [1_999, 3_999])
        #expect(lines.count == 29_998)
    }

    @Test("everybody can ask how many were served before, in that line")
    mutating func passed() {
        let tickets = [nil, 0, nil, 0, nil].map { server in
            lines.join(worker: 0, request: 8, server: server.map { servers[$0] }).ticket
        }
        #expect(tickets.map { lines.passed($0) } == [0, 0, 0, 0, 0])
        #expect(lines.next(for: servers[1], takesCommon: true) != nil)
        #expect(tickets.map { lines.passed($0) } == [0, 0, 1, 0, 1])
        #expect(lines.next(for: servers[0], takesCommon: false) != nil)
        #expect(tickets.map { lines.passed($0) } == [0, 0, 1, 1, 1])
        let late = lines.join(worker: 0, request: 9, server: nil).ticket
        #expect(lines.passed(late) == 0)
        #expect(lines.next(for: servers[1], takesCommon: true) != nil)
        #expect(lines.passed(late) == 1)
        _ = lines.leave(late)
        #expect(lines.passed(late) == 0)
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
