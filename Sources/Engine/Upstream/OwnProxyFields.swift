import Basics
import Model

/// `Model.OwnProxyField` as workers write them.
final class OwnProxyFields: Sendable {
    let types: FixedArray<UInt8>
    let values: FixedArray<CompiledFormat>

    /// Nil if there are none.
    init?(_ fields: [OwnProxyField]) {
        guard !fields.isEmpty else { return nil }
        types = FixedArray(count: fields.count) { fields[$0].type }
        values = FixedArray(count: fields.count) { CompiledFormat(fields[$0].value) }
    }
}
