import Basics
import Glibc
import Model
import Wire

/// What becomes of a connection, from its first byte to its end.
extension PeersDriver {
    /// Goes on with whatever it is ready for.
    func proceed(_ token: UInt64, _ connection: PeerConnection) {
        // Another one may have taken its place in the same round: the descriptor may be somebody else's by now.
        guard connections[token] === connection else { return }
        if connection.state == .connecting {
            guard connection.transport.canWrite || connection.transport.canRead else { return }
            let code = Socket.error(connection.transport.descriptor)
            guard code == 0 else { return close(token, why: "cannot be reached: \(SystemError.text(code))") }
            connection.state = connection.transport.tls == nil ? .greeting : .securing
            if connection.state == .greeting { noteGreeting(connection) }
        }
        if connection.state == .securing, !secure(token, connection) { return }
        flush(token, connection)
        guard connections[token] != nil, connection.transport.canRead else { return }
        // What follows is read when others have had their turn.
        for _ in 0..<4 where connection.transport.canRead {
            let result = receive(connection)
            if case .bytes = result {
                guard understand(token, connection) else { return }
                continue
            }
            switch result {
            case .closed: return close(token, why: "it has closed the connection")
            case .failed(let code): return close(token, why: PeersDriver.words(of: code, connection))
            case .bytes, .wouldBlock: break
            }
        }
    }

    /// Goes on with the handshake of TLS; true when it is done.
    private func secure(_ token: UInt64, _ connection: PeerConnection) -> Bool {
        switch connection.transport.tls?.handshake() {
        case .done, nil:
            connection.state = .greeting
            noteGreeting(connection)
            // What is said first may have come with it.
            (connection.transport.canRead, connection.transport.canWrite) = (true, true)
            return true
        case .wantRead, .wantWrite: connection.transport.canRead = false
        case .failed(let failure):
            if connection.link == nil, let group = groups[connection.section] {
                sayOfCallers(group, "a caller was refused: TLS: \(failure.rawValue)")
            }
            close(token, why: "TLS: \(failure.rawValue)")
        }
        return false
    }

    private func noteGreeting(_ connection: PeerConnection) {
        if let link = connection.link { groups[connection.section]?.dials[link].status = .greeting }
    }

    private static func words(of code: Int32, _ connection: PeerConnection) -> String {
        guard connection.transport.tls != nil else { return SystemError.text(code) }
        switch code {
        case EKEYREJECTED: return "TLS: our certificate is refused, or one is missing"
        case ECONNABORTED: return "it has closed the connection"
        case EPROTO: return "TLS: what it says makes no sense"
        default: return SystemError.text(code)
        }
    }

    /// Takes lines and messages; false if the connection has ended.
    private func understand(_ token: UInt64, _ connection: PeerConnection) -> Bool {
        do throws(PeerFault) {
            // What follows a refusal counts no more.
            while connections[token] != nil, connection.state == .greeting,
                let line = try connection.decoder.line()
            {
                greet(token, connection, connection.handshake.read(line))
            }
            while connection.state == .open, let link = connection.link,
                let group = groups[connection.section], let message = try connection.decoder.next()
            {
                try group.peers.receive(message, from: link, now: now)
            }
        } catch {
            fail(token, connection, error)
        }
        return connections[token] != nil
    }

    private func greet(_ token: UInt64, _ connection: PeerConnection, _ step: PeerHandshake.Step) {
        guard let group = groups[connection.section] else { return close(token, why: nil) }
        switch step {
        case .wait: break
        case .agreed(let peer, let minorVersion):
            guard let link = group.peers.link(to: peer) else { return close(token, why: nil) }
            if connection.handshake.isCalled {
                takePlace(of: link, group, token)
                connection.greeting += PeerStatus.success.bytes
                group.lobby.leave(token)
            }
            (connection.link, connection.state, connection.until) = (link, .open, 0)
            group.tokens[link] = token
            group.dials[link].pause = PeerDial.shortest
            (group.dials[link].status, group.dials[link].trouble) = (.established, "")
            (group.dials[link].greetedAt, group.changedAt) = (now, now)
            group.peers.opened(link, minorVersion: minorVersion, now: now)
            say(group, link, "is connected", isProblem: false)
        case .refuse(let status):
            connection.greeting += status.bytes
            connection.state = .refusing
            sayOfCallers(group, "a caller was refused: \(status.words)")
            flush(token, connection)
            close(token, why: nil)
        case .refused(let status):
            if let link = connection.link { note(status, of: link, group) }
            close(token, why: status?.words ?? "its answer to the greeting makes no sense")
        }
    }

    /// Who calls last has the connection. The other one is not called again at once, or both would do the same for ever.
    private func takePlace(of link: Int, _ group: RunningGroup, _ token: UInt64) {
        guard let old = group.tokens[link], old != token else { return }
        group.peers.noteCollision(link)
        close(old, why: nil)
        group.dials[link].nextAt = now + 50 + UInt64(random.next(below: 2_000))
    }

    private func note(_ status: PeerStatus?, of link: Int, _ group: RunningGroup) {
        switch status {
        case .badVersion:
            group.dials[link].status = .badVersion
            // An older one is asked in its own words the next time.
            group.dials[link].minorVersion = 0
        case .tryAgain: group.dials[link].status = .tryAgain
        case .localMismatch: group.dials[link].status = .localMismatch
        case .remoteMismatch: group.dials[link].status = .remoteMismatch
        case .protocolError, .success, nil: group.dials[link].status = .protocolError
        }
    }

    private func fail(_ token: UInt64, _ connection: PeerConnection, _ fault: PeerFault) {
        if connection.state == .open {
            connection.greeting = fault.bytes
            if let link = connection.link { groups[connection.section]?.peers.noteFault(link) }
        } else if connection.handshake.isCalled {
            connection.greeting = PeerStatus.protocolError.bytes
        }
        flush(token, connection)
        guard connections[token] != nil else { return }
        if let group = groups[connection.section], connection.link == nil {
            sayOfCallers(group, "a caller was refused: what it says makes no sense")
        }
        close(token, why: "what it says makes no sense")
    }

    // MARK: Writing

    /// Writes what there is, as far as the other side takes it.
    func flush(_ token: UInt64, _ connection: PeerConnection) {
        guard connection.transport.canWrite, connection.state != .connecting, connection.state != .securing
        else { return }
        while !connection.greeting.isEmpty {
            switch connection.greeting.withView({ connection.transport.write($0) }) {
            case .bytes(let count): connection.greeting.removeFirst(count)
            case .wouldBlock: return
            case .closed, .failed: return close(token, why: "it takes nothing more")
            }
        }
        guard connection.state == .open, let link = connection.link,
            let group = groups[connection.section]
        else { return }
        while !group.peers.links[link].output.isEmpty {
            switch group.peers.links[link].output.withView({ connection.transport.write($0) }) {
            case .bytes(let count):
                group.peers.sent(count, to: link)
                isStale = true
            case .wouldBlock: return
            case .closed, .failed: return close(token, why: "it takes nothing more")
            }
        }
    }

    /// Ends a connection; nobody is told why if there is no reason to be told of.
    func close(_ token: UInt64, why: String?) {
        guard let connection = connections.removeValue(forKey: token) else { return }
        isStale = true
        connection.transport.close()
        let group = groups[connection.section]
        group?.lobby.leave(token)
        guard let group, let link = connection.link, group.tokens[link] == token else { return }
        group.tokens[link] = nil
        if connection.state == .open {
            group.peers.closed(link, now: now)
            group.changedAt = now
        }
        group.dials[link].fail(now: now, &random)
        if let why { group.dials[link].trouble = why }
        if let why { say(group, link, connection.state == .open ? "is lost: \(why)" : why) }
    }

    // MARK: What is said

    func say(_ group: RunningGroup, _ link: Int, _ words: String, isProblem: Bool = true) {
        guard group.dials[link].said != words else { return }
        group.dials[link].said = words
        let name = group.peers.links[link].name
        orders.tell(
            PeerNotice(text: "peers \(group.peers.section.name): '\(name)' \(words)", isProblem: isProblem))
    }

    func sayOfListening(_ group: RunningGroup, _ words: String) {
        guard group.saidOfListening != words else { return }
        group.saidOfListening = words
        orders.tell(PeerNotice(text: "peers \(group.peers.section.name): \(words)", isProblem: true))
    }

    /// What strangers can bring about is said once a minute, for each of the few things there are.
    func sayOfCallers(_ group: RunningGroup, _ words: String) {
        (group.trouble, isStale) = (words, true)
        if let before = group.saidOfCallers[words], now < before + 60_000 { return }
        group.saidOfCallers[words] = now
        orders.tell(PeerNotice(text: "peers \(group.peers.section.name): \(words)", isProblem: true))
    }
}

extension PeerStatus {
    fileprivate var words: String {
        switch self {
        case .success: "agreed"
        case .tryAgain: "try again later"
        case .protocolError: "this is not the protocol of peers"
        case .badVersion: "the version is not known"
        case .localMismatch: "the one that was called has another name"
        case .remoteMismatch: "the one that calls is not known"
        }
    }
}
