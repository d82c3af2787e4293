/// An HTTP server that requests for another one are sent to: it knows from the path whom they are for, and from fields of their own
/// who asks. The proxy of pods of a Kubernetes API server is one.
///
/// ```
///   GET /cart HTTP/1.1              GET /api/v1/namespaces/shop/pods/web-0:80/proxy/cart HTTP/1.1
///   Host: shop.example       ──►    Host: shop.example
///   Authorization: client's         Authorization: ours
/// ```
public struct Relay: Sendable, Hashable, CustomStringConvertible {
    /// What stands in front of the path of every request, escaped, without a slash at the end.
    public var pathPrefix: String
    /// How the relay knows us; shared by all servers behind it.
    public var credentials: RelayCredentials
    /// How the body of an answer begins that is the relay's own and not the server's, without white space; empty for unknown.
    public var ownAnswer: String

    /// A relay from its parts.
    public init(pathPrefix: String, credentials: RelayCredentials, ownAnswer: String = "") {
        self.pathPrefix = pathPrefix
        self.credentials = credentials
        self.ownAnswer = ownAnswer
    }

    /// One like any other, for who asks only whether there is one.
    public static let some = Relay(pathPrefix: "", credentials: RelayCredentials(reserved: []))

    /// The path, and nothing of the credentials.
    public var description: String { pathPrefix }
}

/// Fields that tell a relay who asks. Clients' fields of the same names, and of others that mean something to the relay, do not pass.
///
/// A class so that servers share it; immutable. It prints nothing of itself.
public final class RelayCredentials: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    /// One field of a request.
    public struct Field: Sendable, Hashable {
        /// As it is written.
        public let name: String
        /// What it says; never printed.
        let secret: String

        /// A field from its parts.
        public init(_ name: String, _ value: String) {
            self.name = name
            secret = value
        }
    }

    /// What every request is given.
    private let fields: [Field]
    /// Names, in lower case, that clients do not say to the relay; one that ends with a hyphen stands for all that begin so.
    public let reserved: [String]

    /// Credentials from their parts.
    public init(_ fields: [Field] = [], reserved: [String]) {
        self.fields = fields
        self.reserved = reserved
    }

    /// The fields as lines of a head; for who writes heads.
    public var lines: [UInt8] { fields.flatMap { Array("\($0.name): \($0.secret)\r\n".utf8) } }

    /// Same object, or same fields.
    public static func == (left: RelayCredentials, right: RelayCredentials) -> Bool {
        left === right || left.fields == right.fields && left.reserved == right.reserved
    }

    /// By the names.
    public func hash(into hasher: inout Hasher) { hasher.combine(fields.map(\.name)) }

    /// How many there are.
    public var description: String { "credentials (\(fields.count) fields, withheld)" }

    /// Nothing to look at.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension RelayCredentials.Field: CustomStringConvertible, CustomReflectable {
    /// The name alone.
    public var description: String { "\(name): (withheld)" }

    /// The name alone.
    public var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}
