public import Basics

extension Service: DecodableObject {
    /// Reads a Service, which must be next.
    public init(decoding reader: inout JSONReader) throws(JSONError) {
        self.init()
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "metadata": try meta.read(&reader)
            case "spec": try readSpec(&reader)
            case "status": loadBalancerAddresses = try reader.loadBalancerStatus()
            default: try reader.skipValue()
            }
        }
    }

    private mutating func readSpec(_ reader: inout JSONReader) throws(JSONError) {
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "type": type = try reader.stringOrNull() ?? type
            case "externalName": externalName = try reader.string()
            case "clusterIP": clusterIP = try reader.string()
            case "ipFamilies": ipFamilies = try reader.strings()
            case "externalIPs": externalIPs = try reader.strings()
            case "ports":
                try reader.openList()
                while try reader.nextElement() { ports.append(try Port(&reader)) }
            default: try reader.skipValue()
            }
        }
    }
}

extension Service.Port {
    fileprivate init(_ reader: inout JSONReader) throws(JSONError) {
        self.init()
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "name": name = try reader.string()
            case "port": port = try reader.integer()
            case "protocol": transport = try reader.stringOrNull() ?? transport
            case "targetPort": targetPort = try reader.integerOrString()
            case "appProtocol": appProtocol = try reader.string()
            default: try reader.skipValue()
            }
        }
    }
}

extension JSONReader {
    /// Kubernetes' IntOrString, as text.
    fileprivate mutating func integerOrString() throws(JSONError) -> String {
        try nextKind() == .number ? String(try integer()) : try string()
    }
}

extension EndpointSlice: DecodableObject {
    /// Reads an EndpointSlice, which must be next.
    public init(decoding reader: inout JSONReader) throws(JSONError) {
        self.init()
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "metadata": serviceName = try meta.read(&reader, label: "kubernetes.io/service-name")
            case "addressType": addressType = try reader.string()
            case "ports":
                try reader.openList()
                while try reader.nextElement() {
                    if let port = try Port.readOrNull(&reader) { ports.append(port) }
                }
            case "endpoints":
                try reader.openList()
                while try reader.nextElement() {
                    let endpoint = try Endpoint(&reader)
                    if !endpoint.address.isEmpty { endpoints.append(endpoint) }
                }
            default: try reader.skipValue()
            }
        }
    }
}

extension EndpointSlice.Port {
    /// A port; nil when it has no number, which means every port and is nothing to connect to.
    fileprivate static func readOrNull(_ reader: inout JSONReader) throws(JSONError) -> Self? {
        var entry = Self()
        var number: Int?
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "name": entry.name = try reader.string()
            case "port": number = try reader.integerOrNull()
            case "protocol": entry.transport = try reader.stringOrNull() ?? entry.transport
            default: try reader.skipValue()
            }
        }
        guard let number else { return nil }
        entry.port = number
        return entry
    }
}

extension EndpointSlice.Endpoint {
    fileprivate init(_ reader: inout JSONReader) throws(JSONError) {
        self.init()
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "addresses": address = try reader.firstString()
            case "conditions": try readConditions(&reader)
            case "nodeName": nodeName = try reader.stringOrNull() ?? ""
            case "hints": try readHints(&reader)
            case "targetRef": try readTarget(&reader)
            default: try reader.skipValue()
            }
        }
    }

    private mutating func readConditions(_ reader: inout JSONReader) throws(JSONError) {
        var serving: Bool?
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "ready": isReady = try reader.booleanOrNull() ?? true
            case "serving": serving = try reader.booleanOrNull()
            case "terminating": isTerminating = try reader.booleanOrNull() ?? false
            default: try reader.skipValue()
            }
        }
        isServing = serving ?? isReady
    }

    private mutating func readHints(_ reader: inout JSONReader) throws(JSONError) {
        try reader.openObject()
        while let key = try reader.nextKey() {
            guard case "forZones" = key else {
                try reader.skipValue()
                continue
            }
            try reader.openList()
            while try reader.nextElement() { zones.append(try reader.entry("name")) }
        }
    }

    private mutating func readTarget(_ reader: inout JSONReader) throws(JSONError) {
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "kind": targetKind = try reader.string()
            case "uid": targetUID = try reader.string()
            case "name": targetName = try reader.string()
            default: try reader.skipValue()
            }
        }
    }
}

extension JSONReader {
    /// The first of a list of strings; empty when there is none.
    fileprivate mutating func firstString() throws(JSONError) -> String {
        var first: String?
        try openList()
        while try nextElement() {
            if first == nil { first = try string() } else { try skipValue() }
        }
        return first ?? ""
    }
}
