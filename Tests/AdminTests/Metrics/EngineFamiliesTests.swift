import Engine
import Model
import Testing

@testable import Admin

private func text() -> String {
    var metrics = EngineMetrics()
    var worker = WorkerMetrics()
    worker.openClients = 2
    metrics.workers = [worker, WorkerMetrics()]
    var backend = BackendMetrics()
    backend.name = "shop/web:80"
    backend.origin = Origin(namespace: "shop", name: "web")
    backend.statusClasses = [1, 0, 5, 0, 0, 2]
    backend.durations.buckets[0] = 8
    backend.cacheLookups = 9
    backend.cacheHits = 4
    metrics.backends = [backend]
    metrics.caches = [CacheMetrics(name: "small", bytes: 700, answers: 2)]
    metrics.refused = ["badHost": 3]
    metrics.propagation[.pools] = HistogramValue(bounds: [0.001])
    metrics.certificateExpiry = [CertificateName("a/b"): 4_000_000_000]
    return MetricsText.render(metrics.families())
}

@Suite("The engine's metrics")
struct EngineFamiliesTests {
    @Test(
        "each counter has its family and labels",
        arguments: [
            #"sluice_requests_total{namespace="shop",service="web",backend="shop/web:80",code="2xx"} 5"#,
            #"sluice_requests_total{namespace="shop",service="web",backend="shop/web:80",code="none"} 1"#,
            #"sluice_request_duration_seconds_bucket{namespace="shop",service="web",backend="shop/web:80",le="0.001"} 8"#,
            #"sluice_connections{worker="0"} 2"#, #"sluice_connections{worker="1"} 0"#,
            #"sluice_requests_refused_total{cause="badHost"} 3"#,
            #"sluice_propagation_seconds_bucket{kind="pools",le="+Inf"} 0"#,
            #"sluice_cache_lookups_total{namespace="shop",service="web",backend="shop/web:80"} 9"#,
            #"sluice_cache_hits_total{namespace="shop",service="web",backend="shop/web:80"} 4"#,
            #"sluice_cache_bytes{cache="small"} 700"#, #"sluice_cache_answers{cache="small"} 2"#,
            #"sluice_certificate_expiry_timestamp_seconds{certificate="a/b"} 4000000000"#,
        ])
    func samples(line: String) {
        #expect(text().split(separator: "\n").contains { $0 == line })
    }

    @Test("every family has our prefix, a sentence and no series that repeats")
    func wellFormed() {
        let lines = text().split(separator: "\n")
        let samples = lines.filter { !$0.hasPrefix("#") }.map { $0.prefix(while: { $0 != " " }) }
        #expect(samples.allSatisfy { $0.hasPrefix("sluice_") })
        #expect(Set(samples).count == samples.count)
        #expect(lines.filter { $0.hasPrefix("# HELP") }.allSatisfy { $0.hasSuffix(".") })
    }
}
