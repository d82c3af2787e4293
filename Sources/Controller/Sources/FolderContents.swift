import Kubernetes
import Model

/// What the manifests of some folders say together: pure, from parsed files to objects.
struct FolderContents {
    var ingresses: [ObjectKey: Ingress] = [:]
    var classes: [ObjectKey: IngressClass] = [:]
    var services: [ObjectKey: Service] = [:]
    var slices: [ObjectKey: EndpointSlice] = [:]
    var secrets: [ObjectKey: Secret] = [:]
    var configMaps: [ObjectKey: ConfigMap] = [:]
    /// Duplicates and endpoints that make no sense.
    var diagnostics: [Diagnostic] = []
    /// Where each object stands, by `Kind namespace/name`.
    private(set) var places: [String: SourceLocation] = [:]

    /// The Service annotation that stands in for EndpointSlices: `127.0.0.1:9001,127.0.0.1:9002`.
    static let endpointsAnnotation = "sluice.dev/endpoints"

    /// Takes files in their order: of two objects with one name the first one counts.
    init(_ files: [(path: String, objects: [ManifestObject])], adding secrets: [Secret]) {
        for secret in secrets { self.secrets[secret.meta.key] = secret }
        for file in files {
            for object in file.objects { take(object, file.path) }
        }
    }

    private mutating func take(_ object: ManifestObject, _ path: String) {
        let place = SourceLocation(file: path, line: object.line)
        switch object.content {
        case .ingress(let object): if isNew(object, place) { ingresses[object.meta.key] = object }
        case .ingressClass(let object): if isNew(object, place) { classes[object.meta.key] = object }
        case .service(let object): if isNew(object, place) { take(object, place) }
        case .endpointSlice(let object): if isNew(object, place) { slices[object.meta.key] = object }
        case .secret(let object): if isNew(object, place) { secrets[object.meta.key] = object }
        case .configMap(let object): if isNew(object, place) { configMaps[object.meta.key] = object }
        case .workload, .other: break
        }
    }

    private mutating func isNew(_ object: some KubernetesObject, _ place: SourceLocation) -> Bool {
        let kind = type(of: object).resource.kind
        let name = "\(kind) \(object.meta.namespace)/\(object.meta.name)"
        guard let first = places[name] else {
            places[name] = place
            return true
        }
        diagnostics.append(
            Diagnostic(
                .error, kind: kind, object: Origin(object.meta.key), reason: "Duplicate",
                message: "already given in \(first.file):\(first.line), which is used", location: place))
        return false
    }

    private mutating func take(_ service: Service, _ place: SourceLocation) {
        services[service.meta.key] = service
        guard let text = service.meta.annotations[FolderContents.endpointsAnnotation] else { return }
        for (number, part) in text.split(separator: ",").enumerated() {
            let address = part.filter { $0 != " " }
            guard let slice = FolderContents.slice(of: service, at: address, number) else {
                diagnostics.append(
                    Diagnostic(
                        .error, kind: "Service", object: Origin(service.meta.key),
                        field: "metadata.annotations[\(FolderContents.endpointsAnnotation)]",
                        reason: "EndpointInvalid",
                        message: "\"\(address)\" is not address:port", location: place))
                continue
            }
            slices[slice.meta.key] = slice
        }
    }

    /// One slice per address, since each may have a port of its own; it serves every port of the Service.
    private static func slice(of service: Service, at text: String, _ number: Int) -> EndpointSlice? {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65_535).contains(port)
        else { return nil }
        let address = String(text[..<colon].filter { $0 != "[" && $0 != "]" })
        guard let family = IPFamily(of: address) else { return nil }
        var slice = EndpointSlice()
        slice.meta.namespace = service.meta.namespace
        slice.meta.name = "\(service.meta.name)-static-\(number)"
        slice.serviceName = service.meta.name
        slice.addressType = family.rawValue
        slice.ports = service.ports.map { servicePort in
            var slicePort = EndpointSlice.Port()
            slicePort.name = servicePort.name
            slicePort.port = port
            slicePort.transport = servicePort.transport
            return slicePort
        }
        var endpoint = EndpointSlice.Endpoint()
        endpoint.address = address
        slice.endpoints = [endpoint]
        return slice
    }

    /// The updates that lead a pipeline from `old` to this.
    func updates(from old: FolderContents?, receivedAt: UInt64) -> [StateUpdate] {
        [
            batch(old?.classes, classes, receivedAt).map { .classes($0) },
            batch(old?.services, services, receivedAt).map { .services($0) },
            batch(old?.slices, slices, receivedAt).map { .slices($0) },
            batch(old?.secrets, secrets, receivedAt).map { .secrets($0) },
            batch(old?.configMaps, configMaps, receivedAt).map { .configMaps($0) },
            batch(old?.ingresses, ingresses, receivedAt).map { .ingresses($0) },
        ].compactMap { $0 }
    }

    private func batch<Object>(
        _ old: [ObjectKey: Object]?, _ new: [ObjectKey: Object], _ receivedAt: UInt64
    ) -> ObjectBatch<Object>? {
        var changes = new.filter { old?[$0.key] != $0.value }.sorted { $0.key < $1.key }.map {
            ObjectChange.upserted($0.value)
        }
        for key in (old ?? [:]).keys.sorted() where new[key] == nil { changes.append(.deleted(key)) }
        return changes.isEmpty ? nil : ObjectBatch(changes: changes, receivedAt: receivedAt)
    }
}
