/// What a rule does with counters: HAProxy's `track-sc0`, `sc-inc-gpc` and their like. Nothing, where there is no such entry.
public enum CounterAction: Sendable, Equatable {
    /// From now on the key's entry counts what happens, under this number; unless another one is tracked under it already.
    case track(Int, key: Expression, table: TableName)
    /// A number of general use grows, and the rate that goes with it.
    case add(Expression, to: StoredData.Kind, element: Int, of: Int)
    /// A tag becomes this.
    case set(StoredData.Kind, element: Int, of: Int, to: Expression)

    /// Where its samples are read.
    public var expression: Expression {
        switch self {
        case .track(_, let key, _): key
        case .add(let amount, _, _, _): amount
        case .set(_, _, _, let value): value
        }
    }

    /// What its samples can be had from.
    public var needs: SampleLayers { expression.needs }
}
