/// Traces of an Ingress's requests.
extension RequestTraces {
    static let rows: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .nginx("enable-opentelemetry"), .own("tracing"), form: .bool, fallback: "the ConfigMap's",
                "Whether requests of its paths are traced: servers are told in `traceparent`, and a span is sent to the ConfigMap's collector."
            ) { $0.traces.isOn = $1 },
            phase: .logging, whenInvalid: .fallsBack,
            differs: "spans go by OTLP over HTTP; a request that is refused before its path is known has none"
        ),
        AnnotationRow(
            SettingRow(
                .nginx("opentelemetry-trust-incoming-span"), .own("trace-trust-incoming"), form: .bool,
                fallback: "the ConfigMap's",
                "Whether clients' own traces are continued; it counts beside `enable-opentelemetry: \"true\"`."
            ) { $0.traces.trustsClients = $1 },
            phase: .logging, whenInvalid: .fallsBack),
        AnnotationRow(
            SettingRow(
                .nginx("opentelemetry-operation-name"), .own("trace-operation-name"), form: .nginxTemplate,
                fallback: "the ConfigMap's, or method and path",
                "What its spans are called; it counts beside `enable-opentelemetry: \"true\"`. It may have variables."
            ) { $0.traces.name = $1 },
            phase: .logging, risk: .medium, whenInvalid: .fallsBack),
    ]
}
