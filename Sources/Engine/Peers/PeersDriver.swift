import Basics
import Model
import Synchronization
import Wire

/// Speaks with peers, on a thread of its own. There is one for the process, and none without peers.
///
/// ```
///   Publisher ──sections, tables──► mailbox ─┐
///   workers ──something has changed──► bell ─┼─► groups ─► links ─► connections
///   listeners, connections ──────────────────┘
/// ```
/// Workers never wait for it: it takes the lock of one part of a table at a time, for some entries.
final class PeersDriver {
    let orders: PeerOrders
    let bell: NewsBell
    var loop = EventLoop()
    private var clock = Clock()
    var random: RandomNumbers
    var groups: [String: RunningGroup] = [:]
    var connections: [UInt64: PeerConnection] = [:]
    private var nextToken: UInt64 = 16
    private var buffer = Buffer(capacity: 64 * 1024)
    private var isStopping = false
    /// Changes wait to be told, and not before then: milliseconds.
    private var hasNews = false
    private var newsAt: UInt64 = 0
    /// Something has happened that is not published yet, and not before then: milliseconds.
    var isStale = true
    private var reportAt: UInt64 = 0

    private static let orderToken: UInt64 = 1
    private static let bellToken: UInt64 = 2
    /// Between two looks at what has changed, milliseconds.
    private static let round: UInt64 = 5
    /// For a connection to be made, and for a greeting, milliseconds.
    static let longestGreeting: UInt64 = 5_000
    var now: UInt64 { clock.milliseconds }

    private init(_ orders: PeerOrders, _ bell: NewsBell) {
        (self.orders, self.bell) = (orders, bell)
        random = RandomNumbers(seed: clock.monotonic)
    }

    /// Starts the thread; nil if the system has none.
    static func start(_ orders: PeerOrders, _ bell: NewsBell) -> Thread? {
        Thread(name: "peers") { PeersDriver(orders, bell).run() }
    }

    private func run() {
        _ = loop.registerLevel(orders.mailbox.wakeUp, token: Self.orderToken)
        _ = loop.registerLevel(bell.descriptor, token: Self.bellToken)
        // What has changed before has rung already.
        hasNews = true
        var isBusy = false
        while !isStopping {
            let count = loop.wait(milliseconds: isBusy ? 0 : delay())
            clock.update()
            for i in 0..<count { dispatch(loop[i]) }
            isBusy = tellNews()
            for name in groups.keys { isBusy = advance(name) || isBusy }
            isBusy = readOn() || isBusy
            giveUp()
            if count > 0 || isBusy { isStale = true }
            if isStale, now >= reportAt { publish() }
        }
        for token in Array(connections.keys) { close(token, why: nil) }
    }

    private func delay() -> Int32 {
        var soonest: UInt64 = 60_000
        if hasNews { soonest = newsAt - min(now, newsAt) }
        if isStale { soonest = min(soonest, reportAt - min(now, reportAt)) }
        for group in groups.values {
            for time in group.times(now: now) { soonest = min(soonest, time - min(now, time)) }
            if let delay = group.peers.delay(now: now) { soonest = min(soonest, delay) }
        }
        for connection in connections.values where connection.until > 0 {
            soonest = min(soonest, connection.until - min(now, connection.until))
        }
        return Int32(clamping: soonest)
    }

    private func publish() {
        isStale = false
        reportAt = now + 50
        orders.publish(groups.values.map { $0.report(now: now) }.sorted { $0.name < $1.name })
    }

    private func dispatch(_ event: Event) {
        switch event.token {
        case Self.orderToken:
            for order in orders.mailbox.takeAll() { obey(order) }
        case Self.bellToken:
            bell.quieten()
            hasNews = true
        default:
            if let connection = connections[event.token] {
                connection.transport.note(event.readiness)
                proceed(event.token, connection)
            } else if let name = groups.first(where: { $0.value.token == event.token })?.key {
                accept(name)
            }
        }
    }

    private func obey(_ order: PeerOrder) {
        switch order {
        case .share(let sections, let servers): share(sections, servers)
        case .leave:
            for token in Array(connections.keys) { close(token, why: nil) }
            for group in groups.values { if group.listener != nil { loop.unregister(group.descriptor) } }
            groups = [:]
        case .stop: isStopping = true
        }
    }

    // MARK: Sections

    private func share(_ shared: [SharedPeers], _ servers: [String]) {
        let names = Set(shared.map(\.section.name))
        let complete = Set(groups.filter { $0.value.peers.resync == .complete }.keys)
        for (name, group) in groups {
            let new = shared.first { $0.section.name == name }?.section
            guard !names.contains(name) || group.peers.section != new else { continue }
            for (token, connection) in connections where connection.section == name { close(token, why: nil) }
            if group.listener != nil { loop.unregister(group.descriptor) }
            groups[name] = nil
        }
        for one in shared {
            let name = one.section.name
            let group =
                groups[name]
                ?? RunningGroup(
                    PeerGroup(one.section, isComplete: complete.contains(name), now: now), one.security,
                    token: takeToken(), now: now)
            groups[name] = group
            group.peers.setTables(one.tables, servers: servers, now: now)
        }
        // Parts of tables that have changed before they were shared ring no more until somebody has looked.
        hasNews = true
    }

    func takeToken() -> UInt64 {
        nextToken += 1
        return nextToken
    }

    // MARK: Rounds

    private func tellNews() -> Bool {
        guard hasNews, now >= newsAt else { return false }
        bell.rearm()
        (hasNews, isStale) = (false, true)
        newsAt = now + PeersDriver.round
        var isBusy = false
        for group in groups.values { isBusy = group.peers.tellChanges(now: now) || isBusy }
        if isBusy { (hasNews, newsAt) = (true, now) }
        return isBusy
    }

    /// Listens, calls and writes. True if there is more to do at once.
    private func advance(_ name: String) -> Bool {
        guard let group = groups[name] else { return false }
        if group.listener == nil, !group.peers.section.binds.isEmpty, now >= group.listenAt { listen(group) }
        if let time = group.acceptAt, now >= time {
            group.acceptAt = nil
            _ = loop.registerLevel(group.descriptor, token: group.token)
        }
        for i in group.dials.indices where group.tokens[i] == nil && now >= group.dials[i].nextAt {
            call(i, of: group, name)
        }
        group.peers.advance(now: now)
        for token in group.tokens.compactMap(\.self) {
            if let connection = connections[token], connection.state == .open { flush(token, connection) }
        }
        return group.tokens.indices.contains { i in
            group.peers.links[i].isWalking
                && group.tokens[i].flatMap { connections[$0] }?.transport.canWrite == true
        }
    }

    /// What was not read because others wait too.
    private func readOn() -> Bool {
        var isBusy = false
        for (token, connection) in connections where connection.transport.canRead {
            proceed(token, connection)
            isBusy = connections[token]?.transport.canRead == true || isBusy
        }
        return isBusy
    }

    private func giveUp() {
        for (token, connection) in connections {
            if connection.until > 0, now >= connection.until {
                close(token, why: "no answer for \(PeersDriver.longestGreeting / 1_000) s")
            } else if let link = connection.link, connection.state == .open,
                let group = groups[connection.section], group.peers.links[link].isSilent(now: now)
            {
                group.peers.noteSilence(link)
                close(token, why: "nothing was heard for \(PeerLink.longestSilence / 1_000) s")
            }
        }
    }

    // MARK: Connections

    private func listen(_ group: RunningGroup) {
        group.listenAt = now + 1_000
        guard let bind = group.peers.section.binds.first else { return }
        guard let address = SocketAddress(bind.address ?? "::", port: bind.port) else { return }
        do throws(PeerSecurityError) {
            group.tls = try group.security.context(now: now)
        } catch {
            return sayOfListening(group, error.message)
        }
        do throws(Listener.Failure) {
            group.listener = try PeerListener(address, v6Only: bind.address != nil)
        } catch {
            return sayOfListening(group, "cannot listen on port \(bind.port): \(error.message)")
        }
        group.saidOfListening = ""
        _ = loop.registerLevel(group.descriptor, token: group.token)
    }

    private func accept(_ name: String) {
        guard let group = groups[name] else { return }
        for _ in 0..<64 {
            guard let taken = group.listener?.listener.accept() else {
                // Who waits would be told of without end.
                if Listener.isExhausted, group.acceptAt == nil {
                    loop.unregister(group.descriptor)
                    group.acceptAt = now + 100
                }
                return
            }
            welcome(taken.descriptor, from: taken.peer, group, name)
        }
    }

    /// Somebody has called: it has some time to say who it is, unless too many do not.
    private func welcome(
        _ descriptor: Int32, from address: SocketAddress, _ group: RunningGroup, _ name: String
    ) {
        let known = Set(group.peers.links.map(\.name))
        let handshake = PeerHandshake(calledAs: group.peers.section.localName, known: known)
        let connection = PeerConnection(
            descriptor, of: name, .greeting, handshake, until: now + PeersDriver.longestGreeting)
        if let context = group.tls {
            guard let session = group.security.session(context, descriptor) else {
                return Socket.close(descriptor)
            }
            connection.transport.tls = consume session
            connection.state = .securing
        }
        guard let token = add(connection) else { return }
        let addresses = group.peers.section.remotes.compactMap { SocketAddress($0.address ?? "", port: 0) }
        guard let leaving = group.lobby.enter(token, from: address, known: addresses) else { return }
        sayOfCallers(group, "too many say nothing: the oldest connections are closed")
        close(leaving, why: nil)
    }

    private func call(_ link: Int, of group: RunningGroup, _ name: String) {
        let peer = group.peers.section.remotes[link]
        guard let text = peer.address, let address = SocketAddress(text, port: peer.port) else { return }
        let descriptor = Socket.connect(to: address)
        guard descriptor >= 0 else {
            say(group, link, "cannot be reached: \(SystemError.text(-descriptor))")
            return group.dials[link].fail(now: now, &random)
        }
        let minor = group.dials[link].minorVersion
        let connection = PeerConnection(
            descriptor, of: name, .connecting, PeerHandshake(calling: peer.name, minorVersion: minor),
            until: now + PeersDriver.longestGreeting)
        let greeting = PeerGreeting(
            minorVersion: minor, receiver: peer.name, sender: group.peers.section.localName)
        connection.greeting = greeting.bytes(process: orders.process)
        connection.link = link
        if group.security.isSpoken(with: peer.name) {
            guard let session = group.security.session(with: peer.name, descriptor) else {
                Socket.close(descriptor)
                say(group, link, "cannot be called with TLS: out of memory, or no such name")
                return group.dials[link].fail(now: now, &random)
            }
            connection.transport.tls = consume session
        }
        group.dials[link].status = .connecting
        if let token = add(connection) { group.tokens[link] = token }
    }

    /// What the connection is called; nil if it could not be waited for.
    private func add(_ connection: PeerConnection) -> UInt64? {
        let token = takeToken()
        guard loop.register(connection.transport.descriptor, token: token) else {
            connection.transport.close()
            if let link = connection.link, let group = groups[connection.section] {
                say(group, link, "no room to wait for it")
                group.dials[link].fail(now: now, &random)
            }
            return nil
        }
        connections[token] = connection
        return token
    }

    /// Reads what there is, some of it at a time.
    func receive(_ connection: PeerConnection) -> IOResult {
        buffer.reset()
        let result = connection.transport.read(into: &buffer)
        if case .bytes = result { connection.decoder.append(buffer.view) }
        return result
    }
}

/// A section while its peers are spoken with.
final class RunningGroup {
    var peers: PeerGroup
    let security: PeerSecurity
    let token: UInt64
    /// What sessions of callers are made of.
    var tls: TLSContext?
    var lobby = PeerLobby()
    var listener: PeerListener?
    /// When listening is tried again, milliseconds.
    var listenAt: UInt64
    /// When connections are taken again, milliseconds: there were no descriptors left. Nil is that they are.
    var acceptAt: UInt64?
    var saidOfListening = ""
    /// When something was said of those who call, by what it was: milliseconds.
    var saidOfCallers: [String: UInt64] = [:]
    /// Why the last one that was no peer was sent away.
    var trouble = ""
    /// When a peer came or went, milliseconds.
    var changedAt: UInt64
    /// By link: when it is called, and the connection it has.
    var dials: [PeerDial]
    var tokens: [UInt64?]

    init(_ peers: PeerGroup, _ security: PeerSecurity, token: UInt64, now: UInt64) {
        (self.peers, self.token, listenAt, changedAt) = (peers, token, now, now)
        self.security = security
        dials = peers.links.map { _ in PeerDial(nextAt: now) }
        tokens = peers.links.map { _ in nil }
    }

    var descriptor: Int32 { listener?.listener.descriptor ?? -1 }

    /// When something is to be done.
    func times(now: UInt64) -> [UInt64] {
        let calls = dials.indices.filter { tokens[$0] == nil }.map { dials[$0].nextAt }
        if let acceptAt { return calls + [acceptAt] }
        return listener == nil && !peers.section.binds.isEmpty ? calls + [listenAt] : calls
    }
}

/// A listener that can be kept with others.
final class PeerListener {
    let listener: Listener

    init(_ address: SocketAddress, v6Only: Bool) throws(Listener.Failure) {
        listener = try Listener(address, v6Only: v6Only, deferAccept: false)
    }
}
