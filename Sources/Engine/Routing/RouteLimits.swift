import Basics
import Model
import Synchronization
import Wire

/// A route's limits, ready for the way of a request. The counts survive every publish that keeps the name.
final class RouteLimits: Sendable {
    let maxBodySize: Int64
    let maxRequests: Int
    let maxRequestsPerAddress: Int
    let status: UInt16
    let counts: LimitCounts
    let rate: LeakyBucket.Rate?
    let secondRate: LeakyBucket.Rate?
    private let exempt: [Network]
    let key: Key
    /// The field that is the key.
    let fieldName: FixedArray<UInt8>

    /// Whose requests are counted together, without texts.
    enum Key: Equatable {
        case everybody
        case source(mask4: UInt64, high6: UInt64, low6: UInt64)
        case header
    }

    init(_ model: RequestLimits, counts: LimitCounts) {
        maxBodySize = max(0, model.maxBodySize)
        maxRequests = max(0, model.maxRequests)
        maxRequestsPerAddress = max(0, model.maxRequestsPerAddress)
        status = (200...599).contains(model.status) ? model.status : 429
        self.counts = counts
        rate = model.rate.map { LeakyBucket.Rate($0) }
        secondRate = model.secondRate.map { LeakyBucket.Rate($0) }
        exempt = model.exempt.compactMap { Network($0) }
        var name = ""
        switch model.rate?.key ?? .everybody {
        case .everybody: key = .everybody
        case .source(let bits4, let bits6):
            key = .source(
                mask4: RouteLimits.mask(bits4, of: 32) >> 32,
                high6: RouteLimits.mask(min(64, bits6), of: 64), low6: RouteLimits.mask(bits6 - 64, of: 64))
        case .header(let field):
            key = .header
            name = field
        }
        fieldName = FixedArray(name)
    }

    /// Whether no rate is about a client, and no limit of its own.
    func exempts(_ address: SocketAddress) -> Bool {
        for network in exempt where network.contains(address) { return true }
        return false
    }

    /// The first bits of a word, in host order.
    private static func mask(_ bits: Int, of width: Int) -> UInt64 {
        let count = max(0, min(width, bits))
        return count == 0 ? 0 : UInt64.max << UInt64(64 - count)
    }
}

/// What is counted under one name.
final class LimitCounts: Sendable {
    /// Requests under way.
    let requests = Atomic<Int>(0)
    let table: RateTable
    /// For the second rate, if there is one.
    let second: RateTable?
    /// Those of one address, if that is limited.
    let addresses: AddressCounts?

    init(_ limits: RequestLimits) {
        func table(_ limit: RateLimit?) -> RateTable {
            RateTable(keys: limit.map { $0.key == .everybody ? 1 : $0.keys } ?? 1)
        }
        self.table = table(limits.rate)
        second = limits.secondRate.map { table($0) }
        addresses = limits.maxRequestsPerAddress > 0 ? AddressCounts() : nil
    }
}

/// The counts of all limits that routes have, kept as long as any route does.
struct LimitRegistry {
    private struct Name: Hashable {
        let name: String
        let key: RateKey?
        let keys: Int
        let hasSecond: Bool
        let hasAddresses: Bool
    }

    private var held: [Name: LimitCounts] = [:]
    /// With so many it is looked for what can go: twice those that could not the last time.
    private var mostHeld = 64

    /// The counts under the limits' name: those of other routes with it, or new ones. Other keys are other counts.
    mutating func counts(of limits: RequestLimits) -> LimitCounts {
        let name = Name(
            name: limits.name, key: limits.rate?.key, keys: limits.rate?.keys ?? 0,
            hasSecond: limits.secondRate != nil, hasAddresses: limits.maxRequestsPerAddress > 0)
        if let known = held[name] { return known }
        if held.count >= mostHeld { forgetUnused() }
        let new = LimitCounts(limits)
        held[name] = new
        return new
    }

    /// Lets go of what nobody else holds any more.
    private mutating func forgetUnused() {
        for name in Array(held.keys) {
            var counts = held.removeValue(forKey: name)
            if !isKnownUniquelyReferenced(&counts) { held[name] = counts }
        }
        mostHeld = max(64, 2 * held.count)
    }
}
