import Basics
import Engine
import Model

/// What a collector is sent: `opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest` in OTLP's JSON.
struct CollectorRequest {
    let body: [UInt8]

    static let fields = ["Content-Type: application/json", "Accept: application/json"]

    init(_ delivery: SpanQueue.Delivery, instance: String) {
        var body: [UInt8] = []
        body.reserveCapacity(512 + delivery.batches.reduce(0) { $0 + $1.spans.count + 1 })
        body += Array("{\"resourceSpans\":[{\"resource\":{\"attributes\":".utf8)
        body += CollectorRequest.resource(delivery.tracing.serviceName, instance)
        body += Array(
            "},\"scopeSpans\":[{\"scope\":{\"name\":\"sluice\",\"version\":\"\(Version.number)\"},".utf8)
        body += Array("\"spans\":[".utf8)
        for (place, batch) in delivery.batches.enumerated() {
            if place > 0 { body.append(UInt8(ascii: ",")) }
            body += batch.spans
        }
        body += Array("]}]}]}".utf8)
        self.body = body
    }

    private static func resource(_ service: String, _ instance: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.list { list in
            for (key, value) in [
                ("service.name", service), ("service.version", Version.number),
                ("service.instance.id", instance), ("telemetry.sdk.name", "sluice"),
                ("telemetry.sdk.language", "swift"),
            ] where !value.isEmpty {
                list.object { attribute in
                    attribute.field("key", key)
                    attribute.field("value") { $0.object { $0.field("stringValue", value) } }
                }
            }
        }
        return writer.bytes
    }
}
