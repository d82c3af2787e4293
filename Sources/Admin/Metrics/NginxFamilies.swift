public import Engine
public import Model

/// The metrics that dashboards for ingress-nginx read, under its names, made from what is counted here anyway.
///
/// Only what is true: requests are counted by backend and class of status, so what one request could tell (method, exact status)
/// is left out, and Ingress, host and path stand where all routes to a backend agree on them.
public struct NginxFamilies: Sendable {
    /// Who shows them; a label of every sample each.
    private let instance: [MetricFamily.Label]
    /// What the process was built from.
    private let build: [MetricFamily.Label]
    /// The name of the Lease.
    private let election: String
    /// When the process began, in seconds since 1970.
    private let startedAt: Int64

    static let prefix = "nginx_ingress_controller_"

    /// Families of this process. `controller` is its class, `namespace` is empty outside of a cluster.
    public init(
        controller: String, namespace: String, pod: String, version: String, commit: String,
        election: String, startedAt: Int64
    ) {
        instance = NginxFamilies.labels([
            "controller_class": controller, "controller_namespace": namespace, "controller_pod": pod,
        ])
        build = NginxFamilies.labels(["release": version, "build": commit])
        (self.election, self.startedAt) = (election, startedAt)
    }

    /// The families beside `families`, which are all that are shown under other names. `isTakenWhole`: the engine refuses
    /// nothing of what was published.
    public func families(
        _ metrics: EngineMetrics, _ configuration: Configuration, beside families: [MetricFamily],
        isTakenWhole: Bool
    ) -> [MetricFamily] {
        traffic(metrics, RoutePlaces(configuration)) + process(metrics, families)
            + controller(families, isTakenWhole: isTakenWhole)
            + [certificates(metrics.certificateExpiry, configuration)]
    }

    // MARK: Requests

    private func traffic(_ metrics: EngineMetrics, _ places: RoutePlaces) -> [MetricFamily] {
        var requests = family("requests", .counter, "Requests that were finished, by class of status.")
        var durations = family(
            "request_duration_seconds", .histogram,
            "From the first byte of a request to the last byte of its answer.")
        var received = family("request_size", .histogram, "Bytes of requests, without ranges.")
        var sent = family("response_size", .histogram, "Bytes of answers, without ranges.")
        for backend in metrics.backends where !places.isOnlyAsked(backend.name) {
            let labels = instance + places.labels(of: backend)
            for (i, status) in ["none", "1xx", "2xx", "3xx", "4xx", "5xx"].enumerated()
            where backend.statusClasses[i] > 0 {
                requests.add(
                    Double(backend.statusClasses[i]), labels + NginxFamilies.labels(["status": status]))
            }
            let finished = backend.statusClasses.reduce(0, &+)
            let values = backend.durations
            durations.append(
                HistogramCounts(bounds: values.bounds, counts: values.buckets, sum: values.sum),
                labels: labels)
            received.append(
                HistogramCounts(bounds: [], counts: [finished], sum: Double(backend.bytesIn)), labels: labels)
            sent.append(
                HistogramCounts(bounds: [], counts: [finished], sum: Double(backend.bytesOut)), labels: labels
            )
        }
        return [requests, durations, received, sent]
    }

    // MARK: The process

    private func process(_ metrics: EngineMetrics, _ families: [MetricFamily]) -> [MetricFamily] {
        var open = family("nginx_process_connections", .gauge, "Client connections open now.")
        open.add(Double(metrics.total(\.openClients)), instance + NginxFamilies.labels(["state": "active"]))
        var accepted = family("nginx_process_connections_total", .counter, "Client connections accepted.")
        accepted.add(
            Double(metrics.total(\.accepted)), instance + NginxFamilies.labels(["state": "accepted"]))
        var requests = family("nginx_process_requests_total", .counter, "Requests begun.")
        requests.add(Double(metrics.total(\.requests)), instance)
        var started = family(
            "nginx_process_oldest_start_time_seconds", .gauge,
            "When the process began, in seconds since 1970.")
        started.add(Double(startedAt), instance)
        return [
            open, accepted, requests, started,
            renamed("sluice_process_cpu_seconds_total", of: families, "nginx_process_cpu_seconds_total"),
            renamed(
                "sluice_process_resident_memory_bytes", of: families, "nginx_process_resident_memory_bytes"),
        ].compactMap(\.self)
    }

    private func controller(_ families: [MetricFamily], isTakenWhole: Bool) -> [MetricFamily] {
        var built = family("build_info", .gauge, "What this process was built from.")
        built.add(1, instance + build)
        var whole = family(
            "config_last_reload_successful", .gauge, "0 while the engine refuses a part of the configuration."
        )
        whole.add(isTakenWhole ? 1 : 0, instance)
        return [
            built, whole, renamed("sluice_config_publish_total", of: families, "success"),
            renamed(
                "sluice_leader", of: families, "leader_election_status",
                NginxFamilies.labels(["name": election])),
        ].compactMap(\.self)
    }

    // MARK: Certificates

    private func certificates(
        _ expiry: [CertificateName: Int64], _ configuration: Configuration
    ) -> MetricFamily {
        var family = family("ssl_expire_time_seconds", .gauge, "When the certificate of a host expires.")
        var hosts = configuration.serverNames.map { (host: $0.key.description, certificates: $0.value) }
        // ingress-nginx calls the server of every other name so.
        hosts.append(("_", configuration.defaultCertificates))
        for (host, certificates) in hosts.sorted(by: { $0.host < $1.host }) {
            for name in certificates {
                guard let end = expiry[name] else { continue }
                let parts = name.description.split(separator: "/", maxSplits: 1).map(String.init)
                family.add(
                    Double(end),
                    instance
                        + NginxFamilies.labels([
                            "namespace": parts.count == 2 ? parts[0] : "", "host": host,
                            "secret_name": parts.last ?? "",
                        ]))
            }
        }
        return family
    }

    // MARK: Parts

    private func family(_ name: String, _ kind: MetricFamily.Kind, _ help: String) -> MetricFamily {
        MetricFamily(NginxFamilies.prefix + name, kind, help, [])
    }

    /// What is shown already, under another name; nil where it is not shown.
    private func renamed(
        _ name: String, of families: [MetricFamily], _ other: String, _ more: [MetricFamily.Label] = []
    ) -> MetricFamily? {
        guard let known = families.first(where: { $0.name == name }), let sample = known.samples.first else {
            return nil
        }
        var family = family(other, known.kind, known.help)
        family.add(sample.value, instance + more)
        return family
    }

    /// Without those that are empty: Prometheus does not tell them from those that are not there.
    static func labels(_ pairs: KeyValuePairs<String, String>) -> [MetricFamily.Label] {
        pairs.filter { !$0.value.isEmpty }.map { MetricFamily.Label(name: $0.key, value: $0.value) }
    }
}
