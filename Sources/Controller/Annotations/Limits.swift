import Model

/// How often clients may ask.
struct Limits: Sendable, Equatable {
    var perSecond: Int?
    var perMinute: Int?
    /// Requests of a client at a time.
    var connections: Int?
    /// Requests of everybody at a time.
    var requests: Int?
    /// So many times the limit may come at once.
    var burstMultiplier = 5
    /// Clients that are not limited.
    var exempt: [String] = []
    /// Those of the HAProxy controllers: so many…
    var perPeriod: Int?
    /// … in so many milliseconds, counted for so many clients, or refused with this.
    var period = 1_000
    var keys: Int?
    var periodStatus: UInt16 = 403
    /// How fast answers are sent; nil is what the ConfigMap says for all.
    var pace = AnswerPace()
    /// What is answered beyond the others: of rates, and of requests at a time alone.
    var rateStatus: UInt16 = 503
    var connectionStatus: UInt16 = 503

    static let rows: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .nginx("limit-rps"), .own("limit-rps"), form: .integer(0...1_000_000), fallback: "no limit",
                "So many requests a second of a client to the Ingress, a burst beyond it at once, more are answered 503. Each replica counts for itself."
            ) { $0.limits.perSecond = $1 > 0 ? $1 : nil },
            phase: .limits),
        AnnotationRow(
            SettingRow(
                .nginx("limit-rpm"), .own("limit-rpm"), form: .integer(0...1_000_000), fallback: "no limit",
                "The same for a minute; both can be said, and must be kept."
            ) { $0.limits.perMinute = $1 > 0 ? $1 : nil },
            phase: .limits),
        AnnotationRow(
            SettingRow(
                .nginx("limit-connections"), .own("limit-connections"), form: .integer(0...1_000_000),
                fallback: "no limit",
                "So many requests of a client at a time to all paths of the Ingress, streams of HTTP/2 among them; more are answered 503. Each replica counts for itself."
            ) { $0.limits.connections = $1 > 0 ? $1 : nil },
            phase: .limits),
        AnnotationRow(
            SettingRow(
                .own("limit-requests"), form: .integer(0...1_000_000), fallback: "no limit",
                "So many requests of all clients together at a time to all paths of the Ingress; more are answered 503. Each replica counts for itself."
            ) { $0.limits.requests = $1 > 0 ? $1 : nil },
            phase: .limits),
        AnnotationRow(
            SettingRow(
                .nginx("limit-burst-multiplier"), .own("limit-burst-multiplier"), form: .integer(1...10_000),
                fallback: "5", "The burst, in times of the limit."
            ) { $0.limits.burstMultiplier = $1 },
            phase: .limits),
        AnnotationRow(
            SettingRow(
                .nginx("limit-rate"), .own("limit-rate"), form: .kibibytes, fallback: "of the ConfigMap",
                "So many KiB a second of each answer's body, beyond those of the first second; `0` is as fast as it goes. Upgraded connections are not limited."
            ) { $0.limits.pace.rate = $1 },
            phase: .answer),
        AnnotationRow(
            SettingRow(
                .nginx("limit-rate-after"), .own("limit-rate-after"), form: .kibibytes,
                fallback: "of the ConfigMap", "So many KiB of each answer pass before that."
            ) { $0.limits.pace.after = $1 },
            phase: .answer),
        AnnotationRow(
            SettingRow(
                .nginx("limit-allowlist"), .own("limit-allowlist"), .nginx("limit-whitelist"),
                .haproxy("rate-limit-whitelist"),
                form: SettingForm.network.list(of: "addresses and networks"), fallback: "",
                "Clients from these networks are not limited."
            ) { $0.limits.exempt = $1 },
            phase: .limits),
        AnnotationRow(
            SettingRow(
                .haproxy("rate-limit-requests"), form: .integer(1...1_000_000), fallback: "no limit",
                "So many requests of a client to the Ingress in `rate-limit-period`; more are answered 403. Each replica counts for itself."
            ) { $0.limits.perPeriod = $1 },
            phase: .limits,
            differs:
                "so many at once, and as many evenly in each period after that; there they are counted in a period that slides"
        ),
        AnnotationRow(
            SettingRow(
                .haproxy("rate-limit-period"), form: .duration(1...SettingText.week), fallback: "1s",
                "The period."
            ) { $0.limits.period = $1 },
            phase: .limits),
        AnnotationRow(
            SettingRow(
                .haproxy("rate-limit-size"), form: .size(1...(1 << 20)), fallback: "16k",
                "For how many clients is counted; of more, those that have been quiet for longest are forgotten."
            ) { $0.limits.keys = Int($1) },
            phase: .limits, differs: "1m at most; without it 16k (there: 100k)"),
        AnnotationRow(
            SettingRow(
                .haproxy("rate-limit-status-code"), form: .integer(400...599), fallback: "403",
                "What is answered beyond the limit."
            ) { $0.limits.periodStatus = UInt16(clamping: $1) },
            phase: .limits),
    ]

    /// Adds them to what a route's requests are refused by.
    func apply(to limits: inout RequestLimits) {
        func rate(_ requests: Int, per period: Int) -> RateLimit {
            var rate = RateLimit(key: .address, requests: requests)
            rate.period = period
            rate.burst = requests.multipliedReportingOverflow(by: burstMultiplier).partialValue
            return rate
        }
        var all = [perSecond.map { rate($0, per: 1_000) }, perMinute.map { rate($0, per: 60_000) }]
            .compactMap { $0 }
        if let perPeriod {
            var limit = rate(perPeriod, per: period)
            limit.burst = perPeriod - 1
            limit.keys = keys ?? limit.keys
            all.append(limit)
        }
        guard !all.isEmpty || connections != nil || requests != nil else { return }
        limits.maxRequests = requests ?? 0
        limits.maxRequestsPerAddress = connections ?? 0
        (limits.rate, limits.secondRate) = (all.first, all.dropFirst().first)
        limits.exempt = exempt
        limits.status = perPeriod != nil ? periodStatus : all.isEmpty ? connectionStatus : rateStatus
    }
}
