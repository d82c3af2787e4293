/// Who waits for a place at a backend's servers, over all workers: one line for those whom any server will do, and one for each
/// server that some must wait for. Whoever came first gets the next place that will do, as in HAProxy,
/// unless priorities say otherwise.
///
/// ```
///   join ─► waits ─► next: granted ─► claim (its worker takes the place)
///             └───────────┴─────────► leave (it gives up; a granted place has to be given back)
/// ```
/// One per backend behind a lock, touched only while servers are full.
struct WaitingLines {
    private var entries: [Entry] = []
    private var free: [Int] = []
    private var common = WaitingLine()
    private var own: [ObjectIdentifier: WaitingLine] = [:]
    private var joined: UInt64 = 0
    private var newest = 0
    /// How many wait in all lines.
    private(set) var count = 0

    /// Names somebody who waits, also after it has left.
    struct Ticket: Equatable, Sendable {
        fileprivate let index: Int
        fileprivate let number: UInt64
    }

    /// Whose turn it is: the lower, the earlier.
    struct Turn: Comparable, Sendable {
        /// The priority's class.
        var level = 0
        /// When it came, moved by the priority's offset.
        var time = 0
        var number: UInt64 = 0

        static func < (a: Turn, b: Turn) -> Bool { (a.level, a.time, a.number) < (b.level, b.time, b.number) }
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

    /// Somebody, from joining until it has a place or gives up.
    struct Entry {
        /// Counts joinings; 0 for a free entry.
        var number: UInt64 = 0
        var turn = Turn()
        var worker = 0
        var request: UInt64 = 0
        /// The server it must wait for; once granted, the one it was given.
        var server: ServerState?
        var isGranted = false
        /// How many had been granted a place out of its line when it joined; once granted, how many were since.
        var start = 0
        /// Where it stands in its line.
        var place = 0
    }

    /// Takes a place at the end of a line: the one of `server`, or the common one; before others with a priority. `turn` is the
    /// one of an earlier ticket of the same request, which is kept. `now` in milliseconds.
    mutating func join(
        worker: Int, request: UInt64, server: ServerState?, turn: Turn? = nil,
        priority: QueuePriority = QueuePriority(), now: UInt64 = 0
    ) -> (ticket: Ticket, turn: Turn) {
        joined += 1
        // Workers' clocks stand still in different moments.
        newest = max(newest, Int(clamping: now))
        let new = Turn(level: priority.level, time: newest + priority.offset, number: joined)
        let index = free.popLast() ?? entries.count
        if index == entries.count { entries.append(Entry()) }
        entries[index] = Entry(
            number: joined, turn: turn ?? new, worker: worker, request: request, server: server,
            start: line(of: server)?.granted ?? 0)
        change(server) { line, entries in line.insert(index, &entries) }
        count += 1
        return (Ticket(index: index, number: joined), entries[index].turn)
    }

    /// Whether anybody waits whom a place at this server would do.
    func hasNext(for server: ServerState, takesCommon: Bool) -> Bool {
        candidate(server, takesCommon) != nil
    }

    /// The first of those whom a place at this server would do; it is granted that place.
    mutating func next(for server: ServerState, takesCommon: Bool) -> Grant? {
        guard let index = candidate(server, takesCommon) else { return nil }
        entries[index].start = passed(index)
        remove(index) { $0.granted += 1 }
        entries[index].server = server
        entries[index].isGranted = true
        return Grant(
            ticket: Ticket(index: index, number: entries[index].number), worker: entries[index].worker)
    }

    /// Ends the wait of somebody who was granted a place: names its request, and how many were granted one before it since it
    /// joined; nil if it has left.
    mutating func claim(_ ticket: Ticket) -> (request: UInt64, passed: Int)? {
        guard isValid(ticket), entries[ticket.index].isGranted else { return nil }
        let entry = entries[ticket.index]
        release(ticket.index)
        return (entry.request, entry.start)
    }

    /// Ends the wait of somebody who gives up.
    mutating func leave(_ ticket: Ticket) -> Leaving {
        guard isValid(ticket) else { return .unknown }
        let entry = entries[ticket.index]
        if !entry.isGranted { remove(ticket.index) { _ in } }
        release(ticket.index)
        if entry.isGranted, let server = entry.server { return .granted(server) }
        return .waited
    }

    /// How many others were granted a place out of somebody's line since it joined, until it was granted one itself.
    func passed(_ ticket: Ticket) -> Int { isValid(ticket) ? passed(ticket.index) : 0 }

    /// How many wait, in the common line or in that of a server.
    func count(at server: ServerState?) -> Int { line(of: server)?.count ?? 0 }

    /// The server somebody waits for, or was granted a place at.
    func server(of ticket: Ticket) -> ServerState? { isValid(ticket) ? entries[ticket.index].server : nil }

    private func isValid(_ ticket: Ticket) -> Bool {
        ticket.index < entries.count && entries[ticket.index].number == ticket.number
    }

    private func passed(_ index: Int) -> Int {
        let entry = entries[index]
        return entry.isGranted ? entry.start : (line(of: entry.server)?.granted ?? 0) - entry.start
    }

    private func candidate(_ server: ServerState, _ takesCommon: Bool) -> Int? {
        let (mine, any) = (line(of: server)?.first, takesCommon ? common.first : nil)
        guard let mine, let any else { return mine ?? any }
        return entries[mine].turn < entries[any].turn ? mine : any
    }

    private func line(of server: ServerState?) -> WaitingLine? {
        guard let server else { return common }
        return own[ObjectIdentifier(server)]
    }

    /// Changes a line in its place. The line of a server nobody waits for is none.
    private mutating func change(
        _ server: ServerState?, _ body: (inout WaitingLine, inout [Entry]) -> Void
    ) {
        guard let server else { return body(&common, &entries) }
        let name = ObjectIdentifier(server)
        body(&own[name, default: WaitingLine()], &entries)
        if own[name]?.count == 0 { own[name] = nil }
    }

    /// Takes somebody out of its line.
    private mutating func remove(_ index: Int, _ then: (inout WaitingLine) -> Void) {
        change(entries[index].server) { line, entries in
            line.remove(index, &entries)
            then(&line)
        }
        count -= 1
    }

    private mutating func release(_ index: Int) {
        entries[index] = Entry()
        free.append(index)
        // What a long queue took is given back once nobody waits.
        guard free.count == entries.count, entries.count > 1024 else { return }
        (entries, free, common) = ([], [], WaitingLine())
    }
}
