/// Where an expression begins: one thing that can be read of a connection, a request or the process, with its arguments.
/// HAProxy's sample fetches.
public enum Fetch: Sendable, Equatable, Hashable {
    case boolean(Bool)
    case integer(Int64)
    case string([UInt8])
    case binary([UInt8])
    /// An address in text form.
    case address(String)
    /// A number from 0 to below the range, or over 32 bits.
    case random(range: UInt32?)
    /// Seconds since 1970, with so many added.
    case date(offset: Int64)

    case ofClient(ClientFact)
    case ofRequest(RequestFact)
    case ofHello(HelloFact)
    case certificate(CertificateRead)
    case requestField(FieldPick)
    case requestFieldCount(String, isWhole: Bool)
    /// The names of all fields in lower case.
    case requestFieldNames(separator: UInt8)
    case cookie(String?, as: SampleType)
    case cookieCount(String?)
    /// A parameter of the query, by its name or the first one.
    case parameter(String?, delimiter: UInt8, as: SampleType)
    /// HAProxy's hash of `base`, or of host and `url`, and that followed by the client's address.
    case hashed(HashedTarget, withSource: Bool)
    /// The backend a request goes to.
    case backendName
    /// The server that answers.
    case serverName
    /// An answer's status.
    case status
    case answerField(FieldPick)
    case answerFieldCount(String, isWhole: Bool)
    /// A variable, or a text where it has no value.
    case variable(Variable, else: [UInt8]?)
    /// Of an entry of a stick table.
    case counter(CounterRead)
    case tableUse(TableName, TableUse)
    case ofBackend(BackendRead)
    /// What is kept at a place of `Captures`.
    case captured(slot: Int, isAnswer: Bool)
    case ofCapture(CaptureFact)
    /// Whether a user list knows name and password; and the user then, or in conditions each group.
    case authenticated(list: String)
    case authenticatedGroups(list: String)
    case credentials(CredentialPart)
    /// The token of a field of this name.
    case bearer(field: String)
}

/// What can be read of a client's connection without arguments, under HAProxy's names.
public enum ClientFact: String, Sendable, CaseIterable {
    case source = "src"
    case sourcePort = "src_port"
    case destination = "dst"
    case destinationPort = "dst_port"
    case frontendName = "fe_name"
    /// Whether TLS ends here.
    case isTLS = "ssl_fc"
    /// The name the client asked our TLS for.
    case serverName = "ssl_fc_sni"
    case hasServerName = "ssl_fc_has_sni"
    /// What ALPN agreed on.
    case applicationProtocol = "ssl_fc_alpn"
    /// `TLSv1.3`.
    case tlsVersion = "ssl_fc_protocol"
    case tlsCipher = "ssl_fc_cipher"
    case isTLSResumed = "ssl_fc_is_resumed"
    /// The name of its session.
    case tlsSession = "ssl_fc_session_id"
    /// Bits of the cipher's key, and how many of them are secret.
    case keySize = "ssl_fc_alg_keysize"
    case secretKeySize = "ssl_fc_use_keysize"
    /// Whether the client has sent a certificate: in this handshake, or in that of the session it resumes too.
    case hasSentCertificate = "ssl_fc_has_crt"
    case hasCertificate = "ssl_c_used"
    /// OpenSSL's number for what was found of it; 0 is nothing.
    case verification = "ssl_c_verify"
    /// What was wrong with the connection, with its TLS, with the client's certificate and with an authority's: 0 is nothing.
    case fault = "fc_err"
    case tlsFault = "ssl_fc_err"
    case certificateFault = "ssl_c_err"
    case authorityFault = "ssl_c_ca_err"

    /// What it gives.
    public var output: SampleType {
        switch self {
        case .source, .destination: .address
        case .sourcePort, .destinationPort, .fault, .tlsFault, .certificateFault, .authorityFault, .keySize,
            .secretKeySize, .verification:
            .integer
        case .isTLS, .hasServerName, .isTLSResumed, .hasSentCertificate, .hasCertificate: .boolean
        case .tlsSession: .binary
        case .frontendName, .serverName, .applicationProtocol, .tlsVersion, .tlsCipher: .string
        }
    }
}

/// What can be read of a TLS client's first message where TLS does not end here, under HAProxy's names.
public enum HelloFact: String, Sendable, CaseIterable {
    /// The name the client asks for.
    case serverName = "req.ssl_sni"
    /// 1 for a ClientHello.
    case type = "req.ssl_hello_type"
    /// The protocols it offers: conditions look at each, expressions at the first.
    case applicationProtocols = "req.ssl_alpn"
}

/// What can be read of a request without arguments, under HAProxy's names.
public enum RequestFact: String, Sendable, CaseIterable {
    case method
    /// Without the query; `.` and `..` are resolved, as they are for routes and servers.
    case path
    case pathAndQuery = "pathq"
    /// The target as it came, but with that path.
    case url
    case query
    /// Host and path.
    case base
    /// `1.1`.
    case version = "req.ver"
    /// Always true.
    case isHTTP = "req.proto_http"
    /// Whether it is the first one of its connection.
    case isFirst = "http_first_req"
    /// 1 or 2.
    case majorVersion = "fc_http_major"

    /// What it gives.
    public var output: SampleType {
        switch self {
        case .method: .method
        case .isFirst, .isHTTP: .boolean
        case .majorVersion: .integer
        case .path, .pathAndQuery, .url, .query, .base, .version: .string
        }
    }
}

/// Which of the fields of a name is read, and how.
public struct FieldPick: Sendable, Equatable, Hashable {
    /// The name; compared without case.
    public var name: String
    /// Counted from the first (1) or from the last (-1); 0 is the last in expressions, and any in conditions.
    public var occurrence: Int
    /// Lines as they are: without, each value between commas counts by itself.
    public var isWhole: Bool
    /// Text, or a number or an address read from it.
    public var type: SampleType

    /// The last value between commas, as text.
    public init(_ name: String, occurrence: Int = 0, isWhole: Bool = false, as type: SampleType = .string) {
        self.name = name
        self.occurrence = occurrence
        self.isWhole = isWhole
        self.type = type
    }
}

/// What of a request HAProxy makes a 32-bit number of.
public enum HashedTarget: String, Sendable, Hashable {
    case base, url
}

extension Fetch {
    /// What it gives.
    public var output: SampleType {
        switch self {
        case .boolean: .boolean
        case .variable: .any
        case .captured, .ofCapture, .authenticatedGroups, .credentials, .bearer: .string
        case .authenticated: .boolean
        case .counter(let read): read.value == .isHeld ? .boolean : .integer
        case .status, .answerFieldCount, .tableUse: .integer
        case .ofBackend(let read): read.fact == .serverIsUp ? .boolean : .integer
        case .answerField(let pick): pick.type
        case .integer, .random, .date, .requestFieldCount, .cookieCount: .integer
        case .address: .address
        case .binary: .binary
        case .string, .requestFieldNames, .backendName, .serverName: .string
        case .ofClient(let fact): fact.output
        case .ofRequest(let fact): fact.output
        case .ofHello(let fact): fact == .type ? .integer : .string
        case .certificate(let read): read.output
        case .hashed(_, let withSource): withSource ? .binary : .integer
        case .requestField(let pick): pick.type
        case .cookie(_, let type), .parameter(_, _, let type): type
        }
    }

    /// What it can be had from.
    public var needs: SampleLayers {
        switch self {
        case .boolean, .integer, .string, .binary, .address, .random, .date, .variable, .tableUse,
            .ofBackend:
            []
        case .ofClient, .certificate, .counter, .captured, .ofCapture: .connection
        case .ofHello: .hello
        case .backendName: .backend
        case .serverName: .server
        case .status, .answerField, .answerFieldCount: .response
        case .hashed(_, let withSource): withSource ? [.connection, .request] : .request
        case .ofRequest, .requestField, .requestFieldCount, .requestFieldNames, .cookie, .cookieCount,
            .parameter, .authenticated, .authenticatedGroups, .credentials, .bearer:
            .request
        }
    }
}
