/// What kind of thing a sample is: HAProxy's types.
public enum SampleType: String, Sendable, CaseIterable {
    case boolean
    case integer
    /// An IPv4 or IPv6 address.
    case address = "IP address"
    case string
    case binary
    /// A request's method, which is text with names known beforehand.
    case method
    /// Of a variable: what it was set to.
    case any

    /// Whether a sample of this type can become one of another: what HAProxy's implicit casts allow. A cast may still fail at a
    /// value, which then is no sample at all.
    public func casts(to other: SampleType) -> Bool {
        if self == other || self == .any || other == .any { return true }
        return switch (self, other) {
        case (_, .method): self == .string || self == .binary
        case (.boolean, .address), (.address, .boolean): false
        case (.binary, .boolean), (.binary, .integer), (.binary, .address): false
        case (.method, .boolean), (.method, .integer), (.method, .address): false
        default: true
        }
    }
}

/// Where a sample comes from, and so where it can be had.
public struct SampleLayers: OptionSet, Sendable, Hashable {
    /// One bit for each layer.
    public let rawValue: UInt16

    /// The layers of a bit pattern.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The client's connection: addresses, the frontend, the TLS that ends here.
    public static let connection = SampleLayers(rawValue: 1)
    /// A TLS client's first message where TLS does not end here.
    public static let hello = SampleLayers(rawValue: 2)
    /// A request's head.
    public static let request = SampleLayers(rawValue: 4)
    /// The backend a request goes to.
    public static let backend = SampleLayers(rawValue: 8)
    /// The server it goes to.
    public static let server = SampleLayers(rawValue: 16)
    /// An answer's head.
    public static let response = SampleLayers(rawValue: 32)

    /// The bytes with which a connection of mode tcp begins.
    public static let payload = SampleLayers(rawValue: 64)

    /// As much of a request's body as has been waited for.
    public static let body = SampleLayers(rawValue: 128)

    /// The first bytes of a server in mode tcp.
    public static let answerPayload = SampleLayers(rawValue: 256)

    /// As much of an answer's body as has been waited for.
    public static let answerBody = SampleLayers(rawValue: 512)
    /// A health check and what its rules remember.
    public static let check = SampleLayers(rawValue: 1024)

    /// What is known at the end, when lines are written: requests and answers are gone by then.
    public static let log: SampleLayers = [.connection, .backend, .server]
    /// What is known of an answer before it is passed on.
    public static let answering: SampleLayers = [.connection, .backend, .server, .response, .answerBody]
    /// What is known where a server is chosen, of requests.
    public static let choosingServer: SampleLayers = [.connection, .request, .backend]
}

extension SampleLayers: CustomStringConvertible {
    /// Words for a diagnostic: `a request and a server`.
    public var description: String {
        let names: [(SampleLayers, String)] = [
            (.connection, "a connection"), (.hello, "a ClientHello that is passed through"),
            (.request, "a request"), (.backend, "a backend"), (.server, "a server"),
            (.response, "an answer"), (.payload, "the first bytes of a connection of mode tcp"),
            (.body, "a request's body"), (.answerBody, "an answer's body"),
            (.answerPayload, "the first bytes of a server of mode tcp"), (.check, "a health check"),
        ]
        return names.filter { contains($0.0) }.map(\.1).joined(separator: " and ")
    }
}
