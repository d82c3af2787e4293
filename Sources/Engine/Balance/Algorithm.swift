import Basics
import Model
import Wire

/// `Model.Balance` as workers read it: without texts, so that reading it counts no references. The name of a parameter or
/// field is kept beside it.
enum Algorithm: Equatable {
    case roundRobin
    case staticRoundRobin
    case leastConnections
    case first
    case random(draws: Int)
    case hash(Source)

    /// Where the key comes from.
    enum Source: Equatable {
        case client
        case uri(URIPart)
        case parameter(searchesPosts: Bool)
        case header(domainOnly: Bool)
        /// Of the set's `keyExpressions`.
        case expression
    }

    init(_ balance: Balance) {
        self =
            switch balance {
            case .roundRobin: .roundRobin
            case .staticRoundRobin: .staticRoundRobin
            case .leastConnections: .leastConnections
            case .first: .first
            case .random(let draws): .random(draws: max(1, min(1_000, draws)))
            case .hash(.source): .hash(.client)
            case .hash(.uri(let part)): .hash(.uri(part))
            case .hash(.parameter(_, let searchesPosts)):
                .hash(.parameter(searchesPosts: searchesPosts))
            case .hash(.header(_, let domainOnly)): .hash(.header(domainOnly: domainOnly))
            case .hash(.expression): .hash(.expression)
            }
    }

    /// Whether the choice depends on the requests in flight.
    var needsLoad: Bool {
        switch self {
        case .leastConnections, .random: true
        case .roundRobin, .staticRoundRobin, .first, .hash: false
        }
    }

    /// Whether a request is none's in particular: what HAProxy counts as round robin.
    var isInTurn: Bool {
        switch self {
        case .roundRobin, .staticRoundRobin, .random: true
        case .leastConnections, .first, .hash: false
        }
    }

    /// Whether it needs nothing but the client's address.
    var hashesSource: Bool { self == .hash(.client) }

    /// Whether parameters are looked for, in forms too; and whether those are waited for.
    var hashesParameter: Bool { self == .hash(.parameter(searchesPosts: false)) || searchesPosts }
    var searchesPosts: Bool { self == .hash(.parameter(searchesPosts: true)) }

    /// Whether weights may change from one request to the next. HAProxy's tables for the others are made once.
    func hasDynamicWeights(_ type: HashType) -> Bool {
        switch self {
        case .roundRobin, .leastConnections, .first, .random: true
        case .staticRoundRobin: false
        case .hash: type.isConsistent
        }
    }
}

extension Balance {
    /// The expression that is hashed, if one is.
    var keyExpression: Expression? {
        if case .hash(.expression(let expression)) = self { return expression }
        return nil
    }

    /// The name of the parameter or field that is hashed; empty if there is none.
    var keyName: String {
        switch self {
        case .hash(.parameter(let name, _)), .hash(.header(let name, _)): name
        default: ""
        }
    }
}

/// What of a request decides where it goes, as one number: nil if the request has no such thing, or if nothing of it decides.
/// Expressions are run by the worker.
struct RequestHash {
    let algorithm: Algorithm
    let type: HashType

    /// The hash for a request from `client` with that target, those fields and, where it is searched, that form as its body.
    func of(
        client: SocketAddress, target: ByteView, fields: borrowing HeaderTable, in head: ByteView,
        keyName: ByteView, host: ByteView = .empty, form: ByteView = .empty
    ) -> UInt32? {
        guard case .hash(let source) = algorithm else { return nil }
        switch source {
        case .client: return client.isLocal ? nil : KeyHash.mix(SourceHash.hash(client), type)
        case .uri(let part): return KeyHash.hash(RequestKey.uri(target, part), type)
        case .parameter:
            let value = RequestKey.parameter(target, keyName) ?? RequestKey.parameter(ofForm: form, keyName)
            return value.map { KeyHash.hash($0, type) }
        case .header(let domainOnly):
            guard let value = header(fields, head, keyName, host) else { return nil }
            return KeyHash.hash(domainOnly ? RequestKey.domain(value) : value, type)
        case .expression: return nil
        }
    }

    /// The host may stand in the target alone, or beside the fields in HTTP/2.
    private func header(
        _ fields: borrowing HeaderTable, _ head: ByteView, _ name: ByteView, _ host: ByteView
    ) -> ByteView? {
        guard !host.isEmpty, name.equalsIgnoringCase("host") else {
            return RequestKey.header(fields, in: head, name)
        }
        return host
    }
}
