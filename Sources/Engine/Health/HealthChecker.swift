import Basics
import Glibc
import Model
import Synchronization
import Wire

/// Asks servers how they are, one connection per server and check, on a thread of its own. There is one for the process.
///
/// ```
///   Publisher ──orders──► mailbox ─► probes: timer ─► connect ─► talk ─► result ─► HealthState
///       ▲                                                                             │
///       └────────────────────────── verdicts: up, down, draining ◄────────────────────┘
/// ```
/// Workers learn of a verdict as of every other change: by the set of servers that the publisher makes of it.
final class HealthChecker {
    private let mailbox: Mailbox<CheckOrder>
    private let report: @Sendable ([HealthVerdict]) -> Void
    private let variables: ProcessVariables
    private let identity = ProcessIdentity()
    private var loop = EventLoop()
    private var clock = Clock()
    private var timers: TimerWheel
    private var random: RandomNumbers
    private let probes = Slab<Probe>()
    private let buffers = BufferPool(size: CheckInput.limit, keep: 16)
    private var watches: [ObjectIdentifier: Watch] = [:]
    private var verdicts: [HealthVerdict] = []
    private var isStopping = false

    private static let mailboxToken: UInt64 = 1

    private init(
        _ mailbox: Mailbox<CheckOrder>, _ variables: ProcessVariables,
        _ report: @escaping @Sendable ([HealthVerdict]) -> Void
    ) {
        self.mailbox = mailbox
        self.variables = variables
        self.report = report
        timers = TimerWheel(now: clock.monotonic)
        random = RandomNumbers(seed: clock.monotonic)
    }

    /// Starts the thread; nil if the system has none. `report` is called on it, with what changed in one round of events.
    static func start(
        _ mailbox: Mailbox<CheckOrder>, variables: ProcessVariables,
        report: @escaping @Sendable ([HealthVerdict]) -> Void
    ) -> Thread? {
        Thread(name: "health") { HealthChecker(mailbox, variables, report).run() }
    }

    private func run() {
        _ = loop.registerLevel(mailbox.wakeUp, token: Self.mailboxToken)
        while !isStopping {
            let delay = timers.delay(now: clock.monotonic).map { Int32(clamping: $0) }
            let count = loop.wait(milliseconds: delay ?? -1)
            clock.update()
            for i in 0..<count { dispatch(loop[i]) }
            while let owner = timers.nextExpired(now: clock.monotonic) { timeout(Ref(bits: owner)) }
            if !verdicts.isEmpty {
                report(verdicts)
                verdicts = []
            }
            probes.reclaim()
        }
        for watch in watches.values { forget(watch) }
        probes.reclaim()
    }

    private func dispatch(_ event: Event) {
        guard event.token != Self.mailboxToken else {
            for order in mailbox.takeAll() { obey(order) }
            return
        }
        let probe = Ref<Probe>(bits: event.token)
        guard probe[].phase != .over, !probe[].transport.isClosed else { return }
        probe[].transport.note(event.readiness)
        advance(probe)
    }

    // MARK: Orders

    private func obey(_ order: CheckOrder) {
        switch order {
        case .watch(let servers): watch(servers)
        case .forget(let servers):
            for server in servers {
                guard let watch = watches.removeValue(forKey: ObjectIdentifier(server)) else { continue }
                forget(watch)
            }
        case .observed(let server, let failures, let last):
            if let watch = watches[ObjectIdentifier(server)] { note(failures, last, of: watch) }
        case .force(let server, let health):
            guard let watch = watches[ObjectIdentifier(server)] else { break }
            watch.force(health)
            tell(watch, .operator)
        case .stop: isStopping = true
        }
    }

    private func watch(_ servers: [WatchedServer]) {
        let shortest = servers.reduce(Int.max) { min($0, $1.plan.schedule.interval) }
        for (place, server) in servers.enumerated() {
            let key = ObjectIdentifier(server.state)
            if let before = watches[key] { forget(before) }
            let watch = Watch(server)
            watches[key] = watch
            let delay = CheckSchedule.firstDelay(place: place, of: servers.count, shortest: shortest)
            let check = server.plan.check
            if check.probe != nil { watch.probe = add(.server, of: watch, in: delay) }
            if check.agent != nil { watch.agentProbe = add(.agent, of: watch, in: delay) }
        }
    }

    private func add(_ role: Probe.Role, of watch: Watch, in delay: Int) -> Ref<Probe> {
        let probe = probes.insert(Probe(watch: watch, role: role))
        probe[].timer = timers.add(owner: probe.bits)
        wait(probe, max(1, delay))
        return probe
    }

    private func wait(_ probe: Ref<Probe>, _ milliseconds: Int) {
        probe[].nextAt = clock.monotonic &+ UInt64(milliseconds) &* 1_000_000
        timers.set(probe[].timer, in: milliseconds, now: clock.monotonic)
    }

    private func forget(_ watch: Watch) {
        if let probe = watch.probe.take() { remove(probe) }
        if let probe = watch.agentProbe.take() { remove(probe) }
    }

    private func remove(_ probe: Ref<Probe>) {
        endConnection(probe)
        timers.remove(probe[].timer)
        probe[].phase = .over
        probes.remove(probe)
    }

    // MARK: A check

    private func timeout(_ probe: Ref<Probe>) {
        switch probe[].phase {
        case .waiting: begin(probe)
        case .connecting: end(probe, CheckResult(.connectTimeout, info: probe[].dialogue?.place ?? ""))
        case .handshake: end(probe, CheckResult(.handshakeTimeout, info: probe[].dialogue?.place ?? ""))
        case .talking: end(probe, probe[].dialogue?.timeout ?? CheckResult(.answerTimeout))
        case .over: break
        }
    }

    private func begin(_ probe: Ref<Probe>) {
        let plan = probe[].watch.server.plan
        let isAgent = probe[].role == .agent
        // Nobody is asked who is out of service; the agent is, for it may bring it back.
        guard isAgent || !probe[].watch.condition.isInMaintenance, !isPaused(probe) else {
            return wait(probe, probe[].watch.schedule.interval)
        }
        probe[].startedAt = clock.monotonic
        probe[].dialogue =
            isAgent
            ? AgentDialogue(greeting: plan.check.agent?.greeting ?? "") : dialogue(with: probe[].watch)
        let descriptor = Socket.connect(
            to: isAgent ? plan.agentAddress : plan.address, from: plan.origin?.ours)
        guard descriptor >= 0 else { return end(probe, noConnection(-descriptor, probe)) }
        probe[].transport = Transport(descriptor: descriptor)
        probe[].phase = .connecting
        timers.set(probe[].timer, in: plan.connectTimeout, now: clock.monotonic)
        guard loop.register(descriptor, token: probe.bits) else {
            return end(probe, CheckResult(.unchanged, info: "no room to wait for it"))
        }
    }

    private func dialogue(with watch: Watch) -> (any CheckDialogue)? {
        let plan = watch.server.plan
        return plan.check.probe?.dialogue(
            isEncrypted: plan.tls != nil, speaksHTTP2: plan.speaksHTTP2, scene: scene(of: watch))
    }

    /// What rules of its check may ask about a server.
    private func scene(of watch: Watch) -> CheckScene {
        let node = String(decoding: identity.hostName.view.bytes, as: UTF8.self)
        return CheckScene(watch.facts(node: node), variables: variables)
    }

    /// Whether an operator wants nobody to be asked.
    private func isPaused(_ probe: Ref<Probe>) -> Bool {
        let isAgent = probe[].role == .agent
        return probe[].watch.server.state.steering.withLock { steering in
            isAgent ? steering.pausesAgent : steering.pausesCheck || steering.state == .maintenance
        }
    }

    /// That we have no socket left is no server's fault.
    private func noConnection(_ code: Int32, _ probe: Ref<Probe>) -> CheckResult {
        let text = SystemError.text(code) + (probe[].dialogue?.place ?? "")
        return DescriptorReserve.isExhaustion(code)
            ? CheckResult(.unchanged, info: text) : CheckResult(.connectFailed, info: text)
    }

    private func advance(_ probe: Ref<Probe>) {
        if probe[].phase == .connecting {
            guard probe[].transport.canWrite else { return }
            let code = Socket.error(probe[].transport.descriptor)
            guard code == 0 else { return end(probe, noConnection(code, probe)) }
            announce(probe)
        }
        if probe[].phase == .handshake { agree(probe) }
        guard probe[].phase == .talking, send(probe) else { return }
        listen(probe)
    }

    /// The connection stands: what is said of it comes first, and in plain text.
    private func announce(_ probe: Ref<Probe>) {
        let plan = probe[].watch.server.plan
        let isAgent = probe[].role == .agent
        if !isAgent, let header = plan.proxyHeader { probe[].output = HealthChecker.proxyHeader(header) }
        guard !isAgent, plan.tls != nil else { return talk(probe) }
        probe[].phase = .handshake
    }

    /// Goes on with the handshake, which is a part of connecting.
    private func agree(_ probe: Ref<Probe>) {
        if probe[].transport.tls == nil {
            guard send(probe), probe[].output.isEmpty else { return }
            guard startTLS(probe) else {
                return end(probe, CheckResult(.socketError, info: "its settings of TLS can not be used"))
            }
        }
        switch probe[].transport.tls?.handshake() {
        case .wantRead, .wantWrite: return
        case .failed(let failure):
            let isNamed = probe[].watch.server.tls?.sentName.view.isEmpty == false
            end(
                probe,
                CheckResult(.handshakeFailed, info: HealthChecker.words(of: failure, isNamed: isNamed)))
        case .done, nil:
            probe[].transport.canRead = true
            probe[].transport.canWrite = true
            let chosen = probe[].transport.tls?.applicationProtocol
            guard !probe[].watch.server.plan.speaksHTTP2 || probe[].role == .agent || chosen == .http2 else {
                return end(probe, CheckResult(.handshakeFailed, info: "HTTP/2 was not chosen"))
            }
            talk(probe)
        }
    }

    private func startTLS(_ probe: Ref<Probe>) -> Bool {
        let watch = probe[].watch
        guard let tls = watch.server.tls else { return false }
        let sessions =
            watch.sessions ?? TLSClientSessions(context: tls.context, nameWithoutSNI: tls.nameWithoutSNI)
        watch.sessions = sessions
        let offer = (watch.server.plan.tls?.protocols ?? []).compactMap { ApplicationProtocol(rawValue: $0) }
        guard
            let session = TLSSession(
                resuming: sessions, fd: probe[].transport.descriptor, serverName: tls.sentName.view,
                protocols: offer)
        else { return false }
        probe[].transport.tls = consume session
        return true
    }

    /// HAProxy's words, and the reason behind them.
    private static func words(of failure: HandshakeFailure, isNamed: Bool) -> String {
        guard failure == .peerOtherName else { return "SSL handshake failure (\(failure.rawValue))" }
        let which = isNamed ? "expected" : "configured"
        return "Server presented an SSL certificate different from the \(which) one"
    }

    private func talk(_ probe: Ref<Probe>) {
        let plan = probe[].watch.server.plan
        probe[].phase = .talking
        if let timeout = plan.answerTimeout { timers.set(probe[].timer, in: timeout, now: clock.monotonic) }
        if let dialogue = probe[].dialogue { take(dialogue.begin(), probe) }
    }

    /// It says that the connection is our own.
    private static func proxyHeader(_ header: SentProxyHeader) -> [UInt8] {
        var buffer = Buffer(capacity: 256)
        return ProxyHeaderWriter(header).append(ProxyFacts(), to: &buffer) ? buffer.view.bytes : []
    }

    private func take(_ step: CheckStep, _ probe: Ref<Probe>) {
        probe[].output += step.bytes
        guard let result = step.result else { return }
        // The last words are sent as far as they go: a good-bye.
        _ = probe[].output.withView { probe[].transport.write($0) }
        end(probe, result)
    }

    /// False if the check is over.
    private func send(_ probe: Ref<Probe>) -> Bool {
        guard !probe[].output.isEmpty, probe[].transport.canWrite else { return true }
        switch probe[].output.withView({ probe[].transport.write($0) }) {
        case .bytes(let count): probe[].output.removeFirst(count)
        case .wouldBlock: break
        // What the server said before it left may still be read.
        case .closed, .failed: probe[].output = []
        }
        return true
    }

    private func listen(_ probe: Ref<Probe>) {
        buffers.lend(to: &probe[].input)
        while probe[].phase == .talking, probe[].transport.canRead {
            probe[].input.compact()
            let isFull = probe[].input.room == 0
            let read: IOResult = isFull ? .closed : probe[].transport.read(into: &probe[].input)
            switch read {
            case .bytes: show(probe, isLast: false)
            case .wouldBlock: return
            case .closed: show(probe, isLast: true)
            // Many servers end TLS without close_notify; what they said before decides.
            case .failed(ECONNABORTED) where probe[].transport.tls != nil: show(probe, isLast: true)
            case .failed(let code): end(probe, CheckResult(.connectFailed, info: SystemError.text(code)))
            }
        }
    }

    private func show(_ probe: Ref<Probe>, isLast: Bool) {
        guard let dialogue = probe[].dialogue else { return }
        while probe[].phase == .talking {
            var input = CheckInput(probe[].input.view, isLast: isLast)
            let step = dialogue.read(&input)
            probe[].input.consume(min(input.taken, probe[].input.count))
            take(step, probe)
            guard probe[].phase == .talking else { return }
            _ = send(probe)
            if input.taken == 0 || probe[].input.isEmpty { break }
        }
        guard isLast, probe[].phase == .talking else { return }
        // It was asked for more, and has gone.
        var nothing = CheckInput(.empty, isLast: true)
        take(dialogue.read(&nothing), probe)
        if probe[].phase == .talking { end(probe, CheckResult(.badAnswer)) }
    }

    private func endConnection(_ probe: Ref<Probe>) {
        probe[].transport.close()
        probe[].dialogue = nil
        probe[].output = []
        buffers.takeBack(&probe[].input)
    }

    private func end(_ probe: Ref<Probe>, _ result: CheckResult) {
        let watch = probe[].watch
        let reply = (probe[].dialogue as? AgentDialogue)?.reply
        let nanoseconds = clock.monotonic &- probe[].startedAt
        endConnection(probe)
        probe[].phase = .waiting
        let milliseconds = Int(clamping: nanoseconds / 1_000_000)
        if probe[].role == .server {
            note(result, of: watch, milliseconds: milliseconds)
        } else if let reply {
            note(reply, result, of: watch, milliseconds: milliseconds)
        }
        wait(probe, watch.delay(of: probe[].role, random: random.next()))
    }

    // MARK: What it means

    private func note(_ result: CheckResult, of watch: Watch, milliseconds: Int) {
        let isNews = watch.note(result)
        let health = watch.server.state.health.load()
        if result.status.outcome == .passed { health?.forgetFailures() }
        health?.update { report in
            report.take(result)
            report.milliseconds = milliseconds
            if isNews, result.status.outcome == .failed { report.failures += 1 }
        }
        tell(watch, .check(result.reason(milliseconds: milliseconds)))
    }

    private func note(
        _ reply: AgentReply, _ result: CheckResult, of watch: Watch, milliseconds: Int
    ) {
        watch.note(reply)
        watch.server.state.health.load()?.update { report in
            report.agent = result.info
            report.agentStatus = result.status
            report.agentMilliseconds = milliseconds
        }
        tell(watch, .check(result.reason(milliseconds: milliseconds)))
    }

    /// Too much of a server's traffic failed in a row.
    private func note(_ failures: Int, _ last: TrafficEvent, of watch: Watch) {
        guard let consequence = watch.server.plan.check.observation?.consequence else { return }
        let result = CheckResult(
            .observed,
            info: "Detected \(failures) consecutive errors, last one was: \(last.meaning)")
        if watch.noteTraffic(consequence) {
            watch.server.state.health.load()?.update { report in
                report.take(result)
                report.failures += 1
            }
        }
        tell(watch, .check(result.reason(milliseconds: nil)))
        hurry(watch)
    }

    /// The next check comes within the fast interval, if one is set.
    private func hurry(_ watch: Watch) {
        guard watch.server.plan.check.fastInterval != nil, let probe = watch.probe,
            probe[].phase == .waiting
        else { return }
        let soon = clock.monotonic &+ UInt64(watch.schedule.fastInterval) &* 1_000_000
        if soon < probe[].nextAt { wait(probe, watch.schedule.fastInterval) }
    }

    private func tell(_ watch: Watch, _ reason: HealthVerdict.Reason) {
        watch.server.state.health.load()?.update { report in
            report.state = watch.description
            report.level = watch.state.health
            report.isAgentUp = watch.agentState.isUp
        }
        let condition = watch.condition
        guard condition != watch.told else { return }
        watch.told = condition
        verdicts.append(HealthVerdict(server: watch.server, condition: condition, reason: reason))
    }
}
