import Basics
import Model

/// What one exchange has of a limit that all with its key share. It keeps the key's entry, and counts there what has passed.
final class PaceShare: Equatable {
    private let table: SharedTable
    private let held: HeldEntry
    private let kind: StoredData.Kind
    private let key: UInt64
    private let rate: Throttle.Rate
    /// From when on how many bytes may pass; nil until somebody asks.
    private var grant: (at: UInt64, left: UInt64)?
    private var seenAt: UInt64

    /// Nil if the table has no room for the key.
    init?(
        in table: SharedTable, of key: TableKey, _ kind: StoredData.Kind, _ rate: Throttle.Rate, now: UInt64
    ) {
        let held = table.hold(key, now: now / 1_000_000) { shard, entry in
            shard.touch(entry, now: now / 1_000_000)
        }
        guard let held else { return nil }
        (self.table, self.held, self.kind, self.rate, seenAt) = (table, held, kind, rate, now)
        // Limits of other sizes and periods are others.
        let limit =
            rate.bytes &* 0x9E37_79B9_7F4A_7C15 ^ rate.period &* 0xC2B2_AE3D_27D4_EB4F
            ^ (kind == .bytesInRate ? 1 : 0)
        self.key = key.hash ^ limit
        table.paces.join(self.key, now: now)
    }

    deinit {
        let unused = grant.map { rate.time(of: $0.left) } ?? 0
        table.paces.leave(key, unused: unused, now: seenAt)
        table.use(held) { shard, entry in shard.letGo(entry, now: seenAt / 1_000_000) }
    }

    static func == (one: PaceShare, other: PaceShare) -> Bool { one === other }

    /// Asks for the next piece, unless there is one.
    func reserve(now: UInt64) {
        seenAt = now
        guard grant == nil else { return }
        let start = table.paces.grant(rate.time(of: rate.piece), of: key, period: rate.period, now: now)
        grant = (start, rate.piece)
    }

    /// How long nothing may pass; nothing that nobody has asked for.
    func wait(now: UInt64) -> UInt64 {
        guard let grant, grant.at > now else { return 0 }
        return grant.at &- now
    }

    /// How many bytes may pass; 0 is to wait.
    func allowance(now: UInt64) -> Int {
        reserve(now: now)
        guard let grant, grant.at <= now else { return 0 }
        return Int(clamping: grant.left)
    }

    /// So many have passed; what is more than was granted is paid for by what follows.
    func pass(_ count: Int, now: UInt64) {
        guard count > 0 else { return }
        seenAt = now
        let count = UInt64(count)
        let left = grant?.left ?? 0
        if count < left {
            grant?.left = left &- count
        } else {
            grant = nil
            if count > left {
                _ = table.paces.grant(rate.time(of: count &- left), of: key, period: rate.period, now: now)
            }
        }
        table.use(held) { shard, entry in
            shard.addToRate(count, kind, 0, in: entry, table.layout, now: now / 1_000_000)
            shard.touch(entry, now: now / 1_000_000)
        }
    }
}
