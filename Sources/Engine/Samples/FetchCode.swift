import Basics
import Model
import Wire

/// `Model.Fetch` as workers read it: texts are places among the expression's literals, so that nothing is counted.
enum FetchCode {
    case boolean(Bool)
    case integer(Int64)
    case string(Literal)
    case binary(Literal)
    case address(SocketAddress)
    case random(UInt32?)
    case date(Int64)
    case ofClient(ClientFact)
    /// What OpenSSL copies out.
    case ofHandshake(ClientFact)
    case ofRequest(RequestFact)
    case ofHello(HelloFact)
    case payload(PayloadRead)
    case answerPayload(PayloadRead)
    case desktopCookie(Literal, isCount: Bool)
    case body(BodyCode)
    case answerBody(BodyCode)
    case certificate(CertificateRead.Holder, CertificatePart, NameCode)
    case announced(UInt8)
    case offer(OfferRead)
    case field(FieldCode)
    /// The host, whichever way the request names it.
    case host(SampleType)
    case fieldCount(Literal, isWhole: Bool)
    case hostCount
    case fieldNames(UInt8)
    /// Without a name the first one.
    case cookie(Literal?, SampleType)
    case cookieCount(Literal?)
    case parameter(Literal?, UInt8, SampleType)
    case hashed(HashedTarget, withSource: Bool)
    case backendName
    case serverName
    case status
    case answerField(FieldCode)
    case answerFieldCount(Literal, isWhole: Bool)
    case answerCookie(Literal?, SampleType)
    case answerCookieCount(Literal?)
    case uuid(Int)
    /// Of all names.
    case allFieldsCount(isWhole: Bool)
    /// And what stands for it where it is not set.
    case variable(VariableKey, Literal?)
    case counter(CounterCode)
    case tableUse(UInt64, TableUse)
    /// Of a server, by its name.
    case ofBackend(UInt64, BackendFact, Literal?)
    /// Of a frontend, by its name.
    case ofFrontend(FrontendRead.Fact, Literal)
    case ofExchange(ExchangeFact)
    case tcp(TCPRead)
    case moment(MomentRead)
    case message(MessageRead)
    case captured(Int, isAnswer: Bool)
    case ofCapture(CaptureFact)
    case told(ToldFact)
    case authenticated(Literal)
    case groups(Literal)
    case credentials(CredentialPart)
    case bearer(Literal)

    /// What of a request's body.
    enum BodyCode {
        case bytes, length, size
        case field(Literal?)
    }

    /// What of a distinguished name.
    enum NameCode {
        case whole
        case rfc2253
        case entry(Literal, Int)
    }

    /// Which value of a field.
    struct FieldCode {
        let name: Literal
        /// 0 is the last one, or any.
        let occurrence: Int
        let isWhole: Bool
        let type: SampleType
    }

    init(_ fetch: Fetch, _ literals: inout Literals) {
        switch fetch {
        case .boolean(let value): self = .boolean(value)
        case .integer(let value): self = .integer(value)
        case .string(let bytes): self = .string(literals.add(bytes))
        case .binary(let bytes): self = .binary(literals.add(bytes))
        case .address(let text): self = .address(SocketAddress(text, port: 0) ?? SocketAddress())
        case .random(let range): self = .random(range)
        case .date(let offset): self = .date(offset)
        case .backendName: self = .backendName
        case .serverName: self = .serverName
        case .captured(let slot, let isAnswer): self = .captured(slot, isAnswer: isAnswer)
        case .ofCapture(let fact): self = .ofCapture(fact)
        case .told(let fact): self = .told(fact)
        case .authenticated(let list): self = .authenticated(literals.add(list))
        case .authenticatedGroups(let list): self = .groups(literals.add(list))
        case .credentials(let part): self = .credentials(part)
        case .bearer(let field): self = .bearer(literals.add(field))
        case .variable(let variable, let text):
            self = .variable(VariableKey(variable), text.map { literals.add($0) })
        case .status, .answerField, .answerFieldCount, .answerCookie, .answerCookieCount:
            self = FetchCode.ofAnswer(fetch, &literals)
        case .hashed(let target, let withSource): self = .hashed(target, withSource: withSource)
        case .requestField(let pick): self = FetchCode.field(pick, &literals)
        case .uuid(let version): self = .uuid(version)
        case .requestFieldCount("", let isWhole): self = .allFieldsCount(isWhole: isWhole)
        case .requestFieldCount(let name, let isWhole):
            self =
                FetchCode.isHost(name) ? .hostCount : .fieldCount(literals.add(name), isWhole: isWhole)
        case .requestFieldNames(let separator): self = .fieldNames(separator)
        case .cookie(let name, let type): self = .cookie(name.map { literals.add($0) }, type)
        case .cookieCount(let name): self = .cookieCount(name.map { literals.add($0) })
        case .parameter(let name, let delimiter, let type):
            self = .parameter(name.map { literals.add($0) }, delimiter, type)
        case .ofClient(let fact): self = fact.isCopied ? .ofHandshake(fact) : .ofClient(fact)
        case .ofRequest(let fact): self = .ofRequest(fact)
        case .ofHello(let fact): self = .ofHello(fact)
        case .payload(let read): self = .payload(read)
        case .answerPayload(let read): self = .answerPayload(read)
        case .body(let read): self = .body(FetchCode.body(read, &literals))
        case .answerBody(let read): self = .answerBody(FetchCode.body(read, &literals))
        case .announced(let type): self = .announced(type)
        case .counter(let read): self = .counter(CounterCode(read))
        case .ofBackend(let read):
            self = .ofBackend(
                BackendDirectory.number(of: read.backend), read.fact, read.server.map { literals.add($0) })
        case .certificate, .offer, .desktopCookie, .ofFrontend, .ofExchange, .tcp, .moment, .message:
            self = FetchCode.ofExchange(fetch, &literals)
        case .tableUse(let table, let use): self = .tableUse(TableDirectory.number(of: table), use)
        }
    }

    private static func ofAnswer(_ fetch: Fetch, _ literals: inout Literals) -> FetchCode {
        switch fetch {
        case .answerField(let pick):
            .answerField(
                FieldCode(
                    name: literals.add(pick.name), occurrence: pick.occurrence, isWhole: pick.isWhole,
                    type: pick.type))
        case .answerFieldCount(let name, let isWhole):
            .answerFieldCount(literals.add(name), isWhole: isWhole)
        case .answerCookie(let name, let type): .answerCookie(name.map { literals.add($0) }, type)
        case .answerCookieCount(let name): .answerCookieCount(name.map { literals.add($0) })
        default: .status
        }
    }

    private static func ofExchange(_ fetch: Fetch, _ literals: inout Literals) -> FetchCode {
        switch fetch {
        case .certificate(let read):
            .certificate(read.holder, read.part, FetchCode.name(read.pick, &literals))
        case .offer(let read): .offer(read)
        case .desktopCookie(let name, let isCount): .desktopCookie(literals.add(name), isCount: isCount)
        case .ofFrontend(let read): .ofFrontend(read.fact, literals.add(read.frontend))
        case .ofExchange(let fact): .ofExchange(fact)
        case .tcp(let read): .tcp(read)
        case .message(let read): .message(read)
        case .moment(let read): .moment(read)
        default: .boolean(false)
        }
    }

    private static func body(_ read: BodyRead, _ literals: inout Literals) -> BodyCode {
        switch read {
        case .bytes: .bytes
        case .length: .length
        case .size: .size
        case .field(let name): .field(name.map { literals.add($0) })
        }
    }

    private static func name(_ pick: NamePick?, _ literals: inout Literals) -> NameCode {
        switch pick {
        case nil: .whole
        case .rfc2253: .rfc2253
        case .entry(let entry, let occurrence): .entry(literals.add(entry), occurrence)
        }
    }

    private static func isHost(_ name: String) -> Bool { name.withView { $0.equalsIgnoringCase("host") } }

    /// Whether it is the host that is meant, of which there is one.
    static func isOnlyHost(_ pick: FieldPick) -> Bool {
        isHost(pick.name) && (pick.occurrence == 0 || abs(pick.occurrence) == 1)
    }

    private static func field(_ pick: FieldPick, _ literals: inout Literals) -> FetchCode {
        if isOnlyHost(pick) { return .host(pick.type) }
        return .field(
            FieldCode(
                name: literals.add(pick.name), occurrence: pick.occurrence,
                isWhole: pick.isWhole, type: pick.type))
    }
}

extension ClientFact {
    fileprivate var isCopied: Bool { self == .tlsUnique || self == .clientRandom || self == .serverRandom }
}

extension FetchCode {
    /// The value of a constant; nil for anything else.
    func constant(_ literals: ByteView) -> Sample? {
        switch self {
        case .boolean(let value): .boolean(value)
        case .integer(let value): .integer(value)
        case .string(let text): .string(literals[text])
        case .binary(let bytes): .binary(literals[bytes])
        case .address(let address): .address(address)
        default: nil
        }
    }
}
