import Basics
import Model
import Wire

/// A worker's spans until they are handed over, whole buffers at a time. It has no memory before the first.
struct SpanBuffer: ~Copyable {
    /// Takes what is handed over; nil takes nothing.
    var sink: (@Sendable (SpanBatch) -> Void)?
    /// Fires when the oldest has waited long enough; 0 before the first.
    var timer: TimerWheel.ID = 0
    private var bytes = Buffer()
    private(set) var count = 0
    private var destination: CompiledTracing?

    /// The longest span: its texts are cut, but each byte of them may need six.
    static let longest = 32 * 1024
    private static let size = 64 * 1024
    /// How long the first waits here at most, in milliseconds; what the collector's settings say is waited elsewhere.
    static let delay = 200

    init() {}

    var isEmpty: Bool { count == 0 }

    /// Adds a span that `body` writes. True if it is the first, so that the time has to be taken.
    mutating func add(for tracing: CompiledTracing, _ body: (inout ByteWriter) -> Void) -> Bool {
        if let known = destination, known !== tracing, known.model != tracing.model { flush() }
        if !bytes.hasMemory { bytes = Buffer(capacity: SpanBuffer.size) }
        if bytes.room < SpanBuffer.longest || count >= tracing.model.batching.together { flush() }
        destination = tracing
        let isFirst = count == 0
        let fits = bytes.write { output in
            if !isFirst { output.append(",") }
            body(&output)
        }
        if fits { count += 1 }
        return fits && isFirst
    }

    /// Hands everything over.
    mutating func flush() {
        guard count > 0, let tracing = destination else { return }
        sink?(SpanBatch(tracing: tracing.model, spans: bytes.view.bytes, count: count))
        bytes.reset()
        count = 0
    }
}
