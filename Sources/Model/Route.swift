/// The routes of one host, sorted for matching.
///
/// A class so that a configuration of 10,000 hosts shares all but the changed one with the configuration before it;
/// it is immutable, and two are equal when their routes are.
public final class HostRoutes: Sendable, Equatable {
    /// The routes in no particular order; the engine picks the best match: longest path, then exact before prefix.
    public let routes: [Route]

    /// Holds the given routes.
    public init(_ routes: [Route]) { self.routes = routes }

    /// Same object, or same routes.
    public static func == (left: HostRoutes, right: HostRoutes) -> Bool {
        left === right || left.routes == right.routes
    }
}

/// One path of one host and where its requests go.
public struct Route: Sendable, Equatable {
    /// The path as given, beginning with `/`; a prefix is stored without its trailing slash (`/` stays `/`).
    public var path: String
    /// How `path` is compared.
    public var match: PathMatch
    /// What a matching request gets.
    public var target: RouteTarget
    /// Which of them get another backend than `target`'s, if both have servers: the first rule that applies decides. A client
    /// that a cookie keeps on a server of either stays there.
    public var alternatives: [BackendRule] = []
    /// What of its requests is answered before a server is asked; nil, the default, is nothing.
    public var limits: RequestLimits? {
        get { boxedLimits?.value }
        set { boxedLimits = newValue.map { Box($0) } }
    }
    private var boxedLimits: Box<RequestLimits>?
    /// What is done with its requests and answers; nil, the default, is nothing.
    public var rules: RouteRules?
    /// The object this route was made from, for logs and metrics.
    public var origin: Origin

    /// All backends it may lead to, and whom its rules ask.
    public var backends: [BackendName] {
        let asked = [rules?.authorization?.backend, rules?.mirror?.backend, rules?.errors?.backend]
            .compactMap(\.self)
        let others = alternatives.compactMap(\.backend) + asked
        guard case .backend(let name) = target else { return others }
        return [name] + others
    }

    /// A route from its parts.
    public init(path: String, match: PathMatch, target: RouteTarget, origin: Origin) {
        self.path = path
        self.match = match
        self.target = target
        self.origin = origin
    }
}

/// How a route's path is compared with the request's (Ingress v1, "Path types").
public enum PathMatch: Sendable, Hashable {
    /// Byte for byte.
    case exact
    /// Element by element: `/a` matches `/a`, `/a/` and `/a/b` but not `/ab`.
    case prefix
    /// By a regular expression of Perl's kind that begins where the path does, without regard to case. The longest is asked
    /// first; all of them after exact ones and before prefixes.
    case expression
}

/// What a matched request gets.
public enum RouteTarget: Sendable, Equatable, Hashable {
    /// A server of this backend.
    case backend(BackendName)
    /// An answer of our own with this status, e.g. 503 for a Service that does not exist.
    case answer(status: UInt16)
}

/// The object a route was made from: an Ingress here, a section of a configuration file elsewhere.
public struct Origin: Sendable, Equatable, Hashable {
    /// The namespace, empty where there is none.
    public var namespace: String
    /// The object's name.
    public var name: String

    /// An origin from its parts.
    public init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }
}
