import Basics
import Model
import Synchronization
import Testing

@testable import Engine

@Suite("A worker's spans")
struct SpanBufferTests {
    private final class Taken: Sendable {
        let batches = Mutex<[SpanBatch]>([])
        var counts: [Int] { batches.withLock { $0.map(\.count) } }
        var texts: [String] { batches.withLock { $0.map { String(decoding: $0.spans, as: UTF8.self) } } }
        var services: [String] { batches.withLock { $0.map(\.tracing.serviceName) } }
    }

    private func tracing(_ service: String = "a", most: Int = 512, queue: Int = 2_048) -> CompiledTracing {
        var model = Tracing()
        model.serviceName = service
        (model.batching.most, model.batching.queue) = (most, queue)
        return CompiledTracing(model)
    }

    @Test("nothing is handed over before there is something")
    func empty() {
        let taken = Taken()
        var spans = SpanBuffer()
        spans.sink = { batch in taken.batches.withLock { $0.append(batch) } }
        spans.flush()
        let isEmpty = spans.isEmpty
        #expect(taken.counts.isEmpty && isEmpty)
    }

    @Test("spans go together with commas between, and the first says so")
    func several() {
        let taken = Taken()
        var spans = SpanBuffer()
        spans.sink = { batch in taken.batches.withLock { $0.append(batch) } }
        let tracing = tracing()
        let first = spans.add(for: tracing) { $0.append("{1}") }
        let second = spans.add(for: tracing) { $0.append("{2}") }
        let count = spans.count
        #expect(first && !second && count == 2)
        spans.flush()
        let third = spans.add(for: tracing) { $0.append("{3}") }
        #expect(third)
        spans.flush()
        #expect(taken.texts == ["{1},{2}", "{3}"] && taken.counts == [2, 1])
    }

    @Test("what would not fit, or is for somebody else, waits for what is there to go")
    func limits() {
        let taken = Taken()
        var spans = SpanBuffer()
        spans.sink = { batch in taken.batches.withLock { $0.append(batch) } }
        let (two, other) = (tracing(most: 2), tracing("b", most: 512, queue: 1))
        for _ in 0..<5 { _ = spans.add(for: two) { $0.append("{}") } }
        #expect(taken.counts == [2, 2])
        for _ in 0..<2 { _ = spans.add(for: other) { $0.append("{}") } }
        #expect(taken.counts == [2, 2, 1, 1] && taken.services == ["a", "a", "a", "b"])
    }

    @Test("a full buffer is handed over, and its memory does not grow")
    func full() {
        let taken = Taken()
        var spans = SpanBuffer()
        spans.sink = { batch in taken.batches.withLock { $0.append(batch) } }
        let tracing = tracing()
        for _ in 0..<100 {
            _ = spans.add(for: tracing) { output in
                for _ in 0..<100 { output.append("0123456789012345678901234567890123456789") }
            }
        }
        spans.flush()
        #expect(taken.counts.reduce(0, +) == 100)
        #expect(taken.batches.withLock { $0.allSatisfy { $0.spans.count <= 64 * 1024 } })
    }

    @Test("without anybody who takes them they are forgotten")
    func nobody() {
        var spans = SpanBuffer()
        _ = spans.add(for: tracing()) { $0.append("{}") }
        spans.flush()
        let isEmpty = spans.isEmpty
        #expect(isEmpty)
    }
}
