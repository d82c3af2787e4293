import Model
import Wire

@testable import Engine

/// A section of name servers with a clock of its own, and what is answered to its questions.
struct ResolverRun {
    var state: ResolverState
    var now: UInt64 = 10_000
    /// What is answered, by name; what is not there is not answered at all.
    var answers: [String: NameAnswer] = [:]
    /// What was told, in order: `NAME=ADDRESS:PORT`, with `*WEIGHT` and `(REASON)` where there are.
    var told: [String] = []
    /// What was answered to those who waited.
    var answered: [UInt64: String] = [:]
    /// The questions so far, as `NAME/TYPE`.
    var questions: [String] = []

    init(_ change: (inout Resolvers) -> Void = { _ in }) {
        var settings = Resolvers(
            name: "r", nameServers: [Resolvers.NameServer(name: "one", address: "127.0.0.1")])
        change(&settings)
        state = ResolverState(settings)
    }

    /// Servers of backend `b`; those of other backends are named with theirs, `c/s`.
    mutating func follow(
        _ names: [String], of name: String, port: UInt16 = 80, at address: String = "",
        _ change: (inout ServerResolution) -> Void = { _ in }
    ) {
        let servers = names.compactMap { text -> (server: ResolvedServer, current: ServerPlacement)? in
            let parts = text.split(separator: "/").map(String.init)
            var server = Server(address: address, port: port, name: parts[parts.count - 1])
            var resolution = ServerResolution(of: name, port: port, by: "r")
            change(&resolution)
            server.resolution = resolution
            let backend = BackendName(parts.count == 2 ? parts[0] : "b")
            let placement = ServerPlacement(address: SocketAddress(address, port: 0), port: port)
            return ResolvedServer(server, of: backend).map { ($0, placement) }
        }
        state.follow(servers, at: now)
        perform()
    }

    /// An answer with addresses.
    static func addresses(_ texts: String...) -> NameAnswer {
        NameAnswer(.found, texts.compactMap { SocketAddress($0, port: 0) }.map { NameAnswer.Record($0) })
    }

    /// A place of a service.
    static func place(
        _ target: String, _ port: UInt16, weight: UInt16 = 0, at address: String? = nil
    ) -> NameAnswer.Record {
        NameAnswer.Record(
            target: target, port: port, weight: weight,
            address: address.flatMap { SocketAddress($0, port: 0) })
    }

    /// Lets time pass, in steps of a tenth of a second.
    mutating func wait(_ milliseconds: UInt64) {
        for _ in 0..<(milliseconds / 100) {
            now += 100
            state.advance(at: now)
            perform()
        }
    }

    mutating func ask(_ name: String, prefersV4: Bool = true, token: UInt64) {
        state.ask(name, prefersV4: prefersV4, token: token, at: now)
        perform()
    }

    private mutating func perform() {
        while !state.actions.isEmpty {
            let actions = state.actions
            state.actions = []
            for action in actions { perform(action) }
            state.advance(at: now)
        }
    }

    private mutating func perform(_ action: ResolverState.Action) {
        switch action {
        case .ask(let question):
            questions.append("\(question.name)/\(question.type)")
            state.sent(question.id, to: [0], failed: [], at: now)
            let answer = answers["\(question.name)/\(question.type)"] ?? answers[question.name]
            if let answer { state.take(answer, to: question.id, from: 0, at: now) }
        case .place(let server, let placement):
            let address = placement.address?.description(withPort: false) ?? "-"
            let weight = placement.weight.map { "*\($0)" } ?? ""
            let reason = placement.reason == .none ? "" : " (\(placement.reason.rawValue))"
            told.append("\(server.reference.server)=\(address):\(placement.port)\(weight)\(reason)")
        case .answer(let token, let address):
            answered[token] = address?.description(withPort: false) ?? "-"
        }
    }
}
