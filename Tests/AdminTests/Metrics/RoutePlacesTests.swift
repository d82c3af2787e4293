import Engine
import Model
import Testing

@testable import Admin

@Suite("The Ingress of a backend")
struct RoutePlacesTests {
    private func info(_ ingresses: String..., backends: [String] = ["shop/web:80"]) -> String {
        var (metrics, configuration) = (EngineMetrics(), Configuration())
        metrics.backends = backends.map { name in
            var backend = BackendMetrics()
            (backend.name, backend.origin) = (name, Origin(namespace: "shop", name: "web"))
            return backend
        }
        for ingress in ingresses {
            let route = Route(
                path: "/", match: .prefix, target: .backend(BackendName("shop/web:80")),
                origin: Origin(namespace: "shop", name: ingress))
            configuration.routes[.exact("\(ingress).test")] = HostRoutes([route])
        }
        return MetricsText.render([metrics.backendInfo(configuration)])
    }

    @Test("is told where all routes are of one")
    func one() {
        let series = #"sluice_backend_info{namespace="shop",service="web",backend="shop/web:80""#
        #expect(info("web").contains(series + #",ingress="web"} 1"#))
        #expect(info("web", "other").contains(series + "} 1"))
        #expect(info().contains(series + "} 1"))
    }

    @Test("is told of backends that have had requests alone")
    func none() {
        #expect(!info("web", backends: []).contains("sluice_backend_info{"))
    }
}
