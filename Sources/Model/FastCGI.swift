/// What FastCGI servers are told of each request besides its fields: nginx's `fastcgi_params`.
public struct FastCGI: Sendable, Equatable {
    /// What follows the path of a script that ends with `/`: nginx's `fastcgi_index`. Default nothing.
    public var index: String
    /// Whether connections are kept for other requests: a server such as php-fpm serves nobody else meanwhile. Default no, as in
    /// ingress-nginx.
    public var keepsConnections: Bool
    /// In the order in which they are sent, each name once.
    public private(set) var parameters: [Parameter]

    /// A name and what is sent behind it.
    public struct Parameter: Sendable, Equatable {
        /// As it is sent.
        public var name: String
        /// The value's parts.
        public var value: [Piece]

        /// Pairs both.
        public init(_ name: String, _ value: [Piece]) { (self.name, self.value) = (name, value) }
    }

    /// A part of a value.
    public enum Piece: Sendable, Equatable {
        /// A text or what a request says.
        case format(FormatString)
        /// What only FastCGI knows.
        case variable(Variable)
    }

    /// What stands for a request's own in a value; named as nginx names it.
    public enum Variable: String, Sendable, Equatable, CaseIterable {
        /// The decoded path, with the index behind a `/`.
        case scriptName = "fastcgi_script_name"
        /// The decoded path.
        case documentURI = "document_uri"
        /// The path and query as the client sent them.
        case requestURI = "request_uri"
        /// What is behind the `?` of what is asked for.
        case query = "query_string"
        /// The method.
        case method = "request_method"
        /// The field; empty without one.
        case contentType = "content_type"
        /// The body's length; empty without a body.
        case contentLength = "content_length"
        /// `HTTP/1.1`, for example.
        case serverProtocol = "server_protocol"
        /// `http` or `https`.
        case scheme
        /// `on`, or empty without TLS.
        case https
        /// The client's address, as far as it can be known.
        case clientAddress = "remote_addr"
        /// The port of its connection.
        case clientPort = "remote_port"
        /// Where it has connected to.
        case serverAddress = "server_addr"
        /// The port there.
        case serverPort = "server_port"
        /// The request's host, without a port.
        case serverName = "server_name"
    }

    /// Where nginx looks for files, in ingress-nginx.
    public static let documentRoot = "/etc/nginx/html"

    /// What is told without further settings.
    public init() {
        (index, keepsConnections) = ("", false)
        func own(_ name: String, _ variable: Variable) -> Parameter { Parameter(name, [.variable(variable)]) }
        func text(_ name: String, _ text: String) -> Parameter {
            Parameter(name, [.format(FormatString([.text(Array(text.utf8))]))])
        }
        let root = text("DOCUMENT_ROOT", FastCGI.documentRoot)
        parameters = [
            Parameter("SCRIPT_FILENAME", root.value + [.variable(.scriptName)]),
            own("QUERY_STRING", .query), own("REQUEST_METHOD", .method), own("CONTENT_TYPE", .contentType),
            own("CONTENT_LENGTH", .contentLength), own("SCRIPT_NAME", .scriptName),
            own("REQUEST_URI", .requestURI), own("DOCUMENT_URI", .documentURI), root,
            own("SERVER_PROTOCOL", .serverProtocol), own("REQUEST_SCHEME", .scheme), own("HTTPS", .https),
            text("GATEWAY_INTERFACE", "CGI/1.1"), text("SERVER_SOFTWARE", "sluice"),
            own("REMOTE_ADDR", .clientAddress), own("REMOTE_PORT", .clientPort),
            own("SERVER_ADDR", .serverAddress), own("SERVER_PORT", .serverPort),
            own("SERVER_NAME", .serverName), text("REDIRECT_STATUS", "200"),
        ]
    }

    /// Sends another value under a name, or one more parameter. Scripts are looked for where DOCUMENT_ROOT says, unless
    /// SCRIPT_FILENAME is given too.
    public mutating func set(_ given: [Parameter]) {
        for parameter in given {
            if let known = parameters.firstIndex(where: { $0.name == parameter.name }) {
                parameters[known] = parameter
            } else {
                parameters.append(parameter)
            }
        }
        guard let root = given.first(where: { $0.name == "DOCUMENT_ROOT" }),
            !given.contains(where: { $0.name == "SCRIPT_FILENAME" })
        else { return }
        parameters[0].value = root.value + [.variable(.scriptName)]
    }
}
