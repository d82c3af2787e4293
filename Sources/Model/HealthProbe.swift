/// What a server is asked, and what it must answer, to pass a check.
public enum HealthProbe: Sendable, Hashable {
    /// A connection must come about.
    case connect
    /// HAProxy's `option httpchk`.
    case http(HTTPProbe)
    /// HAProxy's `option ssl-hello-chk`: it must answer a ClientHello, with an alert at least.
    case tls
    /// The service `grpc.health.v1.Health` must say SERVING.
    case grpc(GRPCProbe)
    /// HAProxy's `option ldap-check`: an anonymous bind must succeed.
    case ldap
    /// HAProxy's `option mysql-check`: a greeting, and for a user a login without password. Nil sends nothing.
    case mysql(MySQLLogin?)
    /// HAProxy's `option pgsql-check user`.
    case postgreSQL(user: String)
    /// HAProxy's `option redis-check`.
    case redis
    /// HAProxy's `option smtpchk`: the command and name it is greeted with, `HELO localhost` by default there.
    case smtp(hello: String)
    /// HAProxy's `option tcp-check` with its steps.
    case tcp([TCPCheckStep])
}

/// What gRPC's health service is asked.
public struct GRPCProbe: Sendable, Hashable {
    /// The service it is asked about; empty is the whole server. 120 bytes at most.
    public var service: String
    /// The request's authority.
    public var authority: String

    /// A question from its parts.
    public init(service: String = "", authority: String = "localhost") {
        self.service = service
        self.authority = authority
    }
}

/// Who logs in to MySQL, without password.
public struct MySQLLogin: Sendable, Hashable {
    /// The user. 64 bytes at most are a user's name.
    public var user: String
    /// In the form of servers before 4.1 (`pre-41`).
    public var isBefore41: Bool

    /// A login from its parts.
    public init(user: String, isBefore41: Bool = false) {
        self.user = user
        self.isBefore41 = isBefore41
    }
}

/// One step of `tcp-check`.
public enum TCPCheckStep: Sendable, Hashable {
    /// The server is connected to (`connect`): it stands first, or is not said and then counts as no step.
    case connect
    /// Bytes are sent (`send`, `send-binary`).
    case send([UInt8])
    /// What a format gives is sent (`send-lf`), or the bytes that it gives in hexadecimal (`send-binary-lf`).
    case sendFormat(FormatString, isHexadecimal: Bool)
    /// Something must come (`expect`).
    case expect(TCPExpectation)
    /// A variable is set (`set-var` and its kin).
    case change(VariableChange)
    /// Nothing is done (`comment`), and it counts as a step.
    case comment(String)
}

/// One `tcp-check expect`.
public struct TCPExpectation: Sendable, Hashable {
    /// What is looked for.
    public var kind: Kind
    /// Whether it must not come (`!`).
    public var isNegated: Bool
    /// As it is called in logs.
    public var text: String
    /// `min-recv`: so many bytes decide; nil, the default, waits for what is looked for as long as more may come.
    public var atLeast: Int?
    /// The bytes were written in hexadecimal (`binary`).
    public var isHexadecimal = false
    /// How what comes of it is told.
    public var wording = CheckWording()

    /// What is looked for.
    public enum Kind: Sendable, Hashable {
        /// Bytes (`string`, `binary`).
        case bytes([UInt8])
        /// A regular expression (`rstring`).
        case pattern(String)
        /// A regular expression that is compared with what came in hexadecimal (`rbinary`).
        case hexadecimalPattern(String)
        /// What a format gives (`string-lf`), or the bytes that it gives in hexadecimal (`binary-lf`).
        case format(FormatString, isHexadecimal: Bool)
    }

    /// An expectation from its parts.
    public init(_ kind: Kind, text: String, isNegated: Bool = false, atLeast: Int? = nil) {
        self.kind = kind
        self.text = text
        self.isNegated = isNegated
        self.atLeast = atLeast
    }
}
