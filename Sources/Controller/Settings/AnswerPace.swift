import Model

/// How fast answers are sent, in KiB: nginx's `limit_rate`.
struct AnswerPace: Sendable, Equatable {
    /// So many a second; 0 is as fast as it goes.
    var rate: Int?
    /// After so many.
    var after: Int?

    /// What it says, and else what another does.
    func over(_ other: AnswerPace) -> AnswerPace {
        AnswerPace(rate: rate ?? other.rate, after: after ?? other.after)
    }

    /// What is done with answers. As nginx has it, a second's worth passes at once.
    var response: [HTTPRule] {
        guard let rate, rate > 0 else { return [] }
        var limit = BandwidthLimit(
            section: "", name: "limit-rate", .answer, bytes: rate * 1_024, period: 1_000)
        // The engine lets as much as 16 KiB pass at once by itself.
        limit.burst = Int64(max(0, rate - 16) + (after ?? 0)) * 1_024
        limit.includesTunnels = false
        return [HTTPRule(.limitBandwidth(limit))]
    }
}

extension SettingForm where Value == Int {
    /// A number of KiB, a tebibyte at most.
    static var kibibytes: SettingForm { .integer(0...(1 << 30)) }
}
