/// Where a client is sent instead: HAProxy's `redirect`.
public struct Redirect: Sendable, Equatable {
    /// What `target` is.
    public var kind: Kind
    /// A location, the front of one, or a scheme.
    public var target: FormatString
    /// 301, 302, 303, 307 or 308.
    public var status: UInt16
    /// Whether the request's query is left out.
    public var dropsQuery: Bool
    /// Whether a location that is made of the request's and does not end with a slash gets one.
    public var appendsSlash: Bool
    /// Whether the request goes on if the target is empty.
    public var ignoresEmpty: Bool
    /// The value of a `Set-Cookie` field; nil, the default, is none.
    public var cookie: String?

    /// How the location is made.
    public enum Kind: String, Sendable, CaseIterable {
        /// It is the target.
        case location
        /// It is the target and the request's path; of `/` the path alone.
        case prefix
        /// It is the request's own with this scheme.
        case scheme
    }

    /// Why it can not be sent, as a sentence; nil if it can.
    public var flaw: String? {
        if !Redirect.statuses.contains(status) { return "\(status) sends nobody elsewhere" }
        for case .text(let bytes) in target.parts where bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            return "a location has no control characters"
        }
        if let cookie, !ErrorPage.isText(cookie.utf8) { return "a cookie has no control characters" }
        return nil
    }

    /// The statuses that send a client elsewhere.
    public static let statuses: [UInt16] = [301, 302, 303, 307, 308]

    /// A redirection with 302.
    public init(_ kind: Kind, to target: FormatString) {
        (self.kind, self.target) = (kind, target)
        status = 302
        (dropsQuery, appendsSlash, ignoresEmpty) = (false, false, false)
        cookie = nil
    }

    /// The same to a fixed target.
    public init(_ kind: Kind, to target: String) {
        self.init(kind, to: FormatString([.text(Array(target.utf8))]))
    }
}
