/// How long requests took, summed up: nanoseconds.
struct TimeSums: Equatable, Sendable {
    var count: UInt64 = 0
    var queue: UInt64 = 0
    var connect: UInt64 = 0
    var response: UInt64 = 0
    var total: UInt64 = 0

    static func + (one: TimeSums, other: TimeSums) -> TimeSums { one.combined(other, &+) }

    static func - (one: TimeSums, other: TimeSums) -> TimeSums { one.combined(other, &-) }

    private func combined(_ other: TimeSums, _ with: (UInt64, UInt64) -> UInt64) -> TimeSums {
        TimeSums(
            count: with(count, other.count), queue: with(queue, other.queue),
            connect: with(connect, other.connect), response: with(response, other.response),
            total: with(total, other.total))
    }
}

/// How long requests took on average of late: of the last 512 to 1,024, or of those between the last two looks if there were more.
struct TimeWindow {
    /// As many as HAProxy's averages go by.
    static let size: UInt64 = 512

    private var from = TimeSums()
    private var next = TimeSums()

    /// Looks at all sums so far.
    mutating func look(at sums: TimeSums) {
        // Servers have gone, and their sums with them.
        if sums.count < next.count { (from, next) = (TimeSums(), TimeSums()) }
        guard sums.count - next.count >= TimeWindow.size else { return }
        (from, next) = (next, sums)
    }

    /// The sums of what counts.
    func recent(of sums: TimeSums) -> TimeSums { sums.count < from.count ? sums : sums - from }
}
