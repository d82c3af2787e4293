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
    /// What the PROXY header that a connection began with says in fields of a type.
    case announced(type: UInt8)
    case offer(OfferRead)
    /// A name that nobody else has (RFC 9562), of version 4 or 7.
    case uuid(version: Int)
    /// Of a request's body, as far as it has been waited for.
    case body(BodyRead)
    /// The same of an answer's.
    case answerBody(BodyRead)
    /// Of the bytes with which a connection begins.
    case payload(PayloadRead)
    /// The same of a server's first bytes.
    case answerPayload(PayloadRead)
    /// The cookie of this name, or without one whichever, in the first bytes of a remote desktop's client; or whether it is there.
    case desktopCookie(String, isCount: Bool)
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
    /// A cookie that an answer sets, by its name or the first one.
    case answerCookie(String?, as: SampleType)
    case answerCookieCount(String?)
    /// A variable, or a text where it has no value.
    case variable(Variable, else: [UInt8]?)
    /// Of an entry of a stick table.
    case counter(CounterRead)
    case tableUse(TableName, TableUse)
    case ofBackend(BackendRead)
    case ofFrontend(FrontendRead)
    case ofExchange(ExchangeFact)
    case tcp(TCPRead)
    /// A moment in another unit than seconds, or another one than now.
    case moment(MomentRead)
    /// All of a message's fields.
    case message(MessageRead)
    /// What is kept at a place of `Captures`.
    case captured(slot: Int, isAnswer: Bool)
    case ofCapture(CaptureFact)
    /// What servers are told beside what HAProxy knows.
    case told(ToldFact)
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
    /// Whether it began with a PROXY header; the host name and the ID that the header said.
    case saidProxyHeader = "fc_rcvd_proxy"
    case announcedName = "fc_pp_authority"
    case announcedID = "fc_pp_unique_id"
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
    /// The group of the key exchange, as OpenSSL calls it.
    case tlsGroup = "ssl_fc_curve"
    /// The first `Finished` message of its handshake (RFC 5929, `tls-unique`).
    case tlsUnique = "ssl_fc_unique_id"
    /// What both sides have drawn for their first messages.
    case clientRandom = "ssl_fc_client_random"
    case serverRandom = "ssl_fc_server_random"
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
    case faultText = "fc_err_str"
    case tlsFault = "ssl_fc_err"
    case tlsFaultText = "ssl_fc_err_str"
    case certificateFault = "ssl_c_err"
    case authorityFault = "ssl_c_ca_err"
    /// How far above the client's certificate that was.
    case authorityFaultDepth = "ssl_c_ca_err_depth"
    /// The connection's own ends, whatever a PROXY header or rules have said of them.
    case connectionSource = "fc_src"
    case connectionSourcePort = "fc_src_port"
    case connectionDestination = "fc_dst"
    case connectionDestinationPort = "fc_dst_port"
    /// Whether an address is this machine's.
    case isSourceLocal = "src_is_local"
    case isDestinationLocal = "dst_is_local"
    /// Whether there is early data; none is taken here.
    case hasEarlyData = "ssl_fc_has_early"
    /// Of the process, and of the worker that has the connection.
    case hostName = "hostname"
    case processes = "nbproc"
    case thread
    case isStopping = "stopping"
    /// Milliseconds.
    case clientTimeout = "fe_client_timeout"
    case currentClientTimeout = "cur_client_timeout"

    /// What it gives.
    public var output: SampleType {
        switch self {
        case .source, .destination, .connectionSource, .connectionDestination: .address
        case .connectionSourcePort, .connectionDestinationPort, .processes, .thread, .clientTimeout,
            .currentClientTimeout:
            .integer
        case .isSourceLocal, .isDestinationLocal, .hasEarlyData, .isStopping: .boolean
        case .hostName: .string
        case .sourcePort, .destinationPort, .fault, .tlsFault, .certificateFault, .authorityFault,
            .authorityFaultDepth,
            .keySize, .secretKeySize, .verification:
            .integer
        case .isTLS, .hasServerName, .isTLSResumed, .hasSentCertificate, .hasCertificate, .saidProxyHeader:
            .boolean
        case .tlsSession, .tlsUnique, .clientRandom, .serverRandom: .binary
        case .frontendName, .serverName, .applicationProtocol, .tlsVersion, .tlsCipher, .tlsGroup, .faultText,
            .tlsFaultText, .announcedName, .announcedID:
            .string
        }
    }
}

/// What can be read of a TLS client's first message where TLS does not end here, under HAProxy's names.
public enum HelloFact: String, Sendable, CaseIterable {
    /// The name the client asks for.
    case serverName = "req.ssl_sni"
    /// 1 for a ClientHello.
    case type = "req.ssl_hello_type"
    /// The version it asks for as old clients do, the number before the point above 16 bits of the one behind it.
    case version = "req.ssl_ver"
    /// The protocols it offers: conditions look at each, expressions at the first.
    case applicationProtocols = "req.ssl_alpn"
    /// Cipher suites, groups for the key exchange, algorithms of signatures and the groups of shares of keys: two bytes each.
    case ciphers = "req.ssl_cipherlist"
    case groups = "req.ssl_supported_groups"
    case signatures = "req.ssl_sigalgs"
    case keyShareGroups = "req.ssl_keyshare_groups"
    /// Whether it speaks of groups.
    case namesGroups = "req.ssl_ec_ext"
    /// 1 if it takes tickets for sessions, 2 if it has one.
    case ticket = "req.ssl_st_ext"

    /// What it gives.
    public var output: SampleType {
        switch self {
        case .serverName, .applicationProtocols: .string
        case .type, .version, .ticket: .integer
        case .ciphers, .groups, .signatures, .keyShareGroups: .binary
        case .namesGroups: .boolean
        }
    }
}

/// What can be read of a request's body, under HAProxy's names.
public enum BodyRead: Sendable, Hashable {
    /// `req.body`.
    case bytes
    /// `req.body_len`: how many there are by now.
    case length
    /// `req.body_size`: how many the head says there will be, else how many there are.
    case size
    /// `req.body_param`: the value of a form's field, by its name or the first one.
    case field(String?)

    var output: SampleType {
        switch self {
        case .bytes, .field: .binary
        case .length, .size: .integer
        }
    }
}

/// What can be read of the bytes with which a connection begins, under HAProxy's names.
public enum PayloadRead: Sendable, Hashable {
    /// `req.payload`: so many bytes from an offset on; 0 is all there are by now.
    case bytes(offset: Int, count: Int)
    /// `req.payload_lv`: as many as a number says that stands at an offset and has so many bytes. They begin at a place, which counts
    /// from behind that number with `isRelative`.
    case prefixed(offset: Int, length: Int, start: Int, isRelative: Bool)
    /// `req.len`.
    case length
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
    /// The address and the port that a whole URL names, if it is one of IPv4.
    case targetAddress = "url_ip"
    case targetPort = "url_port"

    /// What it gives.
    public var output: SampleType {
        switch self {
        case .method: .method
        case .isFirst, .isHTTP: .boolean
        case .majorVersion, .targetPort: .integer
        case .targetAddress: .address
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
        case .told(let fact): fact.isNumber ? .integer : .string
        case .captured, .ofCapture, .authenticatedGroups, .credentials, .bearer: .string
        case .authenticated: .boolean
        case .counter(let read): read.value == .isHeld ? .boolean : .integer
        case .status, .answerFieldCount, .answerCookieCount, .tableUse: .integer
        case .ofBackend(let read): read.fact == .serverIsUp ? .boolean : .integer
        case .ofFrontend, .tcp, .moment: .integer
        case .ofExchange(let fact): fact.output
        case .message(let read): read.part == .binary ? .binary : .string
        case .answerField(let pick): pick.type
        case .answerCookie(_, let type): type
        case .uuid, .announced: .string
        case .integer, .random, .date, .requestFieldCount, .cookieCount: .integer
        case .address: .address
        case .binary: .binary
        case .string, .requestFieldNames, .backendName, .serverName: .string
        case .ofClient(let fact): fact.output
        case .ofRequest(let fact): fact.output
        case .ofHello(let fact): fact.output
        case .certificate(let read): read.output
        case .offer(let read): read.output
        case .payload(let read), .answerPayload(let read): read == .length ? .integer : .binary
        case .desktopCookie(_, let isCount): isCount ? .integer : .string
        case .body(let read), .answerBody(let read): read.output
        case .hashed(_, let withSource): withSource ? .binary : .integer
        case .requestField(let pick): pick.type
        case .cookie(_, let type), .parameter(_, _, let type): type
        }
    }

    /// What it can be had from.
    public var needs: SampleLayers {
        switch self {
        case .variable(let variable, _): variable.scope == .check ? .check : []
        case .boolean, .integer, .string, .binary, .address, .random, .date, .uuid, .tableUse, .ofBackend,
            .ofFrontend:
            []
        case .ofExchange(let fact): fact.needs
        case .tcp(let read): read.isOfServer ? .server : .connection
        case .moment(let read): read.moment == .now ? [] : .connection
        case .message(let read): read.isAnswer ? .response : .request
        case .certificate(let read): read.holder == .server ? .server : .connection
        case .ofClient, .announced, .counter, .captured, .ofCapture, .told, .offer: .connection
        case .ofHello: .hello
        case .payload, .desktopCookie: .payload
        case .answerPayload: .answerPayload
        case .body: [.request, .body]
        case .answerBody: [.response, .answerBody]
        case .backendName: .backend
        case .serverName: .server
        case .status, .answerField, .answerFieldCount, .answerCookie, .answerCookieCount: .response
        case .hashed(_, let withSource): withSource ? [.connection, .request] : .request
        case .ofRequest, .requestField, .requestFieldCount, .requestFieldNames, .cookie, .cookieCount,
            .parameter, .authenticated, .authenticatedGroups, .credentials, .bearer:
            .request
        }
    }
}
