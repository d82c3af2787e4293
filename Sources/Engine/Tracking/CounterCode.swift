import Model

/// `Model.CounterRead` as workers ask it.
struct CounterCode {
    let entry: CounterRead.Entry
    /// 0 is the one that the entry is tracked in.
    let table: UInt64
    let value: CounterValue

    init(_ read: CounterRead) {
        entry = read.entry
        table = read.table.map { TableDirectory.number(of: $0) } ?? 0
        value = read.value
    }
}

/// `Model.CounterAction` as workers do it.
struct CompiledCounter: ~Copyable {
    let kind: Kind
    let slot: Int
    /// Of a request that is counted already it is not counted again.
    let countsRequest: Bool
    /// Of the key, or of the number.
    let expression: CompiledExpression

    enum Kind {
        /// By the table's number.
        case track(UInt64)
        case add(StoredData.Kind, Int)
        case set(StoredData.Kind, Int)
    }

    // Each part is made before any is stored: Swift 6.3.1 otherwise frees a part before it is there (optimised builds only).
    init(_ action: CounterAction, countsRequest: Bool = false) {
        let made: (kind: Kind, slot: Int) =
            switch action {
            case .track(let slot, _, let table): (.track(TableDirectory.number(of: table)), slot)
            case .add(_, let kind, let element, let slot): (.add(kind, element), slot)
            case .set(let kind, let element, let slot, _): (.set(kind, element), slot)
            }
        let compiled = CompiledExpression(action.expression)
        (kind, slot) = made
        self.countsRequest = countsRequest
        expression = compiled
    }
}
