import Basics

/// Takes one document apart into objects.
struct ManifestReader {
    private(set) var objects: [ManifestObject] = []
    private(set) var problems: [ManifestFile.Problem] = []
    private let text: ManifestText

    init(_ text: ManifestText) {
        self.text = text
    }

    /// Reads the object or list of objects that `bytes` are, which stand at `offset` of the document.
    ///
    /// The items of a typed list (`IngressList`) need not name their kind: the list implies it.
    mutating func read(_ bytes: Span<UInt8>, at offset: Int, impliedBy list: ManifestHeader?) {
        do throws(JSONError) {
            var reader = JSONReader(bytes)
            var header = try ManifestHeader(&reader)
            if header.kind.isEmpty, let list, list.kind != "List" {
                header.kind = String(list.kind.dropLast("List".utf8.count))
                header.apiVersion = list.apiVersion
            }
            guard !header.kind.isEmpty else { throw JSONError(.unacceptable("kind is missing"), at: 0) }
            if header.kind.hasSuffix("List"), header.hasItems {
                try readItems(of: header, bytes, at: offset)
            } else {
                try readObject(header, bytes, at: offset)
            }
        } catch {
            let path = JSONPath.of(error.offset, in: bytes)
            let message = path.isEmpty ? "\(error.reason)" : "\(path): \(error.reason)"
            problems.append(
                ManifestFile.Problem(line: text.line(at: offset + error.offset), message: message))
        }
    }

    private mutating func readItems(
        of list: ManifestHeader, _ bytes: Span<UInt8>, at offset: Int
    ) throws(JSONError) {
        var reader = JSONReader(bytes)
        try reader.openObject()
        while let key = try reader.nextKey() {
            guard case "items" = key else {
                try reader.skipValue()
                continue
            }
            try reader.openList()
            while try reader.nextElement() {
                _ = try reader.nextKind()
                let start = reader.offset
                try reader.skipValue()
                read(reader.passed(since: start), at: offset + start, impliedBy: list)
            }
        }
    }

    private mutating func readObject(
        _ header: ManifestHeader, _ bytes: Span<UInt8>, at offset: Int
    ) throws(JSONError) {
        var reader = JSONReader(bytes)
        let object = ManifestObject(try ManifestObject.Content(header, &reader), line: text.line(at: offset))
        guard object.isOther || !object.key.name.isEmpty else {
            throw JSONError(.unacceptable("metadata.name is missing"), at: 0)
        }
        objects.append(object)
    }
}

/// What tells the kind of an object.
struct ManifestHeader {
    var kind = ""
    var apiVersion = ""
    private(set) var key = ObjectKey(namespace: "", name: "")
    private(set) var hasItems = false

    /// Passes over the object that is next and keeps what identifies it.
    init(_ reader: inout JSONReader) throws(JSONError) {
        try reader.openObject()
        while let field = try reader.nextKey() {
            switch field {
            case "kind": kind = try reader.string()
            case "apiVersion": apiVersion = try reader.string()
            case "metadata":
                var meta = ObjectMeta()
                let start = reader
                do throws(JSONError) {
                    try meta.read(&reader)
                } catch {
                    // A kind of our own reports what is wrong when it is decoded; of other kinds nobody wants to know.
                    reader = start
                    try reader.skipValue()
                }
                key = meta.key
            case "items":
                hasItems = try reader.nextKind() == .list
                try reader.skipValue()
            default: try reader.skipValue()
            }
        }
    }
}

extension ManifestObject.Content {
    /// Decodes the object that is next as what its header says; objects without a namespace are in `default`.
    init(_ header: ManifestHeader, _ reader: inout JSONReader) throws(JSONError) {
        switch (header.kind, header.apiVersion) {
        case (Ingress.resource.kind, Ingress.resource.apiVersion):
            var object = try Ingress(decoding: &reader)
            object.meta.fillNamespace()
            self = .ingress(object)
        case (IngressClass.resource.kind, IngressClass.resource.apiVersion):
            var object = try IngressClass(decoding: &reader)
            object.meta.namespace = ""
            self = .ingressClass(object)
        case (Service.resource.kind, Service.resource.apiVersion):
            var object = try Service(decoding: &reader)
            object.meta.fillNamespace()
            self = .service(object)
        case (EndpointSlice.resource.kind, EndpointSlice.resource.apiVersion):
            var object = try EndpointSlice(decoding: &reader)
            object.meta.fillNamespace()
            self = .endpointSlice(object)
        case (Secret.resource.kind, Secret.resource.apiVersion):
            var object = try Secret(decoding: &reader)
            object.meta.fillNamespace()
            self = .secret(object)
        case (ConfigMap.resource.kind, ConfigMap.resource.apiVersion):
            var object = try ConfigMap(decoding: &reader)
            object.meta.fillNamespace()
            self = .configMap(object)
        case (let kind, let version) where Self.isRetired(kind, version):
            throw JSONError(.unacceptable("\(kind) of \(version) is no longer served by Kubernetes"), at: 0)
        case (let kind, let version) where Workload.isOne(kind, version):
            // One that cannot be read is none of our business either.
            let workload = try? Workload(decoding: &reader, kind: kind)
            self = workload.map { .workload($0) } ?? .other(kind: kind, key: header.key)
        default:
            self = .other(kind: header.kind, key: header.key)
        }
    }

    /// Old versions of our kinds, whose fields differ; Kubernetes 1.22 and 1.25 dropped them.
    private static func isRetired(_ kind: String, _ apiVersion: String) -> Bool {
        switch apiVersion {
        case "extensions/v1beta1", "networking.k8s.io/v1beta1": kind == "Ingress" || kind == "IngressClass"
        case "discovery.k8s.io/v1beta1": kind == "EndpointSlice"
        default: false
        }
    }
}

extension ManifestObject {
    fileprivate var isOther: Bool {
        switch content {
        case .other, .workload: true
        default: false
        }
    }
}

extension ObjectMeta {
    fileprivate mutating func fillNamespace() {
        if namespace.isEmpty { namespace = "default" }
    }
}
