import Basics
import Model
import Wire

/// HAProxy's ring of consistent hashing: each server has sixteen places for each unit of its weight, at numbers that depend on
/// nothing but itself, so that servers that come or go move only their own keys.
///
/// ```
///    0 ──── b0 ──── a1 ────────── a0 ── hash ───── b1 ──── 2³²
///                                  ◄──── nearer
/// ```
/// A key goes to the nearest place, before or behind it. Finding it is a binary search: 14 steps for 1,000 servers of weight 1,
/// whose 16,000 places take 128 KiB.
struct HashRing: ~Copyable {
    /// Places per unit of weight; also the steps in which a weight grows in a slow start.
    static let scale = 16
    /// Rings of more places are cut by dividing the weights: a million take 8 MiB.
    static let limit = 1 << 20

    /// One place of a server.
    struct Place {
        var hash: UInt32
        var server: UInt16
        /// Which of the server's places it is: those up to its present weight are in use.
        var number: UInt16
    }

    let places: FixedArray<Place>

    /// An empty ring.
    init() { places = FixedArray(count: 0) { _ in Place(hash: 0, server: 0, number: 0) } }

    /// The ring of servers of these weights, each of which begins its places at a number of its own.
    init(weights: [Int], seeds: [UInt32], limit: Int = limit) {
        var shares = Array(weights.prefix(65_535))
        while shares.reduce(0, +) * HashRing.scale > limit, shares.contains(where: { $0 > 1 }) {
            shares = shares.map { max(1, $0 / 2) }
        }
        // Packed so that places at the same number keep the order of the servers, as in HAProxy's tree.
        var packed: [UInt64] = []
        packed.reserveCapacity(shares.reduce(0, +) * HashRing.scale)
        for (server, share) in shares.enumerated() {
            for number in 0..<share * HashRing.scale {
                let hash = KeyHash.avalanche(seeds[server] &+ UInt32(number))
                packed.append(UInt64(hash) << 32 | UInt64(server) << 16 | UInt64(number))
            }
        }
        packed.sort()
        places = FixedArray(count: packed.count) {
            Place(
                hash: UInt32(packed[$0] >> 32), server: UInt16(truncatingIfNeeded: packed[$0] >> 16),
                number: UInt16(truncatingIfNeeded: packed[$0]))
        }
    }

    /// The first place at `hash` or behind it, round the ring. The ring is not empty.
    func place(from hash: UInt32) -> Int {
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            if places[middle].hash < hash { low = middle + 1 } else { high = middle }
        }
        return low == places.count ? 0 : low
    }

    /// The nearest place to `hash` among those `isInUse` holds for, the one before it if both are as near; nil if there is
    /// none.
    @inline(__always)
    func nearest(to hash: UInt32, where isInUse: (Place) -> Bool) -> Int? {
        let start = place(from: hash)
        var behind = start
        for _ in 0..<places.count where !isInUse(places[behind]) { behind = next(behind) }
        guard isInUse(places[behind]) else { return nil }
        var before = previous(start)
        while !isInUse(places[before]) { before = previous(before) }
        return hash &- places[before].hash <= places[behind].hash &- hash ? before : behind
    }

    func next(_ place: Int) -> Int { place + 1 == places.count ? 0 : place + 1 }

    private func previous(_ place: Int) -> Int { place == 0 ? places.count - 1 : place - 1 }
}

extension HashRing {
    /// Numbers between the seeds of two ids: more than a server of the largest weight has places.
    private static let seedDistance: UInt32 = 4096

    /// Where a server's places begin, by its `hash-key`.
    static func seed(_ key: ServerHashKey, id: UInt32, _ address: SocketAddress) -> UInt32 {
        switch address.isLocal ? .id : key {
        case .id: id &* seedDistance
        case .id32: KeyHash.avalanche(id.bigEndian)
        case .address: seed(of: address, from: 0)
        case .addressPort: seed(of: address, from: KeyHash.avalanche(UInt32(address.port)))
        }
    }

    private static func seed(of address: SocketAddress, from start: UInt32) -> UInt32 {
        address.isV6
            ? XXHash32.hash(address.high.littleEndian, address.low.littleEndian, seed: start)
            : KeyHash.avalanche(start &+ UInt32(truncatingIfNeeded: address.high))
    }

    /// The ids of servers in order: given ones as they are, the others the next number that nobody has.
    static func ids(_ given: [Int]) -> [UInt32] {
        let taken = Set(given.filter { $0 > 0 })
        var next = 1
        return given.map { id in
            defer { next += 1 }
            guard id <= 0 else { return UInt32(truncatingIfNeeded: id) }
            while taken.contains(next) { next += 1 }
            return UInt32(truncatingIfNeeded: next)
        }
    }
}
