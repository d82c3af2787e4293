import Glibc
import Synchronization
public import Wire

/// A small server for operators, of HTTP or of commands: one thread, non-blocking sockets, everything bounded.
///
/// It never carries traffic, so it is written for safety, not for speed: at the limit of connections the one that has
/// the least time left makes room, so that a crowd of idle clients cannot keep a probe out.
public final class ControlServer: Sendable {
    /// Answers a request on the server's thread.
    public typealias Answer = @Sendable (ControlRequest) -> ControlResponse

    /// Where it listens, with the port the system chose if it was asked to.
    public let address: SocketAddress
    private let name: String
    private let listener: Mutex<Listener>
    private let descriptor: Int32
    private let begin: @Sendable (Int64) -> any ControlDialogue
    /// nil: what is said is not encrypted.
    private let security: ControlSecurity?
    /// Nobody will connect any more.
    private let onEnd: @Sendable () -> Void
    private let orders = Mailbox<Void>()
    private let thread = Mutex<Thread?>(nil)
    private static let limit = 128

    /// Binds to `address`; nothing is accepted before `start`. Who connects while nobody serves waits at `keeper`'s.
    public convenience init(
        name: String, at address: SocketAddress, keeper: ListenerKeeper? = nil, answer: @escaping Answer
    ) throws(Listener.Failure) {
        self.init(name: name, try Listener(address, v6Only: false, deferAccept: false, keeper: keeper)) {
            now in
            HTTPDialogue(now: now, answer)
        }
    }

    /// The same for clients who hand in documents, inside TLS.
    public convenience init(
        name: String, at address: SocketAddress, keeper: ListenerKeeper? = nil, _ security: ControlSecurity,
        _ terms: DocumentTerms
    ) throws(Listener.Failure) {
        let budget = DocumentBudget(terms.budget)
        self.init(
            name: name, try Listener(address, v6Only: false, deferAccept: false, keeper: keeper), security
        ) { DocumentDialogue(terms, budget, now: $0) }
    }

    /// Talks with whoever connects as `begin` says.
    init(
        name: String, _ listener: consuming Listener, _ security: ControlSecurity? = nil,
        onEnd: @escaping @Sendable () -> Void = {},
        begin: @escaping @Sendable (Int64) -> any ControlDialogue
    ) {
        self.name = name
        self.address = listener.address
        self.begin = begin
        self.security = security
        self.onEnd = onEnd
        descriptor = listener.descriptor
        self.listener = Mutex(listener)
    }

    /// Starts the thread; false if the system refuses one.
    public func start() -> Bool {
        let started = Thread(name: name) { self.run() }
        thread.withLock { $0 = started }
        return started != nil
    }

    /// Ends the thread, closes its connections and the listener.
    public func stop() {
        orders.post(())
        thread.withLock { $0.take() }?.join()
        // Whoever connects now is refused at once; the descriptor itself goes with the last reference.
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// One client.
    private struct Client {
        var dialogue: any ControlDialogue
        let channel: ControlChannel
    }

    private func run() {
        var clients: [Int32: Client] = [:]
        defer { for client in clients.keys { close(client) } }
        let context = security?.context()
        var listening = descriptor
        while true {
            var descriptors = [pollfd(fd: orders.wakeUp, events: Int16(POLLIN), revents: 0)]
            descriptors.append(pollfd(fd: listening, events: Int16(POLLIN), revents: 0))
            for (descriptor, client) in clients {
                let isSilent = !client.dialogue.hears && !client.dialogue.hasOutput
                let interest = isSilent ? 0 : client.channel.interest(hasOutput: client.dialogue.hasOutput)
                descriptors.append(pollfd(fd: descriptor, events: interest, revents: 0))
            }
            let ready = poll(&descriptors, nfds_t(descriptors.count), ControlServer.patience(clients))
            guard ready >= 0 || errno == EINTR else { return }
            if descriptors[0].revents != 0 { return }
            if descriptors[1].revents != 0 { acceptAll(&clients, context) }
            if Int32(descriptors[1].revents) & Int32(POLLHUP) != 0, listening >= 0 {
                // Not asked for again: poll leaves negative ones out.
                listening = -1
                onEnd()
            }
            for ready in descriptors.dropFirst(2) where ready.revents != 0 { serve(ready.fd, &clients) }
            wakeAll(&clients)
            closeOverdue(&clients)
        }
    }

    /// Until the next deadline.
    private static func patience(_ clients: [Int32: Client]) -> Int32 {
        let times = clients.values.map { min($0.dialogue.deadline, $0.dialogue.wakeAt ?? .max) }
        guard let next = times.min() else { return -1 }
        return Int32(clamping: max(0, next - now()) + 1)
    }

    private func acceptAll(_ clients: inout [Int32: Client], _ context: TLSContext?) {
        while let client = listener.withLock({ $0.accept()?.descriptor }) {
            if clients.count >= Self.limit,
                let victim = clients.min(by: { $0.value.dialogue.deadline < $1.value.dialogue.deadline })
            {
                clients[victim.key] = nil
                end(victim.key, victim.value)
            }
            guard let channel = channel(to: client, context) else {
                close(client)
                continue
            }
            clients[client] = Client(dialogue: begin(Self.now()), channel: channel)
        }
    }

    private func channel(to client: Int32, _ context: TLSContext?) -> ControlChannel? {
        guard let security else { return ControlChannel(client) }
        context?.certificates = CertificateTable(defaultKeys: security.keys())
        return context.flatMap { ControlChannel(client, $0) }
    }

    private func serve(_ descriptor: Int32, _ clients: inout [Int32: Client]) {
        // Taken out: what it has read so far is not to be copied with every piece.
        guard var client = clients.removeValue(forKey: descriptor) else { return }
        switch client.channel.open() {
        case .open: break
        case .waiting:
            clients[descriptor] = client
            return
        case .failed(let failure):
            security?.onFailure(failure)
            return end(descriptor, client)
        }
        // Who has said everything and waits for an answer has gone when there is an event at all.
        let isAlive =
            (client.dialogue.hasOutput || client.dialogue.hears && receive(&client)) && send(&client)
        if isAlive, client.dialogue.wantsListeners { return handOver(to: descriptor) }
        if isAlive, !client.dialogue.isEnded {
            clients[descriptor] = client
        } else {
            end(descriptor, client)
        }
    }

    /// It is waited for, which others are not to notice.
    private func handOver(to client: Int32) {
        let thread = Thread(name: "handover") {
            ListenerHandover.send(to: client)
            close(client)
        }
        if thread == nil { close(client) }
    }

    /// What has arrived so far, of a channel that holds bytes back all of it.
    private func receive(_ client: inout Client) -> Bool {
        repeat {
            switch client.channel.read() {
            case .bytes(let bytes): client.dialogue.receive(bytes[...], now: Self.now())
            case .nothing: return true
            case .end: return client.dialogue.finish(now: Self.now())
            case .broken: return false
            }
        } while client.channel.hasMore && !client.dialogue.hasOutput
        return true
    }

    private func send(_ client: inout Client) -> Bool {
        while client.dialogue.hasOutput {
            guard let count = client.channel.write(client.dialogue.unsent) else { return false }
            guard count > 0 else { return true }
            client.dialogue.advance(count, now: Self.now())
        }
        return true
    }

    private func wakeAll(_ clients: inout [Int32: Client]) {
        let now = Self.now()
        for (descriptor, client) in clients where client.dialogue.wakeAt.map({ $0 <= now }) == true {
            var client = client
            clients[descriptor] = nil
            client.dialogue.wake(now: now)
            if send(&client), !client.dialogue.isEnded {
                clients[descriptor] = client
            } else {
                end(descriptor, client)
            }
        }
    }

    private func closeOverdue(_ clients: inout [Int32: Client]) {
        let now = Self.now()
        for (descriptor, client) in clients where client.dialogue.deadline <= now {
            clients[descriptor] = nil
            end(descriptor, client)
        }
    }

    private func end(_ descriptor: Int32, _ client: Client) {
        client.channel.shutdown()
        // What the client has sent beyond what was read would turn the close into a reset that destroys the answer.
        shutdown(descriptor, Int32(SHUT_WR))
        var rest = [UInt8](repeating: 0, count: 16_384)
        _ = recv(descriptor, &rest, rest.count, 0)
        close(descriptor)
    }

    private static func now() -> Int64 { Int64(clamping: Clock.now() / 1_000_000) }
}
