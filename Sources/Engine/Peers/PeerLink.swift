import Model
import Wire

/// The exchange with one peer: what it was told of each table and what it has told, over all connections to it. Pure: messages and time
/// in, bytes to be sent out.
///
/// ```
///   change 1 … confirmed … told … latest         numbers of a table's changes here
///      │  it has them  │ sent    │ to be sent: as they happen, or, after a gap, by a walk over the table
/// ```
struct PeerLink {
    let name: String
    /// The part of the keys that it is told; 0 is all of them.
    let shard: Int
    private(set) var tables: [TableExchange] = []
    /// What is to be sent.
    var output: [UInt8] = []
    var isOpen = false
    var lesson = Lesson.none
    /// What happened so far, for those who look.
    var counts = Counts()
    private(set) var names = PeerNames()
    private(set) var minorVersion = PeerGreeting.latest
    private var tableTold: Int?
    private var tableHeard: (exchange: Int, definition: PeerTable)?
    /// What the other side speaks of, whether there is such a table here or not.
    private var definitionHeard: PeerTable?
    private var definitions: [UInt64: PeerTable] = [:]
    /// How many requests for everything are being answered.
    private(set) var isTeaching = false
    private var sentAt: UInt64 = 0
    private(set) var heardAt: UInt64 = 0

    /// What it is asked for.
    enum Lesson { case none, running, partial, finished }

    struct Counts: Equatable {
        var heartbeatsSent = 0
        var heartbeatsHeard = 0
        var silences = 0
        var connections = 0
        var faults = 0
        var collisions = 0
        var updatesSent = 0
        var updatesHeard = 0
    }

    /// More waits for the other side to read: changes are told later, by a walk.
    static let mostOutput = 256 * 1024
    /// Milliseconds without a word of this side after which it says that it is there.
    static let heartbeat: UInt64 = 3_000
    /// The same of the other side, after which it is given up.
    static let longestSilence: UInt64 = 5_000

    init(_ name: String, shard: Int = 0) { (self.name, self.shard) = (name, shard) }

    /// Takes over which tables there are. Those that stay go on where they were.
    mutating func setTables(_ tellings: [TableTelling]) {
        let known = tables
        tables = tellings.map { telling in
            var exchange =
                known.first {
                    $0.telling.table === telling.table && $0.telling.definition == telling.definition
                }
                ?? TableExchange(telling)
            exchange.telling = telling
            return exchange
        }
        tableTold = nil
        if let definitionHeard { hear(definitionHeard) }
    }

    /// What it has told already is wanted again: there are tables that were not here then.
    mutating func forgetLesson() {
        if lesson != .running { lesson = .none }
    }

    // MARK: Connections

    /// They know each other: from now on messages are exchanged.
    mutating func open(minorVersion: Int, now: UInt64) {
        isOpen = true
        (output, lesson, names) = ([], .none, PeerNames())
        (tableTold, tableHeard, definitions, isTeaching) = (nil, nil, [:], false)
        definitionHeard = nil
        self.minorVersion = minorVersion
        (sentAt, heardAt) = (now, now)
        counts.connections += 1
        for i in tables.indices { tables[i].begin() }
    }

    mutating func close() {
        isOpen = false
        output = []
        if lesson == .running { lesson = .none }
    }

    /// Everything is wanted of it.
    mutating func ask(now: UInt64) {
        lesson = .running
        send(PeerControl.resyncRequest.bytes, now: now)
    }

    private mutating func send(_ bytes: [UInt8], now: UInt64) {
        output += bytes
        sentAt = now
    }

    // MARK: What it says

    /// Takes a message. `isComplete` is whether this side has everything, if it is asked.
    mutating func receive(
        _ message: PeerMessage, now: UInt64, _ servers: inout ServerNames
    ) throws(PeerFault) {
        heardAt = now
        switch message {
        case .control(let control): receive(control, now: now)
        case .fault(let fault): throw fault
        case .definition(let definition):
            (tableHeard, definitionHeard) = (nil, nil)
            guard let definition else { break }
            definitions[definition.id] = definition
            // Numbers of tables are few; who makes more of them than there are tables is no peer.
            guard definitions.count <= 1_024 else { throw .malformed }
            hear(definition)
        case .resumption(let id):
            (tableHeard, definitionHeard) = (nil, nil)
            if let definition = definitions[id] { hear(definition) }
        case .update(let hasID, let isTimed, let payload):
            guard let heard = tableHeard else { break }
            let update = try PeerUpdate(
                reading: payload, hasID: hasID, isTimed: isTimed, of: heard.definition, &names)
            counts.updatesHeard += 1
            tables[heard.exchange].note(update.id)
            tables[heard.exchange].telling.learn(update, of: heard.definition, now: now, &servers)
        case .acknowledgement(let id, let update):
            guard !isTeaching else { break }
            for i in tables.indices where tables[i].telling.definition.id == id {
                tables[i].confirm(update)
            }
        case .unknown: break
        }
    }

    /// What follows is of this table, if it is one of this side's and of the same kind.
    private mutating func hear(_ definition: PeerTable) {
        (tableHeard, definitionHeard) = (nil, definition)
        guard let i = tables.firstIndex(where: { $0.telling.definition.name == definition.name }),
            tables[i].telling.accepts(definition)
        else { return }
        tables[i].remoteID = definition.id
        tableHeard = (i, definition)
    }

    private mutating func receive(_ control: PeerControl, now: UInt64) {
        switch control {
        case .resyncRequest:
            isTeaching = true
            for i in tables.indices { tables[i].walk = TableWalk(.all) }
        case .resyncFinished, .resyncPartial:
            if lesson == .running { lesson = control == .resyncFinished ? .finished : .partial }
            // Who does not read is not answered without end.
            if output.count < PeerLink.mostOutput { send(PeerControl.resyncConfirmed.bytes, now: now) }
        case .resyncConfirmed: break
        case .heartbeat: counts.heartbeatsHeard += 1
        }
    }

    // MARK: What it is told

    /// A change has happened: it is told at once, or noted as missed.
    mutating func tell(
        _ entry: UInt32, of table: Int, in shard: borrowing TableShard, number: UInt32, now: UInt64,
        _ servers: ServerNames
    ) {
        guard isOpen, lesson != .running, output.count < PeerLink.mostOutput,
            !tables[table].hasGap(before: number)
        else { return }
        tables[table].told = number
        guard isFor(entry, of: tables[table].telling, in: shard) else { return }
        let isNext = tables[table].sentID &+ 1 == number && tableTold == table && tables[table].walk == nil
        let id = tables[table].walk == nil ? number : tables[table].confirmed
        announce(table, now: now)
        write(
            tables[table].telling.update(
                of: entry, in: shard, id: isNext ? nil : id, isTimed: false, now: now, servers), table, now)
        tables[table].sentID = id
    }

    private func isFor(_ entry: UInt32, of telling: TableTelling, in shard: borrowing TableShard) -> Bool {
        self.shard == 0 || telling.part(of: entry, shard) == self.shard
    }

    private mutating func announce(_ table: Int, now: UInt64) {
        guard tableTold != table else { return }
        tableTold = table
        send(tables[table].telling.definition.bytes, now: now)
    }

    private mutating func write(_ update: PeerUpdate, _ table: Int, _ now: UInt64) {
        send(update.bytes(of: tables[table].telling.definition, &names), now: now)
        counts.updatesSent += 1
    }

    /// Goes on with what is to be told, as far as there is room.
    mutating func advance(now: UInt64, hasEverything: Bool, _ servers: ServerNames) {
        guard isOpen else { return }
        acknowledge(now: now)
        for i in tables.indices {
            if lesson != .running, tables[i].walk == nil, tables[i].isBehind {
                tables[i].walk = TableWalk(.since(tables[i].told))
            }
            if mayWalk(i) { walk(i, now: now, servers) }
        }
        if isTeaching, tables.allSatisfy({ $0.walk == nil }) {
            isTeaching = false
            send((hasEverything ? PeerControl.resyncFinished : .resyncPartial).bytes, now: now)
        }
        if now - min(now, sentAt) >= PeerLink.heartbeat {
            send(PeerControl.heartbeat.bytes, now: now)
            counts.heartbeatsSent += 1
        }
    }

    private mutating func acknowledge(now: UInt64) {
        for i in tables.indices {
            guard let id = tables[i].remoteID, let update = tables[i].takeAcknowledgement() else { continue }
            send(PeerMessage.acknowledge(table: id, update: update), now: now)
        }
    }

    private mutating func walk(_ i: Int, now: UInt64, _ servers: ServerNames) {
        guard var walk = tables[i].walk else { return }
        let (telling, id) = (tables[i].telling, tables[i].confirmed)
        if !walk.hasBegun { tables[i].told = tables[i].latest }
        walk.hasBegun = true
        let (isTimed, scope) = (minorVersion > 0, walk.scope)
        let next = telling.table.walk(from: walk.place, most: 10_000, now: now) { shard, entry in
            guard output.count < PeerLink.mostOutput else { return false }
            guard scope.wants(shard.change(of: entry)), isFor(entry, of: telling, in: shard) else {
                return true
            }
            announce(i, now: now)
            write(
                telling.update(of: entry, in: shard, id: id, isTimed: isTimed, now: now, servers), i, now)
            tables[i].sentID = id
            return true
        }
        guard let next else {
            return tables[i].walk = nil
        }
        walk.place = next
        tables[i].walk = walk
    }

    /// Whether there is more to be told, and room for it.
    var isWalking: Bool {
        isOpen && output.count < PeerLink.mostOutput
            && tables.indices.contains { mayWalk($0) || lesson != .running && tables[$0].isBehind }
    }

    /// Whoever asks for everything is answered also while it is asked itself: both may begin anew.
    private func mayWalk(_ table: Int) -> Bool {
        guard let walk = tables[table].walk else { return false }
        return walk.scope == .all || lesson != .running
    }

    /// Whether nothing was heard of it for too long.
    func isSilent(now: UInt64) -> Bool { isOpen && now - min(now, heardAt) >= PeerLink.longestSilence }

    /// Milliseconds until something is to be done without being asked.
    func delay(now: UInt64) -> UInt64? {
        guard isOpen else { return nil }
        let next = min(sentAt + PeerLink.heartbeat, heardAt + PeerLink.longestSilence)
        return next - min(now, next)
    }
}
