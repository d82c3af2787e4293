/// Who waits for a place at a backend's servers, over all workers: one line for those whom any server will do, and one for each
/// server that some must wait for. Whoever came first gets the next place that will do, as in HAProxy.
///
/// ```
///   join ─► waits ─► next: granted ─► claim (its worker takes the place)
///             └───────────┴─────────► leave (it gives up; a granted place has to be given back)
/// ```
/// One per backend behind a lock, touched only while servers are full.
struct WaitingLines {
    private var entries: [Entry] = []
    private var free: [Int] = []
    private var common = Line()
    private var own: [ObjectIdentifier: Line] = [:]
    private var joined: UInt64 = 0
    /// How many wait in all lines.
    private(set) var count = 0

    /// Names somebody who waits, also after it has left.
    struct Ticket: Equatable, Sendable {
        fileprivate let index: Int
        fileprivate let number: UInt64
    }

    /// Somebody who is given a place.
    struct Grant {
        let ticket: Ticket
        let worker: Int
    }

    /// What became of somebody who left.
    enum Leaving {
        /// It was still waiting.
        case waited
        /// A place at this server was on its way, and is the caller's now.
        case granted(ServerState)
        case unknown
    }

    private struct Entry {
        /// Counts joinings; 0 for a free entry.
        var number: UInt64 = 0
        /// Whose turn it is: the lower, the earlier.
        var turn: UInt64 = 0
        var worker = 0
        var request: UInt64 = 0
        /// The server it must wait for; once granted, the one it was given.
        var server: ServerState?
        var isGranted = false
        var previous = -1
        var next = -1
    }

    private struct Line {
        var head = -1
        var tail = -1
        var count = 0
    }

    /// Takes a place at the end of a line: the one of `server`, or the common one. `turn` is the one of an earlier ticket of the
    /// same request, which is kept. `ahead` is how many stand before it.
    mutating func join(worker: Int, request: UInt64, server: ServerState?, turn: UInt64? = nil)
        -> (ticket: Ticket, turn: UInt64, ahead: Int)
    {
        joined += 1
        let index = free.popLast() ?? entries.count
        if index == entries.count { entries.append(Entry()) }
        entries[index] = Entry(
            number: joined, turn: turn ?? joined, worker: worker, request: request, server: server)
        let ahead = append(index, to: server)
        return (Ticket(index: index, number: joined), entries[index].turn, ahead)
    }

    /// Whether anybody waits whom a place at this server would do.
    func hasNext(for server: ServerState, takesCommon: Bool) -> Bool {
        candidate(server, takesCommon) != nil
    }

    /// The first of those whom a place at this server would do; it is granted that place.
    mutating func next(for server: ServerState, takesCommon: Bool) -> Grant? {
        guard let index = candidate(server, takesCommon) else { return nil }
        unlink(index)
        entries[index].server = server
        entries[index].isGranted = true
        return Grant(
            ticket: Ticket(index: index, number: entries[index].number), worker: entries[index].worker)
    }

    /// Ends the wait of somebody who was granted a place and names its request; nil if it has left.
    mutating func claim(_ ticket: Ticket) -> UInt64? {
        guard isValid(ticket), entries[ticket.index].isGranted else { return nil }
        let request = entries[ticket.index].request
        release(ticket.index)
        return request
    }

    /// Ends the wait of somebody who gives up.
    mutating func leave(_ ticket: Ticket) -> Leaving {
        guard isValid(ticket) else { return .unknown }
        let entry = entries[ticket.index]
        if !entry.isGranted { unlink(ticket.index) }
        release(ticket.index)
        if entry.isGranted, let server = entry.server { return .granted(server) }
        return .waited
    }

    /// How many wait, in the common line or in that of a server.
    func count(at server: ServerState?) -> Int { line(of: server).count }

    /// The server somebody waits for, or was granted a place at.
    func server(of ticket: Ticket) -> ServerState? { isValid(ticket) ? entries[ticket.index].server : nil }

    private func isValid(_ ticket: Ticket) -> Bool {
        ticket.index < entries.count && entries[ticket.index].number == ticket.number
    }

    private func candidate(_ server: ServerState, _ takesCommon: Bool) -> Int? {
        let (mine, any) = (line(of: server).head, takesCommon ? common.head : -1)
        guard mine >= 0, any >= 0 else { return mine >= 0 ? mine : any >= 0 ? any : nil }
        return entries[mine].turn < entries[any].turn ? mine : any
    }

    private func line(of server: ServerState?) -> Line {
        guard let server else { return common }
        return own[ObjectIdentifier(server)] ?? Line()
    }

    private mutating func set(_ line: Line, of server: ServerState?) {
        guard let server else { return common = line }
        own[ObjectIdentifier(server)] = line.count == 0 ? nil : line
    }

    /// Behind everybody whose turn is before; that is at the end, but for those who come back.
    private mutating func append(_ index: Int, to server: ServerState?) -> Int {
        var line = line(of: server)
        var (before, passed) = (line.tail, 0)
        while before >= 0, entries[before].turn > entries[index].turn {
            before = entries[before].previous
            passed += 1
        }
        let after = before >= 0 ? entries[before].next : line.head
        entries[index].previous = before
        entries[index].next = after
        if before >= 0 { entries[before].next = index } else { line.head = index }
        if after >= 0 { entries[after].previous = index } else { line.tail = index }
        line.count += 1
        count += 1
        set(line, of: server)
        return line.count - 1 - passed
    }

    private mutating func unlink(_ index: Int) {
        let entry = entries[index]
        var line = line(of: entry.server)
        if entry.previous >= 0 { entries[entry.previous].next = entry.next } else { line.head = entry.next }
        if entry.next >= 0 {
            entries[entry.next].previous = entry.previous
        } else {
            line.tail = entry.previous
        }
        line.count -= 1
        count -= 1
        set(line, of: entry.server)
    }

    private mutating func release(_ index: Int) {
        entries[index] = Entry()
        free.append(index)
        // What a long queue took is given back once nobody waits.
        if free.count == entries.count, entries.count > 1024 { (entries, free) = ([], []) }
    }
}
