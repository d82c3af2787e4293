public import Engine
public import Model

/// Which Ingress, host and path the requests of each backend are of, as far as there is one answer.
struct RoutePlaces {
    private var places: [String: Place] = [:]
    private var asked: Set<String> = []

    /// What all routes to a backend have in common; nil is nothing.
    private struct Place {
        var ingress: Origin?
        var host: HostPattern?
        var path: String?

        /// Nothing is known of what comes this way.
        static let unknown = Place(ingress: nil, host: nil, path: nil)

        func common(with other: Place) -> Place {
            Place(
                ingress: ingress == other.ingress ? ingress : nil, host: host == other.host ? host : nil,
                path: path == other.path ? path : nil)
        }
    }

    init(_ configuration: Configuration) {
        for (host, routes) in configuration.routes {
            for route in routes.routes {
                let place = Place(ingress: route.origin, host: host, path: route.path)
                let led = RoutePlaces.led(by: route)
                for name in led { add(place, to: name) }
                for name in route.backends where !led.contains(name) { asked.insert(name.description) }
            }
        }
        if case .backend(let name) = configuration.fallback { add(.unknown, to: name) }
        for name in asked where places[name] != nil { places[name] = .unknown }
    }

    /// Whether nobody's requests lead there: rules ask it, or send it copies.
    func isOnlyAsked(_ name: String) -> Bool { asked.contains(name) && places[name] == nil }

    private static func led(by route: Route) -> [BackendName] {
        let others = route.alternatives.compactMap(\.backend)
        guard case .backend(let name) = route.target else { return others }
        return others + [name]
    }

    private mutating func add(_ place: Place, to name: BackendName) {
        let known = places[name.description]
        places[name.description] = known?.common(with: place) ?? place
    }

    /// The labels of a backend's requests. A host that is no name (a wildcard, every host) has no label, as with ingress-nginx.
    func labels(of backend: BackendMetrics) -> [MetricFamily.Label] {
        let place = places[backend.name]
        var host = ""
        if case .exact(let name) = place?.host { host = name }
        return NginxFamilies.labels([
            "namespace": backend.origin.namespace, "ingress": place?.ingress?.name ?? "",
            "service": backend.origin.name, "host": host, "path": place?.path ?? "",
        ])
    }

    /// The labels that tell a backend's Ingress, if there is one alone.
    func origin(of backend: BackendMetrics) -> [MetricFamily.Label] {
        NginxFamilies.labels([
            "namespace": backend.origin.namespace, "service": backend.origin.name, "backend": backend.name,
            "ingress": places[backend.name]?.ingress?.name ?? "",
        ])
    }
}

extension EngineMetrics {
    /// Whose requests each backend has had: what makes series by service ones by Ingress, without a label more on any of them.
    public func backendInfo(_ configuration: Configuration) -> MetricFamily {
        let places = backends.isEmpty ? RoutePlaces(Configuration()) : RoutePlaces(configuration)
        let served = backends.filter { !places.isOnlyAsked($0.name) }
        return MetricFamily(
            "sluice_backend_info", .gauge,
            "The Ingress of each backend that has had requests, where it is one.",
            served.map { MetricFamily.Sample(suffix: "", labels: places.origin(of: $0), value: 1) })
    }
}
