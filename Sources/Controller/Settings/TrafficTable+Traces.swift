import Model

extension TrafficTable {
    static let traces: [Row] = [
        Row(
            .own("tracing"), .nginx("enable-opentelemetry"), form: .bool, fallback: "false",
            "Whether requests are traced where an Ingress says nothing of it: servers are told in `traceparent` (W3C Trace Context) which trace a request belongs to, and a span is recorded of it."
        ) { $0.traces.isOn = $1 }
        .differing("requests that are refused before they have a path of an Ingress have no span"),
        Row(
            .own("trace-trust-incoming"), .nginx("opentelemetry-trust-incoming-span"), form: .bool,
            fallback: "true",
            "Whether the `traceparent` and `tracestate` of clients are continued; else each request begins a trace of its own."
        ) { $0.traces.trustsClients = $1 },
        Row(
            .own("trace-operation-name"), .nginx("opentelemetry-operation-name"), form: .nginxTemplate,
            fallback: "the method and the path of the Ingress", "What spans are called."
        ) { $0.traces.name = $1 }
        .differing("without it the method and the path (ingress-nginx: the path alone)"),
        Row(
            .own("trace-collector"), form: .collector, fallback: "none",
            "Where spans are sent, by OTLP over HTTP (JSON); a URL without a path means /v1/traces. Without a collector servers are told of traces all the same."
        ) { $0.collection.url = $1 },
        Row(
            .nginx("otlp-collector-host"), form: .hostName, fallback: "none",
            "The same, as a host; trace-collector counts before it."
        ) { $0.collection.host = $1 }
        .differing("spans go by OTLP over HTTP, not gRPC"),
        Row(
            .nginx("otlp-collector-port"), form: .integer(1...65_535), fallback: "4318",
            "The collector's port."
        ) { $0.collection.port = $1 }
        .differing("4317, which is gRPC's, means 4318, where collectors listen to HTTP"),
        Row(
            .own("trace-service-name"), .nginx("otel-service-name"),
            form: .line("a text of 255 bytes at most", atMost: 255), fallback: "sluice",
            "What spans say they are from (`service.name`)."
        ) { $0.collection.serviceName = $1 }
        .differing("without it `sluice` (ingress-nginx: `nginx`)"),
        Row(
            .own("trace-sampler"), .nginx("otel-sampler"),
            form: .word([
                "always": .always, "never": .never, "ratio": .ratio, "AlwaysOn": .always, "AlwaysOff": .never,
                "TraceIdRatioBased": .ratio,
            ]), fallback: "always", "Which traces are recorded."
        ) { $0.collection.sampler = $1 },
        Row(
            .own("trace-ratio"), .nginx("otel-sampler-ratio"), form: .ratio, fallback: "0.01",
            "How many of them, where the sampler is ratio."
        ) { $0.collection.ratio = $1 },
        Row(
            .own("trace-follow-parent"), .nginx("otel-sampler-parent-based"), form: .bool, fallback: "true",
            "Whether the trace of a believed client is recorded if the client has it recorded, whatever the sampler says."
        ) { $0.collection.followsParent = $1 },
        Row(
            .own("trace-queue-size"), .nginx("otel-max-queuesize"), form: .integer(1...65_536),
            fallback: "2048", "The most spans that wait for the collector; more are dropped, and counted."
        ) { $0.collection.batching.queue = $1 },
        Row(
            .own("trace-batch-size"), .nginx("otel-max-export-batch-size"), form: .integer(1...65_536),
            fallback: "512", "The most spans in one request to it."
        ) { $0.collection.batching.most = $1 },
        Row(
            .own("trace-delay"), form: .duration(1...60_000), fallback: "5s",
            "How long a span waits for others before they are sent."
        ) { $0.collection.batching.delay = $1 },
        Row(
            .nginx("otel-schedule-delay-millis"), form: .integer(1...60_000), fallback: "5000",
            "The same in milliseconds."
        ) { $0.collection.batching.delay = $1 },
        Row(
            withoutMeaning: .nginx("opentelemetry-config"),
            because: "the keys of the ConfigMap say all of it"),
    ]
}
