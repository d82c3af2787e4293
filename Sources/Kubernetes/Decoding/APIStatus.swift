import Basics

/// What the API server says about a request that failed: `kind: Status`.
public struct APIStatus: Sendable, Equatable {
    /// The HTTP status code; inside a watch this is the only place where it stands.
    public var code = 0
    /// `Expired`, `Conflict`, `AlreadyExists`, `NotFound`, `Invalid`, …; empty when unknown.
    public var reason = ""
    /// For people.
    public var message = ""
    /// `details.causes[].reason`: `ResourceVersionTooLarge`, `NamespaceTerminating`, …
    public var causes: [String] = []
    /// `details.retryAfterSeconds`: how long the server asks us to wait.
    public var retryAfterSeconds: Int?

    /// Reads the body of an answer with the given HTTP status. Any body will do: what is no Status leaves the code.
    public init(decoding bytes: [UInt8], httpStatus: Int) {
        var reader = JSONReader(bytes.span)
        self.init(&reader, fallbackCode: httpStatus)
    }

    /// Reads the Status that is next, as far as it is one.
    init(_ reader: inout JSONReader, fallbackCode: Int) {
        try? read(&reader)
        if code == 0 { code = fallbackCode }
    }

    private mutating func read(_ reader: inout JSONReader) throws(JSONError) {
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "code": code = try reader.integer()
            case "reason": reason = try reader.string()
            case "message": message = try reader.string()
            case "details": try readDetails(&reader)
            default: try reader.skipValue()
            }
        }
    }

    private mutating func readDetails(_ reader: inout JSONReader) throws(JSONError) {
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "retryAfterSeconds": retryAfterSeconds = try reader.integerOrNull()
            case "causes":
                try reader.openList()
                while try reader.nextElement() { try readCause(&reader) }
            default: try reader.skipValue()
            }
        }
    }

    private mutating func readCause(_ reader: inout JSONReader) throws(JSONError) {
        try reader.openObject()
        while let key = try reader.nextKey() {
            if case "reason" = key { causes.append(try reader.string()) } else { try reader.skipValue() }
        }
    }
}
