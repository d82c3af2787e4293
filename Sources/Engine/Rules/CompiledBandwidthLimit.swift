import Basics
import Model

/// `Model.BandwidthLimit` as workers set it.
struct CompiledBandwidthLimit: ~Copyable {
    /// Made of its section and name, with the process's seed.
    let key: UInt64
    let direction: BandwidthLimit.Direction
    let bytes: Int
    let period: Int
    let burst: Int64
    let leastPiece: Int
    let includesTunnels: Bool
    /// What gives other numbers: one, or none.
    let chosenBytes: FixedArray<CompiledExpression>
    let chosenPeriod: FixedArray<CompiledExpression>
    /// What gives the key of those who share it: one, or none; and the table it is counted in.
    let sharedKey: FixedArray<CompiledExpression>
    let table: UInt64

    // Each part is made before any is stored, as everywhere.
    init(_ model: BandwidthLimit) {
        let sizes = model.chosenBytes.map { [$0] } ?? []
        let times = model.chosenPeriod.map { [$0] } ?? []
        let keys = model.sharing.map { [$0.key] } ?? []
        let chosenBytes = FixedArray(count: sizes.count) { CompiledExpression(sizes[$0]) }
        let chosenPeriod = FixedArray(count: times.count) { CompiledExpression(times[$0]) }
        let sharedKey = FixedArray(count: keys.count) { CompiledExpression(keys[$0]) }
        table = model.sharing.map { TableDirectory.number(of: $0.table) } ?? 0
        key = "\(model.section)\0\(model.name)".withView { KeyedHash.hash($0) }
        direction = model.direction
        (bytes, period, burst) = (model.bytes, model.period, model.burst)
        (leastPiece, includesTunnels) = (model.leastPiece, model.includesTunnels)
        self.chosenBytes = chosenBytes
        self.chosenPeriod = chosenPeriod
        self.sharedKey = sharedKey
    }
}
