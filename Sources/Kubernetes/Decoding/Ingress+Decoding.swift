public import Basics

extension Ingress: DecodableObject {
    /// Reads an Ingress, which must be next.
    public init(decoding reader: inout JSONReader) throws(JSONError) {
        self.init()
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "metadata": try meta.read(&reader)
            case "spec": try readSpec(&reader)
            case "status": addresses = try reader.loadBalancerStatus()
            default: try reader.skipValue()
            }
        }
    }

    private mutating func readSpec(_ reader: inout JSONReader) throws(JSONError) {
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "ingressClassName": className = try reader.stringOrNull()
            case "defaultBackend": defaultBackend = try IngressBackend.readOrNull(&reader)
            case "rules":
                try reader.openList()
                while try reader.nextElement() { rules.append(try IngressRule(&reader)) }
            case "tls":
                try reader.openList()
                while try reader.nextElement() { tls.append(try IngressTLS(&reader)) }
            default: try reader.skipValue()
            }
        }
    }
}

extension IngressRule {
    fileprivate init(_ reader: inout JSONReader) throws(JSONError) {
        self.init()
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "host": host = try reader.string()
            case "http": paths = try Self.pathsOrNull(&reader)
            default: try reader.skipValue()
            }
        }
    }

    /// The paths of an `http` block; nil when the block is `null`.
    private static func pathsOrNull(_ reader: inout JSONReader) throws(JSONError) -> [IngressPath]? {
        guard try reader.nextKind() != .null else {
            try reader.skipValue()
            return nil
        }
        var paths: [IngressPath] = []
        try reader.openObject()
        while let key = try reader.nextKey() {
            guard case "paths" = key else {
                try reader.skipValue()
                continue
            }
            try reader.openList()
            while try reader.nextElement() { paths.append(try IngressPath(&reader)) }
        }
        return paths
    }
}

extension IngressPath {
    fileprivate init(_ reader: inout JSONReader) throws(JSONError) {
        self.init()
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "path": path = try reader.string()
            case "pathType": pathType = try reader.string()
            case "backend": backend = try IngressBackend.readOrNull(&reader) ?? .missing
            default: try reader.skipValue()
            }
        }
    }
}

extension IngressTLS {
    fileprivate init(_ reader: inout JSONReader) throws(JSONError) {
        self.init()
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "hosts": hosts = try reader.strings()
            case "secretName": secretName = try reader.string()
            default: try reader.skipValue()
            }
        }
    }
}

extension IngressBackend {
    /// A backend reference; nil for `null`, missing when it names neither a Service nor a resource, or both.
    fileprivate static func readOrNull(_ reader: inout JSONReader) throws(JSONError) -> IngressBackend? {
        guard try reader.nextKind() != .null else {
            try reader.skipValue()
            return nil
        }
        var service: IngressBackend?
        var resource: IngressBackend?
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "service": service = try readService(&reader)
            case "resource": resource = try readResource(&reader)
            default: try reader.skipValue()
            }
        }
        return service != nil && resource != nil ? .missing : service ?? resource ?? .missing
    }

    private static func readService(_ reader: inout JSONReader) throws(JSONError) -> IngressBackend? {
        guard try reader.nextKind() != .null else {
            try reader.skipValue()
            return nil
        }
        var name = ""
        var port = ServicePort.missing
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "name": name = try reader.string()
            case "port": port = try ServicePort(&reader)
            default: try reader.skipValue()
            }
        }
        return .service(name: name, port: port)
    }

    private static func readResource(_ reader: inout JSONReader) throws(JSONError) -> IngressBackend? {
        guard try reader.nextKind() != .null else {
            try reader.skipValue()
            return nil
        }
        var kind = ""
        var name = ""
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "kind": kind = try reader.string()
            case "name": name = try reader.string()
            default: try reader.skipValue()
            }
        }
        return .resource(kind: kind, name: name)
    }
}

extension ServicePort {
    fileprivate init(_ reader: inout JSONReader) throws(JSONError) {
        var number = 0
        var name = ""
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "number": number = try reader.integer()
            case "name": name = try reader.string()
            default: try reader.skipValue()
            }
        }
        switch (number, name) {
        case (0, ""): self = .missing
        case (0, _): self = .name(name)
        case (_, ""): self = .number(number)
        default: self = .missing
        }
    }
}

extension IngressClass: DecodableObject {
    /// Reads an IngressClass, which must be next.
    public init(decoding reader: inout JSONReader) throws(JSONError) {
        self.init()
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "metadata": try meta.read(&reader)
            case "spec": try readSpec(&reader)
            default: try reader.skipValue()
            }
        }
    }

    private mutating func readSpec(_ reader: inout JSONReader) throws(JSONError) {
        try reader.openObject()
        while let key = try reader.nextKey() {
            if case "controller" = key { controller = try reader.string() } else { try reader.skipValue() }
        }
    }
}
