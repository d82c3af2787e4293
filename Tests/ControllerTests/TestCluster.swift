import Kubernetes
import Model

@testable import Controller

/// A cluster and its translation, driven step by step; the class `sluice` exists.
struct TestCluster {
    var state = ClusterState()
    var translator: Translator

    init(settings: TranslationSettings = TranslationSettings(), hasClass: Bool = true) {
        translator = Translator(settings: settings)
        if hasClass { put(ingressClass()) }
    }

    var configuration: Configuration { translator.configuration }
    var reasons: [String] { translator.allDiagnostics.map(\.reason) }

    @discardableResult
    mutating func put(_ objects: any KubernetesObject...) -> Change {
        var dirty = Dirty()
        for object in objects { dirty.formUnion(note(object)) }
        return translator.translate(dirty, of: state)
    }

    mutating func note(_ object: any KubernetesObject) -> Dirty {
        switch object {
        case let object as Ingress: state.set(object, at: object.meta.key)
        case let object as IngressClass: state.set(object, at: object.meta.key)
        case let object as Service: state.set(object, at: object.meta.key)
        case let object as EndpointSlice: state.set(object, at: object.meta.key)
        case let object as Secret: state.set(object, at: object.meta.key)
        case let object as ConfigMap: state.set(object, at: object.meta.key)
        default: Dirty()
        }
    }

    @discardableResult
    mutating func remove(_ object: some KubernetesObject) -> Change {
        let dirty: Dirty =
            switch object {
            case is Ingress: state.set(nil as Ingress?, at: object.meta.key)
            case is IngressClass: state.set(nil as IngressClass?, at: object.meta.key)
            case is Service: state.set(nil as Service?, at: object.meta.key)
            case is ConfigMap: state.set(nil as ConfigMap?, at: object.meta.key)
            case is EndpointSlice: state.set(nil as EndpointSlice?, at: object.meta.key)
            default: state.set(nil as Secret?, at: object.meta.key)
            }
        return translator.translate(dirty, of: state)
    }

    /// `path match -> target` of a host, sorted.
    func routes(_ host: String) -> [String] {
        guard let pattern = HostPattern(host), let routes = configuration.routes[pattern] else { return [] }
        return routes.routes.map { route in
            let match = route.match
            return switch route.target {
            case .backend(let name): "\(route.path) \(match) -> \(name)"
            case .answer(let status): "\(route.path) \(match) -> \(status)"
            }
        }
    }

    /// `address:port` of a backend's servers.
    func servers(_ backend: String) -> [String]? {
        configuration.backends[BackendName(backend)]?.servers.map { "\($0.address):\($0.port)" }
    }
}
