import Model

/// What expressions ask of entries and rules do with them. Where the one counter or tag of a kind is not stored but an array of
/// them, its element stands for it, as in HAProxy.
extension TableShard {
    /// What an entry says; nil if the table does not store it. Some questions change it.
    mutating func ask(
        _ value: CounterValue, of entry: UInt32, _ layout: borrowing TableLayout, now: UInt64
    ) -> UInt64? {
        switch value {
        case .stored(let kind, let element):
            let (kind, element) = TableShard.place(of: kind, element, layout)
            return self.value(kind, element, in: entry, layout, now: now)
        case .kilobytes(let kind): return self.value(kind, in: entry, layout, now: now).map { $0 >> 10 }
        case .holders: return UInt64(holders(entry))
        case .isHeld: return 1
        case .increment(let kind, let element):
            return increase(kind, element, by: 1, in: entry, layout, now: now)
        case .clear(let kind, let element):
            let (kind, element) = TableShard.place(of: kind, element, layout)
            guard let old = self.value(kind, element, in: entry, layout, now: now) else { return nil }
            _ = set(kind, element, to: 0, in: entry, layout)
            touch(entry, now: now)
            return old
        case .countConnection:
            guard let count = add(1, to: .connections, in: entry, layout) else { return nil }
            touch(entry, now: now)
            return count
        }
    }

    /// Adds to a number of general use and to the rate that goes with it. Says what the number is then, or what there is of the
    /// rate in its current window; 0 if neither is stored.
    @discardableResult
    mutating func increase(
        _ kind: StoredData.Kind, _ element: Int, by amount: UInt64, in entry: UInt32,
        _ layout: borrowing TableLayout, now: UInt64
    ) -> UInt64 {
        let (number, place) = TableShard.place(of: kind, element, layout)
        let (rate, ratePlace) = TableShard.place(of: kind.rateOfUse, element, layout)
        let count = addToRate(amount, rate, ratePlace, in: entry, layout, now: now)
        touch(entry, now: now)
        return add(amount, to: number, place, in: entry, layout) ?? count ?? 0
    }

    /// Makes a tag this one.
    mutating func mark(
        _ kind: StoredData.Kind, _ element: Int, as value: UInt32, in entry: UInt32,
        _ layout: borrowing TableLayout, now: UInt64
    ) {
        let (kind, element) = TableShard.place(of: kind, element, layout)
        if set(kind, element, to: UInt64(value), in: entry, layout) { touch(entry, now: now) }
    }

    /// Counts what begins with tracking: a connection, which is open until it ends.
    mutating func begin(in entry: UInt32, _ layout: borrowing TableLayout, now: UInt64) {
        _ = add(1, to: .openConnections, in: entry, layout)
        count(.connection, in: entry, layout, now: now)
    }

    private static func place(
        of kind: StoredData.Kind, _ element: Int, _ layout: borrowing TableLayout
    ) -> (StoredData.Kind, Int) {
        guard !layout[kind].isStored, let array = kind.array else { return (kind, element) }
        return (array, kind == .gpc1 || kind == .gpc1Rate ? 1 : 0)
    }
}

extension StoredData.Kind {
    /// What is counted over a period along with a number of general use.
    fileprivate var rateOfUse: StoredData.Kind {
        switch self {
        case .gpc0: .gpc0Rate
        case .gpc1: .gpc1Rate
        default: .gpcRate
        }
    }
}
