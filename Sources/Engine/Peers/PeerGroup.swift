import Model
import Wire

/// The peers of one section: their links, which of them is asked for everything, and what they are told. Pure: connections are elsewhere.
///
/// ```
///   wanted ──a link is open──► asked ──finished──► complete
///     ▲ │                        │
///     │ └── nobody for 5 s ──────┼──────────────►
///     └── lost, or not complete ─┘
/// ```
struct PeerGroup {
    var section: PeerSection
    private(set) var links: [PeerLink]
    private var tellings: [TableTelling] = []
    private(set) var resync = Resync.wanted
    /// When nobody is waited for any longer, milliseconds.
    private var deadline: UInt64
    private var servers = ServerNames()

    /// Where this side is with learning what others know.
    enum Resync: Equatable {
        case wanted
        case asked(Int)
        case complete
    }

    /// Milliseconds for which somebody is waited for who has everything.
    static let patience: UInt64 = 5_000

    /// `isComplete` is whether this process has everything already: its tables stay when its sections change.
    init(_ section: PeerSection, isComplete: Bool = false, now: UInt64) {
        self.section = section
        links = section.remotes.map { PeerLink($0.name, shard: $0.shard) }
        deadline = now + PeerGroup.patience
        if isComplete { resync = .complete }
    }

    /// Takes over the section's tables, by the names that others know them by, and what servers are called.
    mutating func setTables(_ shared: [SharedPeerTable], servers names: [String], now: UInt64) {
        servers.setOwn(names)
        let known = Set(tellings.map { ObjectIdentifier($0.table) })
        tellings = shared.enumerated().map { place, shared in
            TableTelling(
                shared.table, shared.model, number: UInt64(place + 1), name: shared.name,
                shards: section.shards, wholeName: shared.wholeName)
        }
        for i in links.indices { links[i].setTables(tellings) }
        guard !known.isEmpty, resync == .complete,
            tellings.contains(where: { !known.contains(ObjectIdentifier($0.table)) })
        else { return }
        // What others know of a table that has come was told when it was not here.
        for i in links.indices { links[i].forgetLesson() }
        resync = .wanted
        deadline = now + PeerGroup.patience
    }

    /// The link to a peer; nil if there is none.
    func link(to name: String) -> Int? { links.firstIndex { $0.name == name } }

    // MARK: Connections

    mutating func opened(_ link: Int, minorVersion: Int, now: UInt64) {
        closed(link, now: now)
        links[link].open(minorVersion: minorVersion, now: now)
    }

    mutating func closed(_ link: Int, now: UInt64) {
        links[link].close()
        guard resync == .asked(link) else { return }
        resync = .wanted
        deadline = now + PeerGroup.patience
    }

    mutating func receive(_ message: PeerMessage, from link: Int, now: UInt64) throws(PeerFault) {
        try links[link].receive(message, now: now, &servers)
    }

    /// What was written is sent no more.
    mutating func sent(_ count: Int, to link: Int) { links[link].output.removeFirst(count) }

    mutating func noteCollision(_ link: Int) { links[link].counts.collisions += 1 }
    mutating func noteSilence(_ link: Int) { links[link].counts.silences += 1 }
    /// It said what makes no sense: nothing of what waits for it is sent.
    mutating func noteFault(_ link: Int) {
        links[link].counts.faults += 1
        links[link].output = []
    }

    // MARK: Rounds

    /// Numbers what has changed and tells it. True if there is more.
    mutating func tellChanges(now: UInt64) -> Bool {
        var hasMore = false
        for (i, telling) in tellings.enumerated() {
            let isLeft = telling.table.takeChanges(most: 256, now: now) { shard, entry, number in
                for link in links.indices {
                    links[link].tell(entry, of: i, in: shard, number: number, now: now, servers)
                }
            }
            hasMore = isLeft || hasMore
        }
        return hasMore
    }

    /// Does what is due.
    mutating func advance(now: UInt64) {
        settle(now: now)
        for i in links.indices {
            links[i].advance(now: now, hasEverything: resync == .complete, servers)
        }
    }

    private mutating func settle(now: UInt64) {
        if case .asked(let link) = resync {
            switch links[link].lesson {
            case .finished: resync = .complete
            case .partial:
                resync = .wanted
                deadline = now + PeerGroup.patience
            case .none, .running: break
            }
        }
        guard resync == .wanted else { return }
        if let next = links.firstIndex(where: { $0.isOpen && $0.lesson == .none }) {
            links[next].ask(now: now)
            resync = .asked(next)
        } else if now >= deadline || links.isEmpty {
            resync = .complete
        }
    }

    /// Milliseconds until something is to be done; nil is not before something happens.
    func delay(now: UInt64) -> UInt64? {
        var times = links.compactMap { $0.delay(now: now) }
        if resync == .wanted { times.append(deadline - min(now, deadline)) }
        return times.min()
    }
}

/// A table that a section shares.
struct SharedPeerTable: Sendable {
    /// The name that others know it by.
    let name: String
    /// The name that rules know it by.
    let wholeName: String
    let model: StickTable
    let table: SharedTable
}
