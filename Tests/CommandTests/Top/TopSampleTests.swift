import Testing

@testable import Command

@Suite("What top reads")
struct TopSampleTests {
    @Test(
        "a line of metrics is a name, labels and a number",
        arguments: [
            ("a 1", "a", [:], 1), ("a{} 2.5", "a", [:], 2.5),
            ("a{b=\"c\",d=\"e f\"} 3 1700000000", "a", ["b": "c", "d": "e f"], 3),
            ("a{b=\"x\\\"y\\\\z\\n\"} 4", "a", ["b": "x\"y\\z\n"], 4),
            ("a{le=\"+Inf\"} +Inf", "a", ["le": "+Inf"], .infinity),
        ] as [(String, String, [String: String], Double)])
    func lines(text: String, name: String, labels: [String: String], value: Double) throws {
        let line = try #require(MetricLine(text[...]))
        #expect((line.name, line.value) == (name, value))
        #expect(line.labels == labels)
    }

    @Test(
        "what is no such line is nothing",
        arguments: ["", "# TYPE a counter", "a", "a{b=\"c\" 1", "a{b} 1", "a{b=\"c", "a x", "a{b=\"c\\"])
    func noLines(text: String) {
        #expect(MetricLine(text[...]) == nil)
    }

    @Test("metrics are gathered by backend, and those of workers and kinds added up")
    func metrics() {
        var sample = TopSample()
        sample.read(
            metrics: """
                sluice_build_info{version="1.2",commit="x"} 1
                sluice_ready 1
                sluice_connections{worker="0"} 3
                sluice_connections{worker="1"} 4
                sluice_propagation_seconds_bucket{kind="pools",le="0.001"} 1
                sluice_propagation_seconds_bucket{kind="pools",le="+Inf"} 2
                sluice_propagation_seconds_bucket{kind="routes",le="0.001"} 5
                sluice_propagation_seconds_bucket{kind="routes",le="+Inf"} 5
                sluice_requests_total{namespace="n",service="s",backend="n/s:80",code="2xx"} 10
                sluice_requests_total{namespace="n",service="s",backend="n/s:80",code="4xx"} 2
                sluice_requests_total{namespace="n",service="s",backend="n/s:80",code="5xx"} 1
                sluice_request_duration_seconds_bucket{backend="n/s:80",le="0.01"} 12
                sluice_request_duration_seconds_bucket{backend="n/s:80",le="+Inf"} 13
                other_metric 9
                """)
        #expect((sample.version, sample.isReady, sample.connections) == ("1.2", true, 7))
        #expect(sample.propagation.buckets.map(\.count) == [6, 7])
        let service = sample.services["n/s:80"]
        #expect(service?.requests == 13 && service?.clientErrors == 2 && service?.serverErrors == 1)
        #expect(service?.durations.buckets.map(\.count) == [12, 13])
    }

    @Test("servers and routes come from the API")
    func lists() throws {
        var sample = TopSample()
        try sample.read(
            backends: Array(
                #"""
                {"total":1,"items":[{"name":"n/s:80","retries":3,"servers":[
                {"name":"pod-a","address":"10.0.0.1:80","weight":1,"active":2,"requests":9,"failures":1,"health":null},
                {"name":"pod-b","address":"10.0.0.2:80","active":0,"requests":0,"failures":0,"health":{"up":false,"state":"DOWN"}}]}]}
                """#.utf8))
        #expect(sample.pods.map(\.name) == ["pod-a", "pod-b"])
        #expect(sample.pods.map(\.isUp) == [nil, false])
        #expect(sample.pods[0].service == "n/s:80" && sample.services["n/s:80"] != nil)
        try sample.read(
            routes: Array(
                #"{"items":[{"host":"a.test","paths":[{"path":"/","target":{"backend":"n/s:80"},"ingress":"n/i"},{"target":{"status":503},"ingress":"n/j"}]}]}"#
                    .utf8))
        #expect(sample.routes.map(\.ingress) == ["n/i", "n/j"])
        #expect(sample.routes.map(\.service) == ["n/s:80", ""])
        try sample.read(info: Array(#"{"version":"1","mode":"dev"}"#.utf8))
        #expect(sample.mode == "dev")
    }

    @Test("a quantile lies between two bounds, in proportion; what is beyond the last one is at it")
    func quantiles() {
        let histogram = TopHistogram(buckets: [(0.1, 10), (0.2, 20), (.infinity, 20)])
        #expect(histogram.quantile(0.5) == 0.1)
        #expect(abs((histogram.quantile(0.75) ?? 0) - 0.15) < 1e-9)
        #expect(TopHistogram(buckets: [(0.1, 0), (.infinity, 5)]).quantile(0.5) == 0.1)
        #expect(TopHistogram().quantile(0.5) == nil)
        #expect(histogram.since(histogram).quantile(0.5) == nil)
        // Another process has counted less.
        #expect(TopHistogram(buckets: [(0.1, 1), (0.2, 1), (.infinity, 1)]).since(histogram).count == 1)
    }
}
