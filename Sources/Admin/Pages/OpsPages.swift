/// What the ops port answers: health for the kubelet and load balancers, metrics for Prometheus.
public struct OpsPages: Sendable {
    private let alive: [HealthCheck]
    private let ready: [HealthCheck]
    private let metrics: @Sendable () -> [MetricFamily]

    /// `alive` is asked for `/livez`, `ready` for `/readyz` and `/healthz`, `metrics` for `/metrics`.
    public init(
        alive: [HealthCheck], ready: [HealthCheck], metrics: @escaping @Sendable () -> [MetricFamily]
    ) {
        self.alive = alive
        self.ready = ready
        self.metrics = metrics
    }

    /// Answers a request.
    public func answer(_ request: ControlRequest) -> ControlResponse {
        switch request.path {
        case "/livez": HealthCheck.answer(alive, path: "livez", isVerbose: request.has("verbose"))
        case "/readyz", "/healthz":
            HealthCheck.answer(
                ready, path: String(request.path.dropFirst()), isVerbose: request.has("verbose"))
        case "/metrics": ControlResponse(200, type: MetricsText.type, body: MetricsText.render(metrics()))
        case "/": .text("/livez\n/readyz\n/healthz\n/metrics\n")
        default: .failure(404)
        }
    }
}
