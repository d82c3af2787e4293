/// Asking somebody whether a request may go on, before a server of its own sees it: nginx's `auth_request`.
///
/// The question is a request without a body and with the fields of the one that it is about. An answer with 2xx lets that go on, 401 and
/// 403 are passed to the client; with anything else, or none, it is answered 500.
public struct RequestAuthorization: Sendable, Equatable {
    /// Who is asked; one that does not exist lets nobody in. nil is the backend that this proxy itself has for the question's host and
    /// path, if nothing is done there with requests before they come to it.
    public var backend: BackendName?
    /// How it is asked. Default `GET`.
    public var method: String
    /// The question's host.
    public var host: FormatString
    /// Its path and query.
    public var path: FormatString
    /// Fields of the question; they replace the client's of their names, and one that comes out empty is left out.
    public var fields: [Field]
    /// Fields of an answer with 2xx that the request has from then on. The client's own of these names are forgotten.
    public var taken: [String]
    /// Where a client that is answered 401 is sent instead; nil, the default, is nowhere.
    public var signIn: FormatString?
    /// Whether cookies of the answer are also set where a server answers with an error. Default no.
    public var setsCookiesOfErrors: Bool
    /// Who comes in without being asked about; nil, the default, is nobody.
    public var needless: RuleCondition?
    /// How long answers are kept, and for whom; nil, the default, is not at all.
    public var keeping: Keeping?

    /// A field and how its value is written.
    public typealias Field = ComposedPage.Field

    /// Keeping answers. Requests to one host for which the key comes out the same are taken for one. An answer with cookies is never
    /// kept, nor one that forbids it, or that says it depends on other fields.
    public struct Keeping: Sendable, Equatable {
        /// For whom.
        public var key: FormatString
        /// In milliseconds, by status; what the answer says itself can only shorten it.
        public var lifetimes: [UInt16: Int]

        /// Keeping from its parts.
        public init(_ key: FormatString, for lifetimes: [UInt16: Int]) {
            (self.key, self.lifetimes) = (key, lifetimes)
        }
    }

    /// A question to a backend.
    public init(asking backend: BackendName?, host: FormatString, path: FormatString) {
        (self.backend, self.host, self.path) = (backend, host, path)
        (method, fields, taken) = ("GET", [], [])
        (signIn, setsCookiesOfErrors, needless, keeping) = (nil, false, nil, nil)
    }
}
