/// HAProxy's `hash-balance-factor`: how many requests in flight a server may have before a hash looks for the next one.
struct LoadBound {
    /// Percent of the even share; 0 is no bound.
    let factor: Int
    /// The weights of all servers.
    let total: Int

    /// Places of a server, one at least: `inFlight` requests of the whole backend and the one that asks, times the factor,
    /// spread by weight. Rounding is spread too: servers before this one, of weight `before`, have their part of the rest.
    func places(inFlight: Int, weight: Int, before: Int) -> Int {
        guard total > 0 else { return 1 }
        let all = ((max(0, inFlight) + 1) * factor + 99) / 100
        let (each, rest) = (all / total, all % total)
        return max(1, weight * each + (before + weight) * rest / total - before * rest / total)
    }
}
