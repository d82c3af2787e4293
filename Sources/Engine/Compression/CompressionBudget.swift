import Model
import Synchronization
import Wire

/// What compression may cost the process and what it does cost: common to all workers.
///
/// Where nothing is limited nobody counts. Where its rate is, one lock is taken for each read that is compressed: 5 ns beside a
/// millisecond.
final class CompressionBudget: Sendable {
    /// But for the rate.
    let limits: CompressionLimits
    private let mostBytes: Atomic<Int64>
    /// Bytes before compression, over all workers.
    private let rate = Mutex(SlidingRate())

    init(_ limits: CompressionLimits) {
        self.limits = limits
        mostBytes = Atomic(max(0, limits.maxRate))
    }

    /// The most bytes in a second; 0 is no limit.
    var maxRate: Int64 { mostBytes.load(ordering: .relaxed) }

    /// Changes it.
    func limitRate(to bytes: Int64) { mostBytes.store(max(0, bytes), ordering: .relaxed) }

    /// Whether workers have to know how much they sleep.
    var limitsTime: Bool { limits.maxCPUUsage < 100 }

    private var limitsRate: Bool { maxRate > 0 }

    /// Counts bytes that go into compression.
    func count(_ bytes: Int, at now: UInt64) {
        if limitsRate { rate.withLock { $0.add(Int64(bytes), at: now) } }
    }

    /// Whether compression costs more than it may, on a worker of whose time `idle` per cent are left.
    func isExceeded(idle: Int, at now: UInt64) -> Bool {
        var limits = limits
        limits.maxRate = maxRate
        let bytes = limits.maxRate > 0 ? rate.withLock { $0.perSecond(at: now) } : 0
        return limits.isExceeded(idle: idle, rate: bytes)
    }

    /// The level that a body whose reads were compressed at `level` so far goes on with.
    func nextLevel(of coding: ContentCoding, after level: Int, idle: Int, at now: UInt64) -> Int {
        guard coding.changesLevel, limitsTime || limitsRate else { return level }
        return limits.nextLevel(after: level, isExceeded: isExceeded(idle: idle, at: now))
    }
}

extension ContentCoding {
    /// Whether its library can change the level of a running body.
    fileprivate var changesLevel: Bool {
        switch self {
        case .gzip, .deflate, .rawDeflate: true
        case .brotli, .zstd: false
        }
    }
}
