import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("Traces by annotation and ConfigMap")
struct RequestTracesTests {
    private static let key = ObjectKey(namespace: "ingress", name: "settings")

    private func cluster(_ annotations: [String: String], settings data: [String: String] = [:])
        -> TestCluster
    {
        var settings = TranslationSettings()
        settings.globalSettings = Self.key
        settings.frontends = [Frontend(name: "http", binds: [Bind(port: 8080)])]
        var cluster = TestCluster(settings: settings)
        var map = ConfigMap()
        (map.meta.namespace, map.meta.name) = (Self.key.namespace, Self.key.name)
        // Without any word of its own nothing is published of frontends.
        map.data = data.merging(["timeout-client": "61s"]) { own, _ in own }
        cluster.put(map)
        cluster.put(service("web"), annotated(annotations, paths: path("/"), path("/cart")))
        return cluster
    }

    private func tracing(_ annotations: [String: String], settings: [String: String] = [:]) -> [String:
        RouteTracing]
    {
        var found: [String: RouteTracing] = [:]
        for route in cluster(annotations, settings: settings).allRoutes() {
            found[route.path] = route.rules?.tracing
        }
        return found
    }

    @Test("nobody is traced who does not want to be")
    func off() {
        #expect(tracing([:]).isEmpty)
        #expect(tracing(["enable-opentelemetry": "false"]).isEmpty)
        #expect(
            tracing(["opentelemetry-trust-incoming-span": "true", "opentelemetry-operation-name": "x"])
                .isEmpty)
    }

    @Test(
        "enable-opentelemetry: each path by its own name",
        arguments: ["enable-opentelemetry", "sluice.dev/tracing"])
    func on(key: String) {
        #expect(
            tracing([key: "true"]) == ["/": RouteTracing(path: "/"), "/cart": RouteTracing(path: "/cart")])
    }

    @Test(
        "what an Ingress does not say is as for all; as with ingress-nginx its other words need the first",
        arguments: [
            // For all: on, trust; of the Ingress: on, trust; whether it is traced, and its client believed.
            ("true", "true", nil, nil, true), ("true", "false", nil, nil, false),
            ("true", "true", "true", nil, true), ("true", "false", "true", nil, false),
            ("true", "true", "true", "false", false), ("true", "false", "true", "true", true),
            ("true", "true", nil, "false", true), ("true", "false", nil, "true", false),
            ("true", "true", "false", nil, nil), ("false", "true", nil, "true", nil),
            ("false", "true", "true", nil, true), ("false", "false", "true", nil, false),
            ("false", "false", "true", "true", true), ("false", "true", "false", "true", nil),
        ] as [(String, String, String?, String?, Bool?)])
    func trust(all: String, trusts: String, own: String?, ownTrust: String?, expected: Bool?) {
        var annotations: [String: String] = [:]
        annotations["enable-opentelemetry"] = own
        annotations["opentelemetry-trust-incoming-span"] = ownTrust
        let found = tracing(
            annotations,
            settings: ["enable-opentelemetry": all, "opentelemetry-trust-incoming-span": trusts])
        #expect(found["/"]?.trustsClient == expected)
    }

    @Test("names of spans may have variables")
    func names() throws {
        let method = FormatString([
            .text(Array("HTTP ".utf8)), .sample(try Expression(.ofRequest(.method)), .encoded),
            .text(Array(" ".utf8)), .text(Array("web".utf8)),
        ])
        let settings = [
            "enable-opentelemetry": "true",
            "opentelemetry-operation-name": "HTTP $request_method $service_name",
        ]
        #expect(tracing([:], settings: settings)["/cart"]?.name == method)
        let own = tracing(
            ["enable-opentelemetry": "true", "opentelemetry-operation-name": "checkout"], settings: settings)
        #expect(own["/"]?.name == FormatString([.text(Array("checkout".utf8))]))
    }

    @Test("a bad word is as if it had not been said, as with ingress-nginx", arguments: ["maybe", "2"])
    func bad(value: String) {
        #expect(cluster(["enable-opentelemetry": value]).allRoutes().count == 2)
        #expect(tracing(["enable-opentelemetry": value]).isEmpty)
        let found = tracing([
            "enable-opentelemetry": "true", "opentelemetry-operation-name": "$nothing",
            "opentelemetry-trust-incoming-span": value,
        ])
        #expect(found["/"] == RouteTracing(path: "/"))
    }

    @Test("requests without a path are traced if all are")
    func unrouted() {
        let on = cluster([:], settings: ["tracing": "true"]).configuration.frontends
        #expect(on.map { $0.fallbackRules?.tracing } == [RouteTracing()])
        #expect(cluster([:]).configuration.frontends.map { $0.fallbackRules?.tracing } == [nil])
    }

    private func collection(_ data: [String: String]) -> Tracing? {
        cluster([:], settings: data).configuration.frontends.first?.tracing
    }

    @Test(
        "where spans go",
        arguments: [
            ([:], nil),
            (["otlp-collector-host": "otel.tracing.svc"], "http://otel.tracing.svc:4318/v1/traces"),
            (["otlp-collector-host": "otel", "otlp-collector-port": "4317"], "http://otel:4318/v1/traces"),
            (["otlp-collector-host": "otel", "otlp-collector-port": "9"], "http://otel:9/v1/traces"),
            (["otlp-collector-host": "192.0.2.1"], "http://192.0.2.1:4318/v1/traces"),
            (["otlp-collector-host": "2001:db8::1"], "http://[2001:db8::1]:4318/v1/traces"),
            (["otlp-collector-host": "http://otel"], nil), (["otlp-collector-host": "otel:4317"], nil),
            (["otlp-collector-host": "$HOST_IP"], nil), (["otlp-collector-host": "a/b"], nil),
            (["otlp-collector-port": "4317"], nil),
            (["trace-collector": "https://otel.test"], "https://otel.test/v1/traces"),
            (["trace-collector": "https://otel.test/"], "https://otel.test/v1/traces"),
            (["trace-collector": "http://otel.test:1/a/b?c=d"], "http://otel.test:1/a/b?c=d"),
            (["trace-collector": "http://$host/"], nil), (["trace-collector": "ftp://otel.test/"], nil),
            (["trace-collector": "http://u:p@otel.test/"], nil),
            (["trace-collector": "http://o.test/$uri"], nil),
            (
                ["trace-collector": "http://own.test:1/x", "otlp-collector-host": "otel"],
                "http://own.test:1/x"
            ),
        ] as [([String: String], String?)])
    func collectors(data: [String: String], url: String?) {
        #expect(collection(data)?.collector == url)
    }

    @Test("the sampler and the batches, and what holds without a word")
    func sampling() throws {
        let usual = try #require(collection([:]))
        #expect(usual == Tracing())
        #expect(usual.batching == SpanBatching() && usual.followsParent && usual.serviceName == "sluice")
        let found = try #require(
            collection([
                "otel-sampler": "TraceIdRatioBased", "otel-sampler-ratio": "0.25",
                "otel-sampler-parent-based": "false", "otel-service-name": "edge",
                "otel-max-queuesize": "100",
                "otel-max-export-batch-size": "500", "otel-schedule-delay-millis": "250",
            ]))
        #expect(found.sampler == .ratio(0.25) && !found.followsParent && found.serviceName == "edge")
        #expect((found.batching.queue, found.batching.delay) == (100, 250) && found.batching.together == 100)
        #expect(collection(["trace-sampler": "never"])?.sampler == .never)
        #expect(collection(["otel-sampler": "AlwaysOff"])?.sampler == .never)
        #expect(collection(["otel-sampler": "AlwaysOn", "otel-sampler-ratio": "0.5"])?.sampler == .always)
        #expect(collection(["otel-sampler": "TraceIdRatioBased"])?.sampler == .ratio(0.01))
        #expect(collection(["trace-delay": "2s"])?.batching.delay == 2_000)
    }

    @Test(
        "a number of traces is a part of them",
        arguments: ["1.5", "-0.1", "nan", "1e-3", "half", "0x1p-1", ""])
    func ratios(text: String) {
        #expect(SettingForm<Double>.ratio.read(text) == nil)
        #expect(SettingForm<Double>.ratio.read("0.05") == 0.05 && SettingForm<Double>.ratio.read("1") == 1)
    }
}
