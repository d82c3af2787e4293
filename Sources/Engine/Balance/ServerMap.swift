/// HAProxy's table of servers for `static-rr` and for hashes with `hash-type map-based`: each server stands in it as often
/// as its weight says, and where it stands is part of what must be the same, because a hash is a place in it.
///
/// HAProxy adds its weight to every server's score at each place, takes the first server of the highest score in whole
/// totals, and takes a total off it. That costs places × servers. Here servers stand in levels of whole totals: a server goes
/// up a level when its weights have added up to another total, which is known beforehand, and down one when it is taken.
struct ServerMap {
    /// Longer maps are cut by dividing the weights: a quarter of a million places, enough for 1,000 servers of the largest
    /// weight, take 512 KiB.
    static let limit = 1 << 18

    private let weights: [Int]
    private let total: Int
    /// Per level: a bit for each server, the first one lowest. All scores together are one total before a server is taken, so
    /// that somebody is always above level 0, and nobody falls below it.
    private var levels: [[UInt64]]
    private var level: [Int]
    /// Servers that go up at a place: the first one, and for each server the next one.
    private var risers: [Int]
    private var nextRiser: [Int]
    private var rises: [Int]

    /// Indices of servers by place. `weights` are above 0.
    static func places(weights: [Int], limit: Int = limit) -> [UInt16] {
        let shares = WeightScale.reduced(Array(weights.prefix(65_535)), limit: limit)
        if shares.allSatisfy({ $0 == 1 }) { return shares.indices.map { UInt16($0) } }
        var map = ServerMap(weights: shares)
        return (0..<map.total).map { UInt16(map.take(at: $0)) }
    }

    private init(weights: [Int]) {
        self.weights = weights
        total = weights.reduce(0, +)
        let words = (weights.count + 63) / 64
        levels = [[UInt64](repeating: 0, count: words), [UInt64](repeating: 0, count: words)]
        level = [Int](repeating: 1, count: weights.count)
        risers = [Int](repeating: -1, count: total + 1)
        nextRiser = [Int](repeating: -1, count: weights.count)
        rises = [Int](repeating: 0, count: weights.count)
        for server in weights.indices {
            levels[1][server / 64] |= 1 << UInt64(server % 64)
            scheduleRise(of: server)
        }
    }

    private mutating func take(at place: Int) -> Int {
        var riser = risers[place + 1]
        while riser >= 0 {
            let next = nextRiser[riser]
            move(riser, by: 1)
            scheduleRise(of: riser)
            riser = next
        }
        let best = highest()
        move(best, by: -1)
        return best
    }

    /// At the place where its weights add up to one more total.
    private mutating func scheduleRise(of server: Int) {
        rises[server] += 1
        let place = (rises[server] * total + weights[server] - 1) / weights[server]
        guard place <= total else { return }
        nextRiser[server] = risers[place]
        risers[place] = server
    }

    private mutating func move(_ server: Int, by step: Int) {
        let bit: UInt64 = 1 << UInt64(server % 64)
        levels[level[server]][server / 64] &= ~bit
        level[server] += step
        if level[server] == levels.count {
            levels.append([UInt64](repeating: 0, count: levels[0].count))
        }
        levels[level[server]][server / 64] |= bit
    }

    private func highest() -> Int {
        for level in levels.reversed() {
            for (word, bits) in level.enumerated() where bits != 0 {
                return word * 64 + bits.trailingZeroBitCount
            }
        }
        return 0
    }
}
