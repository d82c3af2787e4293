import Model

/// Holds bytes back, so that only so many pass in so much time, evenly.
///
/// What has passed is paid for with time: `due` is when all of it is. Nothing passes before that; then a piece may, or as much as
/// the time since then is worth, a period's at most. A piece that comes out longer than it should have been takes longer to pay for.
///
/// ```
///   passes   piece      piece        two late pieces
///   time     ├──────────►├──────────►·····├─────────────────────►
///                       due         due                        due
/// ```
/// Pure; time is passed in.
struct Throttle: Equatable {
    /// Who set it.
    let key: UInt64
    let direction: BandwidthLimit.Direction
    let includesTunnels: Bool
    private(set) var rate: Rate
    /// Bytes that still pass for nothing.
    private var free: UInt64
    /// When everything that has passed is paid for, in nanoseconds.
    private var due: UInt64
    /// Who else pays, where a limit is shared.
    private(set) var share: PaceShare?

    /// So many bytes in so many nanoseconds, so many of them at a time.
    struct Rate: Equatable {
        let bytes: UInt64
        let period: UInt64
        let piece: UInt64

        /// HAProxy forwards at most a buffer at a time, which is this by default.
        private static let usualPiece: UInt64 = 16 * 1024

        /// `period` in milliseconds. Numbers below 1 count as 1.
        init(bytes: Int, period: Int, leastPiece: Int = 0) {
            self.bytes = UInt64(max(1, bytes))
            self.period = UInt64(max(1, min(Int(Int32.max), period))) &* 1_000_000
            piece = min(self.bytes, max(Rate.usualPiece, UInt64(max(0, leastPiece))))
        }

        /// Of those who share it each has a quarter of it at a time, or less: the others wait meanwhile.
        init(shared bytes: Int, period: Int, leastPiece: Int) {
            self.bytes = UInt64(max(1, bytes))
            self.period = UInt64(max(1, min(Int(Int32.max), period))) &* 1_000_000
            let usual = min(Rate.usualPiece, max(1, self.bytes / 4))
            piece = min(self.bytes, max(usual, UInt64(max(0, leastPiece))))
        }

        /// The time that so many bytes take, rounded up.
        func time(of count: UInt64) -> UInt64 {
            let product = count.multipliedFullWidth(by: period)
            guard product.high < bytes else { return .max }
            let (quotient, remainder) = bytes.dividingFullWidth(product)
            return remainder == 0 ? quotient : quotient.addingReportingOverflow(1).partialValue
        }

        /// The bytes that some time is worth, a period at most.
        func bytes(in time: UInt64) -> UInt64 {
            period.dividingFullWidth(min(time, period).multipliedFullWidth(by: bytes)).quotient
        }
    }

    init(
        _ key: UInt64, _ direction: BandwidthLimit.Direction, _ rate: Rate, free: Int64 = 0,
        includesTunnels: Bool = true, now: UInt64
    ) {
        (self.key, self.direction, self.rate) = (key, direction, rate)
        (self.free, due, self.includesTunnels) = (UInt64(max(0, free)), now, includesTunnels)
    }

    /// One that others share.
    init(_ key: UInt64, _ direction: BandwidthLimit.Direction, _ rate: Rate, shared share: PaceShare) {
        self.init(key, direction, rate, now: 0)
        self.share = share
    }

    /// Asks for the next piece, where others share the limit: whoever asks first is served first.
    func reserve(now: UInt64) { share?.reserve(now: now) }

    /// Another rate from now on; what has passed is paid for as it was.
    mutating func change(to rate: Rate) { self.rate = rate }

    /// How long nothing may pass, in nanoseconds.
    func wait(now: UInt64) -> UInt64 {
        if let share { return share.wait(now: now) }
        return free == 0 && due > now ? due &- now : 0
    }

    /// How many bytes may pass; 0 is to wait.
    func allowance(now: UInt64) -> Int {
        if let share { return share.allowance(now: now) }
        if free > 0 { return Int(clamping: free.addingReportingOverflow(rate.piece).partialValue) }
        guard now >= due else { return 0 }
        return Int(clamping: max(rate.piece, rate.bytes(in: now &- due)))
    }

    /// So many have passed.
    mutating func pass(_ count: Int, now: UInt64) {
        if let share { return share.pass(count, now: now) }
        let given = min(free, UInt64(max(0, count)))
        free &-= given
        let paid = UInt64(max(0, count)) &- given
        guard paid > 0 else { return }
        let earliest = now > rate.period ? now &- rate.period : 0
        let (sum, isEndless) = max(due, earliest).addingReportingOverflow(rate.time(of: paid))
        due = isEndless ? .max : sum
    }
}
