import Model

/// What is counted in an entry, as the number of times it happened and as a rate, whichever of them the table stores.
enum TableEvent: UInt8, CaseIterable {
    case connection, session, request, error, failure, bytesIn, bytesOut

    /// It in a set of them.
    var bit: UInt8 { 1 << rawValue }

    /// The number, and the rate.
    var kinds: (StoredData.Kind, StoredData.Kind) {
        switch self {
        case .connection: (.connections, .connectionRate)
        case .session: (.sessions, .sessionRate)
        case .request: (.requests, .requestRate)
        case .error: (.errors, .errorRate)
        case .failure: (.failures, .failureRate)
        case .bytesIn: (.bytesIn, .bytesInRate)
        case .bytesOut: (.bytesOut, .bytesOutRate)
        }
    }
}

/// Numbers and rates of an entry. What the table does not store is left out.
extension TableShard {
    /// Counts an event.
    mutating func count(
        _ event: TableEvent, by amount: UInt64 = 1, in entry: UInt32, _ layout: borrowing TableLayout,
        now: UInt64
    ) {
        let (number, rate) = event.kinds
        _ = add(amount, to: number, in: entry, layout)
        addToRate(amount, rate, in: entry, layout, now: now)
    }

    /// A number as it is, or of a rate how often within its period; nil if it is not stored.
    func value(
        _ kind: StoredData.Kind, _ index: Int = 0, in entry: UInt32, _ layout: borrowing TableLayout,
        now: UInt64
    ) -> UInt64? {
        let place = layout[kind]
        guard place.isStored, index >= 0, index < place.count else { return nil }
        guard place.period > 0 else { return self[entry, place.word + index] }
        return window(entry, place, index).rate(now: now, period: place.period)
    }

    /// Makes a number this one; false if it is not stored.
    mutating func set(
        _ kind: StoredData.Kind, _ index: Int = 0, to value: UInt64, in entry: UInt32,
        _ layout: borrowing TableLayout
    ) -> Bool {
        let place = layout[kind]
        guard place.isStored, place.period == 0, index >= 0, index < place.count else { return false }
        noteChange(of: entry)
        self[entry, place.word + index] = value
        return true
    }

    /// Adds to a number, which then is what this says; nil if it is not stored.
    mutating func add(
        _ amount: UInt64, to kind: StoredData.Kind, _ index: Int = 0, in entry: UInt32,
        _ layout: borrowing TableLayout
    ) -> UInt64? {
        let place = layout[kind]
        guard place.isStored, place.period == 0, index >= 0, index < place.count else { return nil }
        noteChange(of: entry)
        let (sum, isTooMuch) = self[entry, place.word + index].addingReportingOverflow(amount)
        self[entry, place.word + index] = isTooMuch ? .max : sum
        return self[entry, place.word + index]
    }

    /// One less, if it is not none already.
    mutating func takeOne(from kind: StoredData.Kind, in entry: UInt32, _ layout: borrowing TableLayout) {
        let place = layout[kind]
        guard place.isStored, self[entry, place.word] > 0 else { return }
        noteChange(of: entry)
        self[entry, place.word] = self[entry, place.word] &- 1
    }

    /// Counts towards a rate; says what there is in its current window then, nil if it is not stored.
    @discardableResult
    mutating func addToRate(
        _ amount: UInt64, _ kind: StoredData.Kind, _ index: Int = 0, in entry: UInt32,
        _ layout: borrowing TableLayout, now: UInt64
    ) -> UInt64? {
        let place = layout[kind]
        guard place.period > 0, index >= 0, index < place.count else { return nil }
        noteChange(of: entry)
        var window = window(entry, place, index)
        window.add(amount, now: now, period: place.period)
        self[entry, place.word + 2 * index] = window.start
        self[entry, place.word + 2 * index + 1] = window.counts
        return UInt64(window.current)
    }

    func window(_ entry: UInt32, _ place: TableLayout.Place, _ index: Int) -> RateWindow {
        RateWindow(
            start: self[entry, place.word + 2 * index], counts: self[entry, place.word + 2 * index + 1])
    }
}
