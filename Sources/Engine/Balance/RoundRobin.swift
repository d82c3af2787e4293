/// Smooth weighted round robin as a fixed rotation.
///
/// The rotation is computed once per set of servers; a request then takes the next place of a counter shared by all workers.
/// Weights 10, 30, 20 give `1 2 1 0 2 1`: each server as often as its weight says and never more than one place off
/// its share, the heavier first among equals (HAProxy 2.6 answers `1 2 1 0 1 2` for the same weights).
enum RoundRobin {
    /// Indices in the order of use. Equal weights are the identity. Longer rotations than 4,096 places are cut by
    /// dividing the weights, which every server survives with one place at least.
    static func rotation(weights: [Int]) -> [UInt16] {
        let shares = WeightScale.reduced(Array(weights.prefix(65_535)), limit: 4096)
        let total = shares.reduce(0, +)
        if shares.allSatisfy({ $0 == 1 }) { return shares.indices.map { UInt16($0) } }
        var credit = [Int](repeating: 0, count: shares.count)
        return (0..<total).map { _ in
            var best = 0
            for i in shares.indices {
                credit[i] += shares[i]
                if credit[i] > credit[best] || credit[i] == credit[best] && shares[i] > shares[best] {
                    best = i
                }
            }
            credit[best] -= total
            return UInt16(best)
        }
    }
}
