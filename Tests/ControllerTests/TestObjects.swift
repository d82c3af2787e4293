import Kubernetes

@testable import Controller

// Small objects for tests: one line each at the place of use.

func ingress(
    _ name: String, in namespace: String = "shop", created: Int64 = 1, className: String? = "sluice",
    _ rules: [IngressRule] = [], tls: [IngressTLS] = [], defaultBackend: IngressBackend? = nil
) -> Ingress {
    var ingress = Ingress()
    ingress.meta.namespace = namespace
    ingress.meta.name = name
    ingress.meta.creationTimestamp = created
    ingress.className = className
    ingress.rules = rules
    ingress.tls = tls
    ingress.defaultBackend = defaultBackend
    return ingress
}

func rule(_ host: String, _ paths: IngressPath...) -> IngressRule {
    var rule = IngressRule()
    rule.host = host
    rule.paths = paths.isEmpty ? nil : paths
    return rule
}

func path(_ path: String, _ type: String = "Prefix", to backend: IngressBackend = to("web")) -> IngressPath {
    var entry = IngressPath()
    entry.path = path
    entry.pathType = type
    entry.backend = backend
    return entry
}

func to(_ service: String, _ port: Int = 80) -> IngressBackend {
    .service(name: service, port: .number(port))
}

func tls(_ secret: String, _ hosts: String...) -> IngressTLS {
    var entry = IngressTLS()
    entry.secretName = secret
    entry.hosts = hosts
    return entry
}

func service(
    _ name: String, in namespace: String = "shop", ports: [Service.Port] = [port(80)], families: [String] = []
) -> Service {
    var service = Service()
    service.meta.namespace = namespace
    service.meta.name = name
    service.ports = ports
    service.ipFamilies = families
    return service
}

func externalService(_ name: String, _ target: String, in namespace: String = "shop") -> Service {
    var service = service(name, in: namespace)
    service.type = "ExternalName"
    service.externalName = target
    return service
}

func port(_ number: Int, _ name: String = "", _ transport: String = "TCP") -> Service.Port {
    var port = Service.Port()
    port.port = number
    port.name = name
    port.transport = transport
    return port
}

func slice(
    _ name: String, of service: String, in namespace: String = "shop", port number: Int = 8080,
    named portName: String = "", family: String = "IPv4", _ endpoints: EndpointSlice.Endpoint...
) -> EndpointSlice {
    var slice = EndpointSlice()
    slice.meta.namespace = namespace
    slice.meta.name = name
    slice.serviceName = service
    slice.addressType = family
    var port = EndpointSlice.Port()
    port.port = number
    port.name = portName
    slice.ports = [port]
    slice.endpoints = endpoints
    return slice
}

func endpoint(
    _ address: String, ready: Bool = true, serving: Bool? = nil, terminating: Bool = false, pod: String = ""
) -> EndpointSlice.Endpoint {
    var endpoint = EndpointSlice.Endpoint()
    endpoint.address = address
    endpoint.isReady = ready
    endpoint.isServing = serving ?? ready
    endpoint.isTerminating = terminating
    endpoint.targetUID = pod.isEmpty ? "" : "uid-\(pod)"
    endpoint.targetName = pod
    return endpoint
}

func secret(
    _ name: String, in namespace: String = "shop", _ text: String = "one", type: String = Secret.tlsType
)
    -> Secret
{
    var secret = Secret()
    secret.meta.namespace = namespace
    secret.meta.name = name
    secret.type = type
    secret.data = ["tls.crt": Array("chain \(text)".utf8), "tls.key": Array("key \(text)".utf8)]
    return secret
}

func ingressClass(_ name: String = "sluice", controller: String = "ingress.sluice.dev/controller")
    -> IngressClass
{
    var object = IngressClass()
    object.meta.name = name
    object.controller = controller
    return object
}

func key(_ name: String, in namespace: String = "shop") -> ObjectKey {
    ObjectKey(namespace: namespace, name: name)
}
