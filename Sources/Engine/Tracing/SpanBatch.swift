public import Model

/// Spans on their way from a worker to who sends them to a collector.
public struct SpanBatch: Sendable {
    /// Where they go, and how.
    public let tracing: Tracing
    /// Objects of OTLP's JSON (`opentelemetry.proto.trace.v1.Span`) with a comma between two.
    public let spans: [UInt8]
    /// How many.
    public let count: Int

    /// A batch from its parts.
    public init(tracing: Tracing, spans: [UInt8], count: Int) {
        (self.tracing, self.spans, self.count) = (tracing, spans, count)
    }
}
