public import Synchronization

extension Atomic where Value == Int {
    /// Adds one, unless it is `limit` already or more: false then. A limit of 0 or less is none.
    ///
    /// Never above the limit, not even for a moment: another thread that looked then would wait for nothing. Who has added
    /// takes one away again with `wrappingSubtract`.
    @inlinable
    public func addOne(upTo limit: Int) -> Bool {
        guard limit > 0 else {
            wrappingAdd(1, ordering: .sequentiallyConsistent)
            return true
        }
        var count = load(ordering: .sequentiallyConsistent)
        while count < limit {
            let (isDone, now) = compareExchange(
                expected: count, desired: count + 1, ordering: .sequentiallyConsistent)
            if isDone { return true }
            count = now
        }
        return false
    }
}
