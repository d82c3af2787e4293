import Kubernetes
import Model

/// From a backend reference to a backend's name, or the reason why there is none.
struct ServiceResolution {
    let services: [ObjectKey: Service]
    let settings: TranslationSettings

    /// What a reference comes to.
    enum Outcome: Equatable {
        case backend(BackendName, service: ObjectKey, port: Service.Port)
        case failed(reason: String, message: String)

        /// The route's target: 503 for what can not be resolved, so that no broader rule catches its requests.
        var target: RouteTarget {
            switch self {
            case .backend(let name, _, _): .backend(name)
            case .failed: .answer(status: 503)
            }
        }
    }

    func resolve(_ backend: IngressBackend, namespace: String) -> Outcome {
        switch backend {
        case .missing:
            return .failed(
                reason: "BackendMissing", message: "the backend names neither a service nor a resource")
        case .resource(let kind, let name):
            return .failed(
                reason: "ResourceBackendUnsupported",
                message: "resource backends are not supported (\(kind) \(name)); name a service instead")
        case .service(let name, let port):
            return resolve(ObjectKey(namespace: namespace, name: name), port)
        }
    }

    /// By the Service's port number or name, nothing else.
    func resolve(_ key: ObjectKey, _ port: ServicePort) -> Outcome {
        guard let service = services[key] ?? Service.outside(key) else {
            return .failed(
                reason: "ServiceNotFound",
                message: "service \(key) does not exist; answered 503 until it does")
        }
        guard service.type != "ExternalName" else { return external(service, key, port) }
        switch port {
        case .missing:
            return .failed(reason: "PortMissing", message: "the backend names no port of service \(key)")
        case .number(let number):
            guard let found = ServiceResolution.port(number, of: service) else {
                return notFound(key, "port \(number)", service)
            }
            return usable(found, key)
        case .name(let name):
            guard let found = service.ports.first(where: { $0.name == name }) else {
                return notFound(key, "port \"\(name)\"", service)
            }
            return usable(found, key)
        }
    }

    /// By the Service's first port of TCP.
    func resolve(firstOf key: ObjectKey) -> Outcome {
        guard let port = services[key].flatMap({ ServiceResolution.firstPort(of: $0) }) else {
            return resolve(key, .missing)
        }
        return resolve(key, .number(port.port))
    }

    static func firstPort(of service: Service) -> Service.Port? {
        service.ports.first { $0.transport == "TCP" } ?? service.ports.first
    }

    private func usable(_ port: Service.Port, _ key: ObjectKey) -> Outcome {
        guard (1...65_535).contains(port.port) else {
            return .failed(
                reason: "PortInvalid", message: "port \(port.port) of service \(key) is not a TCP port")
        }
        guard port.transport == "TCP" else {
            return .failed(
                reason: "PortNotTCP",
                message: "port \(port.port) of service \(key) is \(port.transport), not TCP")
        }
        return .backend(ServiceResolution.name(of: key, port.port), service: key, port: port)
    }

    private func notFound(_ key: ObjectKey, _ port: String, _ service: Service) -> Outcome {
        let known = service.ports.map { $0.name.isEmpty ? "\($0.port)" : "\($0.name)=\($0.port)" }
        let list = known.isEmpty ? "it has none" : "it has \(known.joined(separator: ", "))"
        return .failed(
            reason: "PortNotFound",
            message: "service \(key) has no \(port); \(list); answered 503 until it does")
    }

    /// An ExternalName needs no ports of its own: a number in the Ingress is enough.
    private func external(_ service: Service, _ key: ObjectKey, _ port: ServicePort) -> Outcome {
        guard settings.allowsExternalName else {
            return .failed(
                reason: "ExternalNameRefused",
                message: "service \(key) is an ExternalName, which is switched off")
        }
        guard !service.externalName.isEmpty else {
            return .failed(
                reason: "ExternalNameMissing", message: "service \(key) is an ExternalName without a name")
        }
        guard settings.allowsLocalAddresses || !IPFamily.isLocal(service.externalName) else {
            return .failed(
                reason: "ExternalNameRefused",
                message:
                    "service \(key) is an ExternalName that leads to \(service.externalName), which is local")
        }
        var found = Service.Port()
        switch port {
        case .number(let number): found.port = number
        case .name(let name): found.port = service.ports.first { $0.name == name }?.port ?? 0
        case .missing: found.port = service.ports.first?.port ?? 0
        }
        guard (1...65_535).contains(found.port) else { return notFound(key, "such port", service) }
        return .backend(ServiceResolution.name(of: key, found.port), service: key, port: found)
    }

    /// The port of this number: that of TCP where UDP has the same one, as with HTTP/3.
    static func port(_ number: Int, of service: Service) -> Service.Port? {
        service.ports.first { $0.port == number && $0.transport == "TCP" }
            ?? service.ports.first { $0.port == number }
    }

    static func name(of key: ObjectKey, _ port: Int) -> BackendName { BackendName("\(key):\(port)") }
}
