public import Engine
import Model

extension EngineMetrics {
    /// A counter of the workers, summed.
    func total(_ counter: KeyPath<WorkerMetrics, UInt64>) -> UInt64 {
        workers.reduce(0) { $0 &+ $1[keyPath: counter] }
    }

    /// The engine's counters for Prometheus. Series per backend, never per server or host: clusters have 10,000s. Only
    /// servers that are checked have series of their own.
    public func families() -> [MetricFamily] {
        traffic() + upstream() + connections() + problems() + configuration() + health() + stickTables()
            + peerFamilies()
    }

    private func stickTables() -> [MetricFamily] {
        let sorted = tables.sorted { $0.name.description < $1.name.description }
        func family(_ name: String, _ help: String, _ value: (TableMetrics) -> Int) -> MetricFamily {
            MetricFamily(
                name, .gauge, help, sorted.map { .init(Double(value($0)), ["table": $0.name.description]) })
        }
        return [
            family("sluice_table_entries", "Entries of a stick table.") { $0.used },
            family("sluice_table_size", "The most entries a stick table takes.") { $0.size },
        ]
    }

    private func peerFamilies() -> [MetricFamily] {
        func family(
            _ name: String, _ type: MetricFamily.Kind, _ help: String, _ value: (PeerReport) -> Int
        ) -> MetricFamily {
            let samples = peers.flatMap { section in
                section.peers.map {
                    MetricFamily.Sample(Double(value($0)), ["section": section.name, "peer": $0.name])
                }
            }
            return MetricFamily(name, type, help, samples)
        }
        return [
            family("sluice_peer_connected", .gauge, "Whether a peer is connected.") {
                $0.isConnected ? 1 : 0
            },
            family("sluice_peer_updates_sent_total", .counter, "Updates of entries told to a peer.") {
                $0.updates.sent
            },
            family("sluice_peer_updates_received_total", .counter, "Updates of entries told by a peer.") {
                $0.updates.heard
            },
            family("sluice_peer_faults_total", .counter, "Connections of a peer that ended for what it said.")
            {
                $0.faults
            },
        ]
    }

    private func traffic() -> [MetricFamily] {
        var requests = MetricFamily(
            "sluice_requests_total", .counter, "Requests that were finished, by service and class of status.",
            [])
        var durations = MetricFamily(
            "sluice_request_duration_seconds", .histogram,
            "From the first byte of a request to the last byte of its answer.", [])
        for backend in backends {
            let (namespace, service) = (backend.origin.namespace, backend.origin.name)
            for (i, code) in ["none", "1xx", "2xx", "3xx", "4xx", "5xx"].enumerated()
            where backend.statusClasses[i] > 0 {
                requests.samples.append(
                    .init(
                        Double(backend.statusClasses[i]),
                        ["namespace": namespace, "service": service, "backend": backend.name, "code": code]))
            }
            durations.append(
                backend.durations.counts,
                ["namespace": namespace, "service": service, "backend": backend.name])
        }
        return [
            requests, durations,
            perBackend("sluice_request_bytes_total", "Bytes of requests.", \.bytesIn),
            perBackend("sluice_response_bytes_total", "Bytes of answers.", \.bytesOut),
        ]
    }

    private func upstream() -> [MetricFamily] {
        [
            perBackend("sluice_upstream_connects_total", "Connections opened to servers.", \.connects),
            perBackend("sluice_upstream_reuses_total", "Requests sent on an idle connection.", \.reuses),
            perBackend(
                "sluice_upstream_connect_errors_total", "Connection attempts that failed.", \.connectErrors),
            perBackend("sluice_upstream_retries_total", "Attempts that were repeated.", \.retries),
            perBackend(
                "sluice_upstream_redispatches_total", "Attempts that were repeated at another server.",
                \.redispatches),
            perBackend(
                "sluice_upstream_ejections_total", "Times that servers were left alone for their failures.",
                \.ejections),
            perBackend(
                "sluice_upstream_queue", "Requests that wait for a place at a server.", \.queued, as: .gauge),
            perBackend(
                "sluice_cache_lookups_total", "Requests that were looked for in a cache.", \.cacheLookups),
            perBackend("sluice_cache_hits_total", "Requests that were answered from a cache.", \.cacheHits),
            perBackend(
                "sluice_upstream_response_errors_total", "Answers that were cut or not understood.",
                \.responseErrors),
        ]
    }

    private func connections() -> [MetricFamily] {
        [
            perWorker(
                "sluice_connections_accepted_total", .counter, "Client connections accepted.", \.accepted),
            perWorker("sluice_connections", .gauge, "Client connections open now.", \.openClients),
            perWorker(
                "sluice_http2_connections", .gauge, "Client connections open now that speak HTTP/2.",
                \.http2Connections),
            perWorker("sluice_http2_streams", .gauge, "Their streams open now.", \.openStreams),
            perWorker(
                "sluice_upstream_connections", .gauge, "Connections to servers open now, idle ones included.",
                \.openServers),
            perWorker("sluice_requests_in_flight", .gauge, "Requests under way.", \.activeExchanges),
            perWorker("sluice_worker_requests_total", .counter, "Requests begun.", \.requests),
            perWorker("sluice_tcp_sessions_total", .counter, "TCP sessions begun.", \.sessions),
            perWorker("sluice_worker_loops_total", .counter, "Rounds of the event loop.", \.loops),
            perWorker("sluice_tls_handshakes_total", .counter, "TLS handshakes done.", \.handshakes),
            perWorker(
                "sluice_tls_resumptions_total", .counter, "TLS handshakes that resumed a session.",
                \.resumedHandshakes),
            perWorker(
                "sluice_tls_failures_total", .counter, "TLS handshakes that failed.", \.failedHandshakes),
            perWorker(
                "sluice_upstream_tls_handshakes_total", .counter,
                "TLS handshakes with servers that were done.",
                \.serverHandshakes),
            perWorker(
                "sluice_upstream_tls_resumptions_total", .counter,
                "TLS handshakes with servers that resumed a session.", \.resumedServerHandshakes),
            perWorker(
                "sluice_proxy_headers_total", .counter, "PROXY headers of clients that were taken.",
                \.proxyHeaders),
        ]
    }

    private func problems() -> [MetricFamily] {
        [
            byCause(
                "sluice_requests_refused_total", "Requests refused because of their form, by cause.", refused),
            byCause(
                "sluice_proxy_headers_refused_total",
                "Connections closed for want of a good PROXY header, by cause.", refusedProxyHeaders),
            byCause(
                "sluice_tls_refusals_total", "TLS handshakes with clients that failed, by cause.",
                handshakeFailures),
            byCause(
                "sluice_upstream_tls_failures_total", "TLS handshakes with servers that failed, by cause.",
                failedServerHandshakes),
            byCause(
                "sluice_http2_faults_total",
                "Streams and connections ended because an HTTP/2 client broke a rule, by cause.", http2Faults),
            byCause(
                "sluice_upstream_http2_faults_total",
                "Streams and connections ended because an HTTP/2 server broke a rule, by cause.",
                serverHTTP2Faults),
            perWorker(
                "sluice_request_timeouts_total", .counter, "Clients that were too slow with a request.",
                \.requestTimeouts),
            perWorker(
                "sluice_requests_limited_total", .counter, "Requests beyond a route's rate or number.",
                \.limitedRequests),
            perWorker(
                "sluice_regex_overruns_total", .counter,
                "Regular expressions given up because they took too long.", \.costlyPatterns),
            perWorker(
                "sluice_access_log_dropped_total", .counter, "Access log lines that found no room.",
                \.logDropped),
            MetricFamily(
                "sluice_log_target_dropped_total", .counter,
                "Log lines that a target of a frontend did not take at once.",
                Double(logTargetDropped)),
        ] + asked()
    }

    /// What came of others that were asked about requests, or got copies of them.
    private func asked() -> [MetricFamily] {
        [
            MetricFamily(
                "sluice_authorizations_total", .counter,
                "Requests that somebody was asked about, by what came of it.",
                [
                    ("allowed", \WorkerMetrics.allowedRequests), ("refused", \.forbiddenRequests),
                    ("failed", \.unansweredRequests),
                ].map { outcome, counter in
                    .init(Double(workers.reduce(0) { $0 + $1[keyPath: counter] }), ["outcome": outcome])
                }),
            MetricFamily(
                "sluice_mirrored_requests_total", .counter,
                "Copies of requests for somebody else, by what came of them.",
                [
                    ("sent", \WorkerMetrics.sentCopies), ("skipped", \.skippedCopies),
                    ("failed", \.failedCopies),
                ].map { outcome, counter in .init(Double(total(counter)), ["outcome": outcome]) }),
        ]
    }

    private func configuration() -> [MetricFamily] {
        var propagation = MetricFamily(
            "sluice_propagation_seconds", .histogram,
            "From an event of the API to its adoption by the last worker.", [])
        for kind in Change.Kind.allCases {
            guard let value = self.propagation[kind] else { continue }
            propagation.append(value.counts, ["kind": kind.rawValue])
        }
        let expiry = certificateExpiry.sorted { $0.key.description < $1.key.description }
        return caching() + [
            propagation, MetricFamily("sluice_hosts", .gauge, "Hosts that are routed.", Double(hosts)),
            MetricFamily(
                "sluice_certificate_expiry_timestamp_seconds", .gauge, "When a certificate expires.",
                expiry.map { .init(Double($0.value), ["certificate": $0.key.description]) }),
        ]
    }

    private func caching() -> [MetricFamily] {
        [
            MetricFamily(
                "sluice_cache_bytes", .gauge, "Bytes that a cache takes.",
                caches.map { .init(Double($0.bytes), ["cache": $0.name]) }),
            MetricFamily(
                "sluice_cache_answers", .gauge, "Answers that a cache holds.",
                caches.map { .init(Double($0.answers), ["cache": $0.name]) }),
        ]
    }

    private func byCause(_ name: String, _ help: String, _ counts: [String: UInt64]) -> MetricFamily {
        MetricFamily(
            name, .counter, help,
            counts.sorted { $0.key < $1.key }.map { .init(Double($0.value), ["cause": $0.key]) })
    }

    private func perBackend(
        _ name: String, _ help: String, _ value: KeyPath<BackendMetrics, UInt64>,
        as kind: MetricFamily.Kind = .counter
    ) -> MetricFamily {
        MetricFamily(
            name, kind, help,
            backends.map { backend in
                .init(
                    Double(backend[keyPath: value]),
                    [
                        "namespace": backend.origin.namespace, "service": backend.origin.name,
                        "backend": backend.name,
                    ])
            })
    }

    private func perWorker(
        _ name: String, _ kind: MetricFamily.Kind, _ help: String, _ counter: KeyPath<WorkerMetrics, UInt64>
    ) -> MetricFamily {
        MetricFamily(
            name, kind, help,
            workers.enumerated().map { .init(Double($1[keyPath: counter]), ["worker": String($0)]) })
    }
}

extension HistogramValue {
    fileprivate var counts: HistogramCounts { HistogramCounts(bounds: bounds, counts: buckets, sum: sum) }
}
