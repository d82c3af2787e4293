import Engine
import Model
import Testing

@testable import Admin

private let families = NginxFamilies(
    controller: "ingress.test/c", namespace: "edge", pod: "sluice-1", version: "1.2", commit: "abc",
    election: "sluice-leader", startedAt: 1_700_000_000)

/// What every sample begins with.
private let instance =
    #"controller_class="ingress.test/c",controller_namespace="edge",controller_pod="sluice-1""#

private func backend(_ name: String, _ statusClasses: [UInt64] = [0, 0, 5, 0, 0, 2]) -> BackendMetrics {
    var backend = BackendMetrics()
    backend.name = name
    backend.origin = Origin(namespace: "shop", name: "web")
    backend.statusClasses = statusClasses
    backend.durations.buckets[0] = 7
    (backend.bytesIn, backend.bytesOut) = (700, 9_000)
    return backend
}

private func route(_ path: String, to backend: String, of ingress: String = "web") -> Route {
    Route(
        path: path, match: .prefix, target: .backend(BackendName(backend)),
        origin: Origin(namespace: "shop", name: ingress))
}

private func lines(
    _ metrics: EngineMetrics, _ configuration: Configuration = Configuration(),
    beside others: [MetricFamily] = [], isTakenWhole: Bool = true
) -> [Substring] {
    MetricsText.render(
        families.families(metrics, configuration, beside: others, isTakenWhole: isTakenWhole)
    ).split(separator: "\n")
}

/// The labels of the requests of `shop/web:80` beside the instance's and the status.
private func place(_ routes: [HostPattern: [Route]], fallback: String? = nil) -> String? {
    var configuration = Configuration()
    configuration.routes = routes.mapValues { HostRoutes($0) }
    configuration.fallback = fallback.map { .backend(BackendName($0)) }
    return requests(configuration)
}

private func requests(_ configuration: Configuration) -> String? {
    var metrics = EngineMetrics()
    metrics.backends = [backend("shop/web:80", [0, 0, 1, 0, 0, 0])]
    let start = "nginx_ingress_controller_requests{\(instance),"
    let end = #",status="2xx"} 1"#
    guard let line = lines(metrics, configuration).first(where: { $0.hasPrefix(start) }) else { return nil }
    return line.hasSuffix(end) ? String(line.dropFirst(start.count).dropLast(end.count)) : String(line)
}

@Suite("The metrics under the names of ingress-nginx")
struct NginxFamiliesTests {
    private static let full: [Substring] = {
        var metrics = EngineMetrics()
        var worker = WorkerMetrics()
        (worker.openClients, worker.accepted, worker.requests) = (2, 30, 400)
        metrics.workers = [worker, worker]
        metrics.backends = [backend("shop/web:80")]
        metrics.certificateExpiry = [
            CertificateName("shop/tls"): 4_000_000_000, CertificateName("edge/any"): 4_100_000_000,
        ]
        var configuration = Configuration()
        configuration.routes = [.exact("a.test"): HostRoutes([route("/", to: "shop/web:80")])]
        configuration.serverNames = [
            .exact("a.test"): [CertificateName("shop/tls"), CertificateName("shop/unread")],
            .wildcard("b.test"): [CertificateName("shop/tls")],
        ]
        configuration.defaultCertificates = [CertificateName("edge/any")]
        let others = [
            MetricFamily("sluice_process_cpu_seconds_total", .counter, "CPU.", 1.5),
            MetricFamily("sluice_process_resident_memory_bytes", .gauge, "Memory.", 4_096),
            MetricFamily("sluice_config_publish_total", .counter, "Changes.", 12),
            MetricFamily("sluice_leader", .gauge, "Leads.", 1),
        ]
        return lines(metrics, configuration, beside: others)
    }()

    @Test(
        "each figure has its name and labels",
        arguments: [
            (
                "requests",
                #"namespace="shop",ingress="web",service="web",host="a.test",path="/",status="2xx""#, "5"
            ),
            (
                "requests",
                #"namespace="shop",ingress="web",service="web",host="a.test",path="/",status="5xx""#, "2"
            ),
            (
                "request_duration_seconds_bucket",
                #"namespace="shop",ingress="web",service="web",host="a.test",path="/",le="+Inf""#, "7"
            ),
            (
                "request_size_sum", #"namespace="shop",ingress="web",service="web",host="a.test",path="/""#,
                "700"
            ),
            (
                "request_size_count", #"namespace="shop",ingress="web",service="web",host="a.test",path="/""#,
                "7"
            ),
            (
                "response_size_bucket",
                #"namespace="shop",ingress="web",service="web",host="a.test",path="/",le="+Inf""#, "7"
            ),
            (
                "response_size_sum", #"namespace="shop",ingress="web",service="web",host="a.test",path="/""#,
                "9000"
            ),
            ("nginx_process_connections", #"state="active""#, "4"),
            ("nginx_process_connections_total", #"state="accepted""#, "60"),
            ("nginx_process_requests_total", "", "800"), ("nginx_process_cpu_seconds_total", "", "1.5"),
            ("nginx_process_resident_memory_bytes", "", "4096"),
            ("nginx_process_oldest_start_time_seconds", "", "1700000000"),
            ("config_last_reload_successful", "", "1"), ("success", "", "12"),
            ("leader_election_status", #"name="sluice-leader""#, "1"),
            ("build_info", #"release="1.2",build="abc""#, "1"),
            ("ssl_expire_time_seconds", #"namespace="shop",host="a.test",secret_name="tls""#, "4000000000"),
            ("ssl_expire_time_seconds", #"namespace="shop",host="*.b.test",secret_name="tls""#, "4000000000"),
            ("ssl_expire_time_seconds", #"namespace="edge",host="_",secret_name="any""#, "4100000000"),
        ])
    func samples(name: String, labels: String, value: String) {
        let all = labels.isEmpty ? instance : "\(instance),\(labels)"
        let expected = "nginx_ingress_controller_\(name){\(all)} \(value)"
        #expect(NginxFamiliesTests.full.contains { $0 == expected }, "\(expected)")
    }

    @Test("no series repeats, every family has a sentence, and a certificate that was not read has no date")
    func wellFormed() {
        let lines = NginxFamiliesTests.full
        let series = lines.filter { !$0.hasPrefix("#") }.map { $0.prefix(while: { $0 != " " }) }
        #expect(series.count == Set(series).count)
        #expect(series.allSatisfy { $0.hasPrefix("nginx_ingress_controller_") })
        #expect(lines.filter { $0.hasPrefix("# HELP") }.allSatisfy { $0.hasSuffix(".") })
        #expect(!lines.contains { $0.contains("unread") })
    }

    @Test("what is not known is left out: no election, no label without a value, no traffic")
    func absent() {
        let text = lines(EngineMetrics())
        #expect(!text.contains { $0.contains("leader_election_status") || $0.contains("ssl_expire") })
        #expect(!text.contains { $0.contains("_requests{") || $0.contains("request_size") })
        let outside = NginxFamilies(
            controller: "c", namespace: "", pod: "p", version: "1", commit: "", election: "e", startedAt: 1)
        let bare = MetricsText.render(
            outside.families(EngineMetrics(), Configuration(), beside: [], isTakenWhole: false))
        #expect(bare.contains(#"build_info{controller_class="c",controller_pod="p",release="1"} 1"#))
        #expect(
            bare.contains(#"config_last_reload_successful{controller_class="c",controller_pod="p"} 0"#))
    }

    @Test("Ingress, host and path are said where all routes to a backend agree on them")
    func places() {
        let (a, b) = (HostPattern.exact("a.test"), HostPattern.exact("b.test"))
        let web = "shop/web:80"
        #expect(
            place([a: [route("/", to: web)]])
                == #"namespace="shop",ingress="web",service="web",host="a.test",path="/""#)
        #expect(
            place([a: [route("/", to: web), route("/x", to: web)]])
                == #"namespace="shop",ingress="web",service="web",host="a.test""#)
        #expect(
            place([a: [route("/", to: web)], b: [route("/", to: web)]])
                == #"namespace="shop",ingress="web",service="web",path="/""#)
        #expect(
            place([a: [route("/", to: web)], b: [route("/", to: web, of: "other")]])
                == #"namespace="shop",service="web",path="/""#)
        #expect(
            place([.wildcard("a.test"): [route("/", to: web)]])
                == #"namespace="shop",ingress="web",service="web",path="/""#)
        #expect(place([a: [route("/", to: web)]], fallback: web) == #"namespace="shop",service="web""#)
        #expect(place([:]) == #"namespace="shop",service="web""#)
    }

    @Test("three that disagree stay unsaid, whichever comes last")
    func disagreement() {
        let web = "shop/web:80"
        let routes = [
            route("/", to: web), route("/x", to: web, of: "other"), route("/", to: web),
        ]
        #expect(
            place([.exact("a.test"): routes]) == #"namespace="shop",service="web",host="a.test""#)
    }

    @Test("a backend that is only asked about requests, or gets copies, has no requests of clients")
    func asked() {
        var configuration = Configuration()
        var asking = route("/", to: "shop/app:80")
        asking.rules = RouteRules(
            errors: ErrorDelegation(to: BackendName("shop/web:80"), of: [404]))
        configuration.routes = [.exact("a.test"): HostRoutes([asking])]
        #expect(requests(configuration) == nil)
        configuration.routes[.exact("b.test")] = HostRoutes([route("/", to: "shop/web:80")])
        #expect(requests(configuration) == #"namespace="shop",service="web""#)
    }

    @Test("a canary's requests are of the Ingress that leads to it")
    func alternatives() {
        var configuration = Configuration()
        var split = route("/", to: "shop/app:80")
        split.alternatives = [BackendRule(BackendName("shop/web:80"))]
        configuration.routes = [.exact("a.test"): HostRoutes([split])]
        #expect(
            requests(configuration)
                == #"namespace="shop",ingress="web",service="web",host="a.test",path="/""#)
    }
}
