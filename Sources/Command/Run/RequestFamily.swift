import Admin
import Kubernetes

/// The metric of requests to the API server.
enum RequestFamily {
    /// One series for each method and status; watches are counted when they begin.
    static func of(_ counts: [RequestCounts.Key: Int]) -> MetricFamily {
        let sorted = counts.sorted { ($0.key.method, $0.key.status) < ($1.key.method, $1.key.status) }
        return MetricFamily(
            "sluice_api_requests_total", .counter, "Requests to the API server, by method and status.",
            sorted.map { key, count in
                let code = key.status == 0 ? "none" : String(key.status)
                return .init(Double(count), ["method": key.method, "code": code])
            })
    }
}
