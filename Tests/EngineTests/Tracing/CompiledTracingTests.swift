import Model
import Testing

@testable import Engine

@Suite("Sampling of traces")
struct CompiledTracingTests {
    private func tracing(_ sampler: TraceSampler, followsParent: Bool = true) -> CompiledTracing {
        var model = Tracing()
        (model.sampler, model.followsParent) = (sampler, followsParent)
        return CompiledTracing(model)
    }

    private func parent(isSampled: Bool) -> TraceParent {
        TraceParent(traceHigh: 1, traceLow: 2, span: 3, isSampled: isSampled)
    }

    @Test("always and never do not look", arguments: [0, 1, 1 << 55, UInt64.max])
    func extremes(id: UInt64) {
        #expect(tracing(.always).samples(traceLow: id, parent: nil))
        #expect(!tracing(.never).samples(traceLow: id, parent: nil))
        #expect(tracing(.ratio(1)).samples(traceLow: id, parent: nil))
        #expect(!tracing(.ratio(0)).samples(traceLow: id, parent: nil))
    }

    @Test("a ratio is about the last 56 bits: the highest are recorded")
    func ratios() {
        let half = tracing(.ratio(0.5))
        #expect(half.samples(traceLow: 1 << 55, parent: nil))
        #expect(!half.samples(traceLow: (1 << 55) - 1, parent: nil))
        #expect(!half.samples(traceLow: 0xFF << 56, parent: nil))
        let tenth = tracing(.ratio(0.1))
        var random = RandomNumbers(seed: 42)
        let found = (0..<10_000).filter { _ in tenth.samples(traceLow: random.next(), parent: nil) }.count
        #expect((850...1150).contains(found))
        #expect(
            (0..<10_000).allSatisfy { _ in
                let id = random.next()
                return !tenth.samples(traceLow: id, parent: nil) || half.samples(traceLow: id, parent: nil)
            })
    }

    @Test(
        "what is no part of the whole is none of it, or all", arguments: [-1.0, Double.nan, -Double.infinity])
    func odd(ratio: Double) {
        #expect(!tracing(.ratio(ratio)).samples(traceLow: .max, parent: nil))
        #expect(tracing(.ratio(.infinity)).samples(traceLow: 0, parent: nil))
        #expect(tracing(.ratio(1.5)).samples(traceLow: 0, parent: nil))
        #expect(!tracing(.ratio(.leastNonzeroMagnitude)).samples(traceLow: .max, parent: nil))
    }

    @Test("a believed parent decides, unless the sampler is to", arguments: [true, false])
    func parents(isSampled: Bool) {
        let parent = parent(isSampled: isSampled)
        #expect(tracing(.never).samples(traceLow: 2, parent: parent) == isSampled)
        #expect(tracing(.always).samples(traceLow: 2, parent: parent) == isSampled)
        #expect(tracing(.always, followsParent: false).samples(traceLow: 2, parent: parent))
        #expect(!tracing(.never, followsParent: false).samples(traceLow: 2, parent: parent))
    }

    @Test("spans are recorded where there is a collector")
    func collector() {
        var model = Tracing()
        #expect(!CompiledTracing(model).records)
        model.collector = "http://127.0.0.1:4318/v1/traces"
        #expect(CompiledTracing(model).records)
    }
}
