import Basics
import Model
import Synchronization
import Wire

/// What the thread that asks name servers is to do.
enum ResolverOrder: Sendable {
    /// These are the sections and servers there are.
    case follow([Resolvers], [(server: ResolvedServer, current: ServerPlacement)])
    case ask(NameRequest)
    case stop
}

/// Somebody waits for an address.
struct NameRequest: Sendable {
    /// The section that is asked.
    let resolvers: String
    let name: String
    let prefersV4: Bool
    /// Who waits.
    let worker: Int
    let token: UInt64
}

/// Asks name servers, on a thread of its own: all sections, with a socket for each name server. There is one for the process.
///
/// ```
///   Publisher, workers ──orders──► ResolverState ──questions──► name servers
///        ▲                              │    ▲                       │
///        └────── placements, answers ───┘    └────── messages ───────┘
/// ```
final class ResolverThread {
    /// What it tells, on its thread.
    struct Listener: Sendable {
        var placed: @Sendable ([(server: ResolvedServer, placement: ServerPlacement)]) -> Void
        var answered: @Sendable (_ worker: Int, _ token: UInt64, SocketAddress?) -> Void
    }

    fileprivate final class Section {
        var state: ResolverState
        let sockets: [NameServerSocket]
        /// Of its first name server; the others follow.
        let firstToken: UInt64

        init(_ settings: Resolvers, firstToken: UInt64) {
            state = ResolverState(settings)
            self.firstToken = firstToken
            sockets = settings.nameServers.map { server in
                NameServerSocket(
                    to: SocketAddress(server.address, port: server.port) ?? SocketAddress(),
                    usesTCP: server.usesTCP, largest: settings.answerSize)
            }
        }
    }

    private let mailbox: Mailbox<ResolverOrder>
    private let reports: ResolverReports
    private let listener: Listener
    private var loop = EventLoop()
    private var clock = Clock()
    private var sections: [String: Section] = [:]
    private var isStopping = false
    private var nextToken: UInt64 = 2
    /// Whose question is whose: workers' tokens are their own.
    private var waiting: [UInt64: NameRequest] = [:]
    private var nextRequest: UInt64 = 1

    private static let mailboxToken: UInt64 = 1

    private init(_ mailbox: Mailbox<ResolverOrder>, _ reports: ResolverReports, _ listener: Listener) {
        (self.mailbox, self.reports, self.listener) = (mailbox, reports, listener)
    }

    /// Starts the thread; nil if the system has none.
    static func start(
        _ mailbox: Mailbox<ResolverOrder>, _ reports: ResolverReports, _ listener: Listener
    ) -> Thread? {
        Thread(name: "resolver") { ResolverThread(mailbox, reports, listener).run() }
    }

    private var now: UInt64 { clock.monotonic / 1_000_000 }

    private func run() {
        _ = loop.registerLevel(mailbox.wakeUp, token: Self.mailboxToken)
        while !isStopping {
            let next = sections.values.compactMap(\.state.nextTime).min()
            let delay = next.map { Int32(clamping: $0 > now ? $0 - now : 0) }
            // Up to the next millisecond: down would spin.
            let count = loop.wait(milliseconds: delay.map { $0 &+ 1 } ?? -1)
            clock.update()
            for i in 0..<count { dispatch(loop[i].token) }
            for section in sections.values {
                section.state.advance(at: now)
                perform(section)
            }
            reports.set(sections.values.map(\.report))
        }
    }

    private func dispatch(_ token: UInt64) {
        guard token != Self.mailboxToken else {
            for order in mailbox.takeAll() { obey(order) }
            return
        }
        for section in sections.values {
            let place = Int(clamping: token &- section.firstToken)
            guard section.sockets.indices.contains(place) else { continue }
            for message in section.sockets[place].messages() {
                section.state.take(message, from: place, at: now)
            }
        }
    }

    private func obey(_ order: ResolverOrder) {
        switch order {
        case .follow(let settings, let servers): follow(settings, servers)
        case .ask(let request):
            guard let section = sections[request.resolvers] else {
                return listener.answered(request.worker, request.token, nil)
            }
            waiting[nextRequest] = request
            section.state.ask(
                request.name, prefersV4: request.prefersV4, token: nextRequest, at: now)
            nextRequest += 1
        case .stop: isStopping = true
        }
    }

    private func follow(
        _ settings: [Resolvers], _ servers: [(server: ResolvedServer, current: ServerPlacement)]
    ) {
        let names = Set(settings.map(\.name))
        for (name, section) in sections where !names.contains(name) {
            end(section)
            sections[name] = nil
        }
        for settings in settings {
            if let section = sections[settings.name], section.state.settings != settings {
                end(section)
                sections[settings.name] = nil
            }
            let section = sections[settings.name] ?? Section(settings, firstToken: nextToken)
            if sections[settings.name] == nil { nextToken += UInt64(settings.nameServers.count) }
            sections[settings.name] = section
            section.state.follow(
                servers.filter { $0.server.resolution.resolvers == settings.name }, at: now)
        }
    }

    /// Whoever waits is told that nobody knows.
    private func end(_ section: Section) {
        for socket in section.sockets { socket.close() }
        let name = section.state.settings.name
        for (token, request) in waiting where request.resolvers == name {
            waiting[token] = nil
            listener.answered(request.worker, request.token, nil)
        }
    }

    private func perform(_ section: Section) {
        var placed: [(server: ResolvedServer, placement: ServerPlacement)] = []
        while !section.state.actions.isEmpty {
            let actions = section.state.actions
            section.state.actions = []
            for action in actions {
                switch action {
                case .ask(let question): ask(question, section)
                case .place(let server, let placement): placed.append((server, placement))
                case .answer(let token, let address):
                    guard let request = waiting.removeValue(forKey: token) else { continue }
                    listener.answered(request.worker, request.token, address)
                }
            }
        }
        if !placed.isEmpty { listener.placed(placed) }
    }

    private func ask(_ question: NameQuestion, _ section: Section) {
        let message = question.message(answerSize: section.state.settings.answerSize)
        var (sent, failed): ([Int], [Int]) = ([], [])
        for (place, socket) in section.sockets.enumerated() {
            if socket.open() {
                _ = loop.register(socket.descriptor, token: section.firstToken + UInt64(place))
            }
            if socket.send(message) { sent.append(place) } else { failed.append(place) }
        }
        section.state.sent(question.id, to: sent, failed: failed, at: now)
    }
}

extension ResolverThread.Section {
    fileprivate var report: ResolversReport {
        let names = zip(state.settings.nameServers, state.counts)
        return ResolversReport(
            name: state.settings.name,
            nameServers: names.map { ResolversReport.NameServer(name: $0.name, counts: $1) })
    }
}

/// What is told of the sections; written by the thread that asks, read by any.
final class ResolverReports: Sendable {
    private let reports = Mutex<[ResolversReport]>([])

    func set(_ current: [ResolversReport]) { reports.withLock { $0 = current } }

    /// By name.
    var current: [ResolversReport] { reports.withLock { $0 }.sorted { $0.name < $1.name } }
}
