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

    // Each part is made before any is stored, as everywhere.
    init(_ model: BandwidthLimit) {
        let sizes = model.chosenBytes.map { [$0] } ?? []
        let times = model.chosenPeriod.map { [$0] } ?? []
        let chosenBytes = FixedArray(count: sizes.count) { CompiledExpression(sizes[$0]) }
        let chosenPeriod = FixedArray(count: times.count) { CompiledExpression(times[$0]) }
        key = "\(model.section)\0\(model.name)".withView { KeyedHash.hash($0) }
        direction = model.direction
        (bytes, period, burst) = (model.bytes, model.period, model.burst)
        (leastPiece, includesTunnels) = (model.leastPiece, model.includesTunnels)
        self.chosenBytes = chosenBytes
        self.chosenPeriod = chosenPeriod
    }
}
