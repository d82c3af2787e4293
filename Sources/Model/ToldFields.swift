/// What a backend's servers are told in fields of every request, beside what its rules make of that, and how.
public struct ToldFields: Sendable, Equatable {
    /// HAProxy's `option forwardfor`. Where the frontend says the same, the name of the field is the backend's, and either's
    /// exceptions count.
    public var source: AppendedAddress?
    /// The same of `option originalto`.
    public var destination: AppendedAddress?
    /// HAProxy's `option forwarded`.
    public var forwarded: ForwardedField?
    /// HAProxy's `http-send-name-header`: the field that names the server which a request is sent to; what the client sent of it does
    /// not go on. Nil is none.
    public var serverName: String?
    /// HAProxy's `option h1-case-adjust-bogus-server`: names of fields as servers of HTTP/1 are to see them.
    public var fieldNames: [String]

    /// Nothing.
    public init() {
        (source, destination, forwarded, serverName) = (nil, nil, nil, nil)
        fieldNames = []
    }
}
