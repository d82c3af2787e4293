import Synchronization
import Wire

/// How far two sides are with one table.
struct TableExchange {
    var telling: TableTelling
    /// The number that the other side calls it by; nil if it has not said.
    var remoteID: UInt64?
    /// Our last change that the other side has said to have.
    private(set) var confirmed: UInt32 = 0
    /// Our last change that was sent, with all before it.
    var told: UInt32 = 0
    /// The number that the last update was sent with.
    var sentID: UInt32 = 0
    /// The last change of the other side that has arrived, and the last one that it was told of.
    private(set) var heard: UInt32 = 0
    private(set) var acknowledged: UInt32 = 0
    var walk: TableWalk?

    init(_ telling: TableTelling) { self.telling = telling }

    /// The number of the last change here.
    var latest: UInt32 { telling.table.changes.load(ordering: .relaxed) }

    /// A connection begins: what was not confirmed is sent again.
    mutating func begin() {
        // Numbers go round. Who is half of them behind has nothing left to be compared.
        if Int32(bitPattern: latest &- confirmed) < 0 { confirmed = latest }
        told = confirmed
        sentID = 0
        (remoteID, heard, acknowledged, walk) = (nil, 0, 0, nil)
    }

    /// Whether there are changes that were not sent when they happened.
    var isBehind: Bool { told != latest }

    /// Whether there are some before this one.
    func hasGap(before number: UInt32) -> Bool { told &+ 1 != number }

    /// The other side has everything up to a change.
    mutating func confirm(_ update: UInt32) {
        guard walk == nil, update &- confirmed <= told &- confirmed else { return }
        confirmed = update
    }

    /// An update has arrived.
    mutating func note(_ id: UInt32?) { heard = id ?? heard &+ 1 }

    /// What is to be acknowledged, if anything.
    mutating func takeAcknowledgement() -> UInt32? {
        guard heard != acknowledged else { return nil }
        acknowledged = heard
        return heard
    }
}

/// A walk over a table: of everything, or of what was changed here since.
struct TableWalk: Equatable {
    let scope: Scope
    var place = TablePlace()
    /// It brings what happened before it began; later changes are told as they happen.
    var hasBegun = false

    enum Scope: Equatable {
        case all
        case since(UInt32)

        /// Whether an entry with this last change is to be told.
        func wants(_ change: UInt32) -> Bool {
            switch self {
            case .all: true
            case .since(let number): change != 0 && Int32(bitPattern: change &- number) > 0
            }
        }
    }

    init(_ scope: Scope) { self.scope = scope }
}
