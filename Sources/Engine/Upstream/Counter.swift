import Synchronization

/// A number that one worker counts up and other threads read now and then.
///
/// A relaxed load and store (0.3 ns) instead of an atomic addition (2.6 ns): there is only one writer.
struct Counter: ~Copyable {
    private let number = Atomic<UInt64>(0)

    /// The number so far; any thread.
    var value: UInt64 { number.load(ordering: .relaxed) }

    /// Counts; the owning worker only.
    func add(_ amount: UInt64 = 1) {
        number.store(number.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }

    /// Keeps the highest value; the owning worker only.
    func raise(to value: UInt64) {
        if value > number.load(ordering: .relaxed) { number.store(value, ordering: .relaxed) }
    }

    /// Begins anew; the owning worker only.
    func reset() { number.store(0, ordering: .relaxed) }

    /// Counts down, for gauges; the owning worker only.
    func subtract(_ amount: UInt64 = 1) {
        number.store(number.load(ordering: .relaxed) &- amount, ordering: .relaxed)
    }
}
