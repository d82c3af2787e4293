import Basics
import Model

/// One check's talk with a server once the connection stands: bytes in, what to do out. Made anew for every check.
///
/// Nothing a server says may trap here; what it may say at most is bounded by who reads it.
protocol CheckDialogue: AnyObject {
    /// The connection stands.
    func begin() -> CheckStep
    /// Looks at what has come and was not taken before.
    func read(_ input: inout CheckInput) -> CheckStep
    /// What it means if nothing more comes in time.
    var timeout: CheckResult { get }
    /// Where it is, as words behind what went wrong with the connection.
    var place: String { get }
}

extension CheckDialogue {
    var place: String { "" }
}

/// What a check does next.
struct CheckStep: Equatable {
    /// What is sent.
    var bytes: [UInt8] = []
    /// How the check ends; nil if it waits for more.
    var result: CheckResult?

    static var wait: CheckStep { CheckStep() }
    static func send(_ bytes: [UInt8]) -> CheckStep { CheckStep(bytes: bytes) }
    static func end(_ result: CheckResult) -> CheckStep { CheckStep(result: result) }
}

/// What has come from a server and was not taken yet.
struct CheckInput {
    let bytes: ByteView
    /// Nothing more will come: the server has ended its side, or has said more than anyone listens to.
    let isLast: Bool
    /// How much of `bytes` need not be shown again.
    var taken = 0

    init(_ bytes: ByteView, isLast: Bool) {
        self.bytes = bytes
        self.isLast = isLast
    }

    /// The most a server may say that is not taken: HAProxy's buffer.
    static let limit = 16 * 1024
}

/// A connection that stands is all there is to it, or a handshake that is done.
final class ConnectDialogue: CheckDialogue {
    private let isEncrypted: Bool

    init(isEncrypted: Bool) { self.isEncrypted = isEncrypted }

    func begin() -> CheckStep { .end(CheckResult(isEncrypted ? .handshakeDone : .connected)) }
    func read(_ input: inout CheckInput) -> CheckStep { .wait }
    var timeout: CheckResult { CheckResult(.connectTimeout) }
}

extension HealthProbe {
    /// What talks to the server in the next check; `isEncrypted` if TLS has been agreed on before, `speaksHTTP2` if the server is asked
    /// by that version.
    func dialogue(
        isEncrypted: Bool, speaksHTTP2: Bool = false, scene: @autoclosure () -> CheckScene = CheckScene()
    ) -> any CheckDialogue {
        switch self {
        case .connect: ConnectDialogue(isEncrypted: isEncrypted)
        // Nothing is left to find out.
        case .tls where isEncrypted: ConnectDialogue(isEncrypted: true)
        case .http(let probe) where speaksHTTP2:
            HTTP2Dialogue(probe, isEncrypted: isEncrypted, scene: scene())
        case .http(let probe): HTTPDialogue(probe, scene: scene())
        case .tls: TLSDialogue()
        case .grpc(let probe): GRPCDialogue(probe, isEncrypted: isEncrypted)
        case .ldap: LDAPDialogue()
        case .mysql(let login): MySQLDialogue(login)
        case .postgreSQL(let user): PostgreSQLDialogue(user: user)
        case .redis: RedisDialogue()
        case .smtp(let hello): SMTPDialogue(hello: hello)
        case .tcp(let steps): ScriptDialogue(steps, scene: scene(), isEncrypted: isEncrypted)
        }
    }
}
