/// Keys of ingress-nginx's ConfigMap that nothing is done with so far.
extension TrafficTable {
    static let pending: [Row] = [
        Row(
            pending: .nginx("forwarded-for-header"), .nginx("compute-full-forwarded-for"),
            .nginx("generate-request-id"),
            about: "What servers are told about clients and requests."),
        Row(
            pending: .nginx("enable-underscores-in-headers"), .nginx("ignore-invalid-headers"),
            about: "Fields whose names are unusual: all that the standard allows are passed on."),
        Row(
            pending: .nginx("proxy-next-upstream"), .nginx("proxy-next-upstream-timeout"),
            .nginx("retry-non-idempotent"), about: "What is tried again, for all; the annotations are there."),
        Row(
            pending: .nginx("log-format-upstream"), .nginx("skip-access-log-urls"),
            .nginx("enable-access-log-for-default-backend"), about: "What is logged, and how."),
        Row(
            pending: .nginx("limit-conn-zone-variable"),
            about: "Who is one client to limits: it is one address."),
        Row(
            pending: .nginx("allow-cross-namespace-resources"),
            about: "Secrets and ConfigMaps of other namespaces, which are never used."),
        Row(
            pending: .nginx("proxy-stream-next-upstream"), .nginx("proxy-stream-next-upstream-tries"),
            about: "Other servers for TCP services."),
        Row(
            pending: .nginx("enable-opentelemetry"), .nginx("otlp-collector-host"),
            .nginx("otlp-collector-port"), .nginx("otel-service-name"), .nginx("otel-sampler"),
            .nginx("otel-sampler-ratio"), about: "Traces."),
        Row(pending: .nginx("use-geoip2"), about: "Where addresses are."),
    ]
}
