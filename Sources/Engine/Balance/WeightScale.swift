/// Weights as small as they can be.
enum WeightScale {
    /// What the weights share divided out, then halved until their sum is within `limit`; nobody falls below 1.
    static func reduced(_ weights: [Int], limit: Int) -> [Int] {
        let divisor = weights.reduce(0, greatestCommonDivisor)
        var shares = divisor > 1 ? weights.map { $0 / divisor } : weights
        let most = max(limit, weights.count)
        while shares.reduce(0, +) > most { shares = shares.map { max(1, $0 / 2) } }
        return shares
    }

    private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
        b == 0 ? a : greatestCommonDivisor(b, a % b)
    }
}
