import Basics
import Model

/// `Model.Tracing` as workers decide by it.
final class CompiledTracing: Sendable {
    let model: Tracing
    /// Whether spans have somewhere to go.
    let records: Bool
    /// Traces whose last 56 bits are at least this are recorded: what OpenTelemetry has agreed on, so that all decide the same.
    private let threshold: UInt64

    /// One above all that 56 bits can say.
    private static let all: UInt64 = 1 << 56

    init(_ model: Tracing) {
        self.model = model
        records = model.collector != nil
        threshold =
            switch model.sampler {
            case .always: 0
            case .never: CompiledTracing.all
            case .ratio(let ratio): CompiledTracing.threshold(of: ratio)
            }
    }

    /// What is no number records nothing.
    private static func threshold(of ratio: Double) -> UInt64 {
        guard ratio > 0 else { return all }
        return ratio >= 1 ? 0 : all - UInt64(ratio * Double(all))
    }

    /// Whether a trace is recorded. `parent` is who is believed to have begun it.
    func samples(traceLow: UInt64, parent: TraceParent?) -> Bool {
        if model.followsParent, let parent { return parent.isSampled }
        return traceLow & (CompiledTracing.all - 1) >= threshold
    }
}

/// `Model.RouteTracing` as workers follow it.
struct CompiledRouteTracing: ~Copyable {
    let trustsClient: Bool
    let hasName: Bool
    let name: CompiledFormat
    let path: FixedArray<UInt8>

    init(_ model: RouteTracing) {
        let name = CompiledFormat(model.name ?? FormatString([]))
        let path = FixedArray<UInt8>(model.path)
        trustsClient = model.trustsClient
        hasName = model.name != nil
        self.name = name
        self.path = path
    }
}
