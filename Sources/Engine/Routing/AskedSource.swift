import Basics
import Model
import Wire

/// A request that nobody has sent, as the engine's expressions, conditions and formats read it. What is not known of it is nothing there,
/// and noted: what follows from it is a guess.
final class AskedSource: FormatSource {
    /// What was asked for and is not known.
    private(set) var unknown: Set<Decision.Unknown> = []
    private var head = RequestHead()
    private var bytes = Buffer(capacity: 1 << 16)
    private var path = Buffer(capacity: 1 << 16)
    private let tables = HeaderTablePool(keep: 1)
    private var variables = VariableStore()
    private var passwords = RightPasswords()
    private let users: UserLists
    private let address: SocketAddress?
    let isOverTLS: Bool

    /// Nil if it is no request that would be read at all.
    init?(_ request: AskedRequest, users: [UserList]) {
        self.users = UserLists(users)
        address = request.client.flatMap { SocketAddress($0, port: 0) }
        isOverTLS = request.isSecure
        tables.lend(to: &head.fields)
        guard request.head.withView({ bytes.append($0) }), case .complete = head.parse(bytes.view) else {
            return nil
        }
        let target = bytes.view[head.path.indices]
        if !head.hasDotSegments || !DotSegments.resolve(target, into: &path) { path.append(target) }
    }

    deinit { tables.takeBack(&head.fields) }

    /// Path and query as they are matched and forwarded.
    var forwarded: ByteView { path.view }
    /// As the request names it.
    var host: ByteView { bytes.view[head.host.indices] }
    /// How long the body is said to be; nil: not said, or there is none.
    var bodyLength: Int64? {
        guard case .length(let length) = head.framing else { return nil }
        return length
    }

    /// Whether a network has the client in it; nil, and noted, if nobody has said who that is.
    func isClient(in networks: [String]) -> Bool? {
        guard let address else {
            unknown.insert(.client)
            return nil
        }
        return networks.contains { Network($0)?.contains(address) ?? false }
    }

    /// What was noted, to be noted anew.
    func takeUnknown() -> Set<Decision.Unknown> {
        defer { unknown = [] }
        return unknown
    }

    func fetch(
        _ code: FetchCode, _ literals: ByteView, _ cursor: inout SampleCursor,
        _ workspace: inout SampleWorkspace
    ) -> Sample? {
        if let constant = code.constant(literals) { return constant }
        switch code {
        case .random: return note(.chance, .integer(0))
        case .date: return note(.time)
        // Who asks says who it is, whatever a proxy in front would say.
        case .ofClient(.source), .told(.clientAddress): return address.map { .address($0) } ?? note(.client)
        case .ofClient(.isTLS): return .boolean(isOverTLS)
        case .ofClient(.serverName): return isOverTLS ? .string(host) : nil
        case .ofClient, .announced, .certificate, .hashed(_, withSource: true): return note(.connection)
        case .moment: return note(.time)
        case .ofExchange, .tcp: return note(.connection)
        case .message(let read) where read.isAnswer: return note(.answer)
        case .counter, .tableUse, .ofBackend, .ofFrontend, .captured, .ofCapture(.uniqueID):
            return note(.state)
        case .status, .answerField, .answerFieldCount, .backendName, .serverName: return note(.answer)
        case .ofCapture(.method): return .string(bytes.view[head.method.indices])
        case .ofCapture(.target): return .string(bytes.view[head.target.indices])
        case .ofCapture, .ofHello: return nil
        case .authenticated(let list): return isAuthenticated(literals[list], &workspace)
        case .groups: return note(.state)
        case .credentials(.user): return credentials?.basic(&workspace).map { .string($0.user) }
        case .credentials, .bearer: return note(.state)
        default: break
        }
        return RequestSamples(head: bytes.view, path: path.view, isFirst: true, isHTTP2: false)
            .fetch(code, literals, of: head, &cursor, &workspace)
    }

    private func note(_ what: Decision.Unknown, _ sample: Sample? = nil) -> Sample? {
        unknown.insert(what)
        return sample
    }

    private var credentials: Credentials? {
        FieldValues.value(
            -1, head.fields, bytes.view, ("authorization" as StaticString).view, isWhole: true
        )
        .flatMap { Credentials($0) }
    }

    private func isAuthenticated(_ list: ByteView, _ workspace: inout SampleWorkspace) -> Sample? {
        guard let given = credentials?.basic(&workspace) else { return nil }
        guard let user = users.user(given.user, of: list) else { return .boolean(false) }
        return .boolean(passwords.matches(given.password, user))
    }

    func variable(_ key: VariableKey, _ workspace: inout SampleWorkspace) -> Sample? {
        let mark = workspace.mark
        return variables.copy(key, to: &workspace).map { Sample($0, workspace.written(since: mark)) }
    }

    func setVariable(_ key: VariableKey, to sample: Sample, _ conditions: VariableConditions) {
        variables.set(key, to: sample, conditions)
    }

    func unsetVariable(_ key: VariableKey) { variables.unset(key) }

    func look(
        up sample: Sample, in table: UInt64, for lookup: TableLookup, _ workspace: inout SampleWorkspace
    ) -> Sample? { note(.state) }

    func find(_ sample: Sample, in list: UInt64, _ workspace: inout SampleWorkspace) -> Sample? {
        note(.state)
    }

    func write(_ variable: LogVariable, _ flags: FormatFlags, to line: inout ByteWriter) -> Bool {
        unknown.insert(.state)
        return false
    }

    func write(_ fact: LineFact, _ flags: FormatFlags, to line: inout ByteWriter) { unknown.insert(.state) }
}
