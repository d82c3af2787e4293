import Basics
import Model
import Wire

/// What expressions read of exchanges and of connections with servers, beside what requests say.
extension Worker {
    /// What `ofFrontend`, `ofExchange`, `tcp` and `moment` give; nil if there is no such thing.
    func read(
        _ code: FetchCode, _ literals: ByteView, of client: Ref<ClientConnection>, _ exchange: Ref<Exchange>?,
        _ workspace: inout SampleWorkspace
    ) -> Sample? {
        switch code {
        case .ofFrontend(let fact, let name): return read(fact, ofFrontend: literals[name])
        case .ofExchange(let fact): return read(fact, of: client, exchange, &workspace)
        case .moment(let read):
            var time = clock.realtime
            if read.moment != .now {
                time &-= clock.monotonic &- (exchange?[].startedAt ?? clock.monotonic)
            }
            return .integer(Int64(truncatingIfNeeded: time / read.unit.nanoseconds) &+ read.offset)
        case .tcp(let read):
            let transport =
                read.isOfServer
                ? exchange.flatMap { socket(of: $0) } : carrier(of: client)[].transport.descriptor
            return transport.flatMap { TCPFacts($0) }.map { .integer(Worker.number(read, $0)) }
        default: return nil
        }
    }

    private static func number(_ read: TCPRead, _ facts: TCPFacts) -> Int64 {
        func time(_ microseconds: UInt32) -> Int64 {
            read.isMicroseconds ? Int64(microseconds) : (Int64(microseconds) + 500) / 1_000
        }
        return switch read.fact {
        case .roundTrip: time(facts.roundTrip)
        case .variation: time(facts.variation)
        case .unacknowledged: Int64(facts.unacknowledged)
        case .selectivelyAcknowledged: Int64(facts.selectivelyAcknowledged)
        case .retransmitted: Int64(facts.retransmitted)
        case .forwardAcknowledged: Int64(facts.forwardAcknowledged)
        case .lost: Int64(facts.lost)
        case .reordered: Int64(facts.reordering)
        }
    }

    private func read(_ fact: FrontendRead.Fact, ofFrontend name: ByteView) -> Sample? {
        let place = (0..<frontends.count).first { place in
            frontends[place]._withUnsafeGuaranteedRef { $0.name.view.equals(name) }
        }
        guard let place else { return nil }
        switch fact {
        case .connections: return .integer(Int64(limits.open(at: place)))
        case .requestRate:
            return .integer(Int64(clamping: snapshot.rates.requests(of: name.string, now: clock.monotonic)))
        case .connectionRate:
            return .integer(
                Int64(clamping: snapshot.rates.connections(of: name.string, now: clock.monotonic)))
        }
    }

    private func read(
        _ fact: ExchangeFact, of client: Ref<ClientConnection>, _ exchange: Ref<Exchange>?,
        _ workspace: inout SampleWorkspace
    ) -> Sample? {
        let facts = LoggedFacts(worker: self, client: client, exchange: exchange)
        if let time = fact.time { return .integer(facts.milliseconds(of: time)) }
        switch fact {
        case .processConnections: return .integer(Int64(limits.open))
        case .processID: return .integer(Int64(log.process.id))
        case .microseconds: return .integer(Int64(clock.realtime / 1_000 % 1_000_000))
        case .speaksQUIC: return .boolean(false)
        case .frontendID:
            return .integer(Int64(frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef { $0.id }))
        case .listenerID: return .integer(Int64(listeners[Int(carrier(of: client)[].listener)].bind) + 1)
        case .tarpitTimeout: return .integer(Int64(settings(of: client).timeouts.tarpit))
        case .isConnectionSourceLocal:
            return local(Listener.remoteAddress(carrier(of: client)[].transport.descriptor))
        case .isConnectionDestinationLocal:
            return local(Listener.localAddress(carrier(of: client)[].transport.descriptor))
        case .bytesIn: return .integer(Int64(clamping: exchange?[].bytesIn ?? 0))
        case .bytesOut: return .integer(Int64(clamping: exchange?[].bytesOut ?? 0))
        case .termination:
            return workspace.write { _ = facts.write(.termination, [], to: &$0) }.map { .string($0) }
        case .serverTLSUnique, .ownRandom, .serverRandom:
            return exchange.flatMap { carrying($0) }.flatMap { drawn(fact, of: $0, &workspace) }
        default: return exchange.flatMap { read(fact, of: $0, facts) }
        }
    }

    private func drawn(
        _ fact: ExchangeFact, of connection: Ref<ServerConnection>, _ workspace: inout SampleWorkspace
    ) -> Sample? {
        let bytes: [UInt8]? =
            switch fact {
            case .serverTLSUnique: connection[].transport.tls?.unique
            case .ownRandom: connection[].transport.tls?.clientRandom
            default: connection[].transport.tls?.serverRandom
            }
        return Worker.kept(bytes, &workspace).map { .binary($0) }
    }

    private func local(_ address: SocketAddress) -> Sample? {
        address.isLocal ? nil : .boolean(Socket.isOwn(address))
    }

    private func read(_ fact: ExchangeFact, of exchange: Ref<Exchange>, _ facts: LoggedFacts) -> Sample? {
        switch fact {
        case .isRedispatched: return .boolean(exchange[].isRedispatched)
        case .clientStatus: return .integer(Int64(exchange[].status))
        case .backendID:
            return exchange[].servers.map { .integer(Int64($0._withUnsafeGuaranteedRef { $0.settings.id })) }
        case .serverID:
            guard let server = exchange[].server, let set = exchange[].servers else { return nil }
            return set._withUnsafeGuaranteedRef { $0.id(of: server) }.map { .integer(Int64($0)) }
        case .backendQueue: return .integer(exchange[].waitedForServer ? 0 : Int64(exchange[].queuePosition))
        case .serverQueue: return .integer(exchange[].waitedForServer ? Int64(exchange[].queuePosition) : 0)
        case .isServerReused:
            return exchange[].serverConnection.map {
                .boolean($0[].isReused || $0[].carrier?[].isUsed == true)
            }
        case .serverFault: return exchange[].serverConnection.map { _ in .integer(0) }
        case .serverFaultText:
            return exchange[].serverConnection.map { _ in .string(("Success" as StaticString).view) }
        case .serverMajorVersion:
            return exchange[].serverConnection.map { .integer($0[].transport.channel == nil ? 1 : 2) }
        case .serverAddress, .serverPort, .ownAddress, .ownPort: return end(fact, of: exchange)
        default: return read(fact, ofTLSOf: exchange)
        }
    }

    /// The connection that has the socket: of a stream the one that carries it.
    func carrying(_ exchange: Ref<Exchange>) -> Ref<ServerConnection>? {
        guard let connection = exchange[].serverConnection else { return nil }
        return connection[].carrier.map { $0[].connection } ?? connection
    }

    private func socket(of exchange: Ref<Exchange>) -> Int32? {
        carrying(exchange).flatMap { $0[].transport.hasSocket ? $0[].transport.descriptor : nil }
    }

    private func end(_ fact: ExchangeFact, of exchange: Ref<Exchange>) -> Sample? {
        guard let socket = socket(of: exchange) else { return nil }
        let isServers = fact == .serverAddress || fact == .serverPort
        let address = isServers ? Listener.remoteAddress(socket) : Listener.localAddress(socket)
        guard !address.isLocal else { return nil }
        let isAddress = fact == .serverAddress || fact == .ownAddress
        return isAddress ? .address(address) : .integer(Int64(address.port))
    }

    private func read(_ fact: ExchangeFact, ofTLSOf exchange: Ref<Exchange>) -> Sample? {
        guard let connection = carrying(exchange) else { return nil }
        let hasTLS = connection[].transport.tls != nil
        if fact == .isServerTLS { return .boolean(hasTLS) }
        guard hasTLS else { return nil }
        switch fact {
        case .serverTLSVersion: return connection[].transport.tls?.versionName.map { .string($0) }
        case .serverGroup: return connection[].transport.tls?.groupName.map { .string($0) }
        case .serverCipher: return connection[].transport.tls?.cipher.map { .string($0) }
        case .serverProtocol: return connection[].transport.tls?.applicationProtocolName.map { .string($0) }
        case .isServerResumed: return .boolean(connection[].transport.tls?.isResumed == true)
        case .serverKeySize: return (connection[].transport.tls?.keySize.all).map { .integer(Int64($0)) }
        case .serverSecretKeySize:
            return (connection[].transport.tls?.keySize.secret).map { .integer(Int64($0)) }
        case .serverSession: return connection[].transport.tls?.sessionID.map { .binary($0) }
        case .serverTLSFault: return .integer(0)
        case .serverTLSFaultText: return .string(("error:00000000:lib(0)::reason(0)" as StaticString).view)
        default: return nil
        }
    }
}

extension ExchangeFact {
    /// What lines of a log call it, if it is a time.
    fileprivate var time: LogVariable? {
        switch self {
        case .handshakeTime: .handshakeTime
        case .connectionTime: .totalTime
        case .headTime: .requestTime
        case .idleTime: .idleTime
        case .queueTime: .queueTime
        case .requestTime: .requestTimeFromAccept
        case .connectTime: .connectTime
        case .answerHeadTime: .responseTime
        case .answerDataTime: .dataTime
        case .activeTime: .activeTime
        case .userTime: .userTime
        default: nil
        }
    }
}
