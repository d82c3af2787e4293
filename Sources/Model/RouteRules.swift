/// What is done with a route's requests and answers beside its limits, in the order of ingress-nginx's phases.
///
/// ```
///   body size ─► first ─► unsecured ─► has it a server at all? ─► limits ─► access ─► authorization ─► mirror ─► request ─► backend …
///   … answer ─► errors ─► response ─► after
/// ```
/// A class so that the routes of one Ingress share it, and what the engine makes of it; it is immutable.
public final class RouteRules: Sendable, Equatable {
    /// How they are traced, before anything else; nil is not at all.
    public let tracing: RouteTracing?
    /// Asked before anything else: who is sent elsewhere is not counted, and needs no server.
    public let first: [HTTPRule]
    /// Asked then, of requests that came without TLS to us or to the trusted proxy that sent them.
    public let unsecured: [HTTPRule]
    /// Asked of requests that keep the limits and have a server: who may come in.
    public let access: [HTTPRule]
    /// Whether `access` is what holds for all routes that say nothing themselves: it is not asked of our own questions then.
    public let isAccessOfAll: Bool
    /// Who is asked then whether they may go on; nil is nobody.
    public let authorization: RequestAuthorization?
    /// Who gets a copy of those that may; nil is nobody.
    public let mirror: RequestMirror?
    /// Asked of those that may.
    public let request: [HTTPRule]
    /// Whether servers are not told the client's address.
    public let hidesSource: Bool
    /// Which answers somebody else writes; nil is none.
    public let errors: ErrorDelegation?
    /// Asked of servers' answers, before those of the backend.
    public let response: [HTTPRule]
    /// Asked of all answers, ours too, before those of the backend.
    public let after: [HTTPRule]

    /// Rules from their lists.
    public init(
        first: [HTTPRule] = [], unsecured: [HTTPRule] = [], access: [HTTPRule] = [],
        isAccessOfAll: Bool = false, authorization: RequestAuthorization? = nil,
        mirror: RequestMirror? = nil, request: [HTTPRule] = [], hidesSource: Bool = false,
        errors: ErrorDelegation? = nil, response: [HTTPRule] = [], after: [HTTPRule] = [],
        tracing: RouteTracing? = nil
    ) {
        self.tracing = tracing
        (self.first, self.unsecured, self.access) = (first, unsecured, access)
        (self.isAccessOfAll, self.hidesSource) = (isAccessOfAll, hidesSource)
        (self.authorization, self.request, self.response) = (authorization, request, response)
        (self.errors, self.mirror, self.after) = (errors, mirror, after)
    }

    /// Whether there are none.
    public var isEmpty: Bool {
        first.isEmpty && unsecured.isEmpty && access.isEmpty && authorization == nil && request.isEmpty
            && mirror == nil && !hidesSource && errors == nil && response.isEmpty && after.isEmpty
            && tracing == nil
    }

    /// Same object, or same rules.
    public static func == (left: RouteRules, right: RouteRules) -> Bool {
        left === right
            || left.first == right.first && left.unsecured == right.unsecured && left.access == right.access
                && left.isAccessOfAll == right.isAccessOfAll && left.authorization == right.authorization
                && left.request == right.request && left.hidesSource == right.hidesSource
                && left.mirror == right.mirror && left.errors == right.errors
                && left.response == right.response && left.after == right.after
                && left.tracing == right.tracing
    }
}
