public import Basics

extension AdmissionReview {
    /// The longest name of a question that is repeated.
    private static let longestUID = 128

    /// Reads the body of a webhook's request. An object that is no readable Ingress is part of the review; a text that is no
    /// review throws.
    public init(decoding bytes: [UInt8]) throws(JSONError) {
        self.init()
        var reader = JSONReader(bytes.span)
        var (version, kind, hasRequest) = ("", "", false)
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "apiVersion": version = try reader.string()
            case "kind": kind = try reader.string()
            case "request":
                hasRequest = try reader.nextKind() == .object
                try readRequest(&reader)
            default: try reader.skipValue()
            }
        }
        try reader.finish()
        guard version == "admission.k8s.io/v1", kind == "AdmissionReview" else {
            throw JSONError(.unacceptable("not an AdmissionReview of admission.k8s.io/v1"), at: 0)
        }
        guard hasRequest, (1...AdmissionReview.longestUID).contains(uid.utf8.count) else {
            throw JSONError(.unacceptable("has no request with a uid"), at: 0)
        }
    }

    private mutating func readRequest(_ reader: inout JSONReader) throws(JSONError) {
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "uid": uid = try reader.string()
            case "operation": operation = try reader.string()
            case "namespace": namespace = try reader.string()
            case "resource": try readResource(&reader)
            case "subResource": resource.part = try reader.string()
            case "object": object = try Submitted(&reader)
            case "oldObject": oldObject = try Submitted(&reader)
            default: try reader.skipValue()
            }
        }
    }

    private mutating func readResource(_ reader: inout JSONReader) throws(JSONError) {
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "group": resource.group = try reader.string()
            case "version": resource.version = try reader.string()
            case "resource": resource.plural = try reader.string()
            default: try reader.skipValue()
            }
        }
    }
}

extension AdmissionReview.Submitted {
    fileprivate init(_ reader: inout JSONReader) throws(JSONError) {
        guard try reader.nextKind() != .null else {
            try reader.skipValue()
            self = .nothing
            return
        }
        switch try Decoded<Ingress>(&reader) {
        case .object(let ingress): self = .ingress(ingress)
        case .rejected(let rejected): self = .unreadable(rejected)
        }
    }
}
