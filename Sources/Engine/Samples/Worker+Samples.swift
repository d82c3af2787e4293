import Basics
import Model
import Wire

/// Running expressions on what a worker has.
extension Worker {
    /// The sample of an exchange; nil if there is none. It is good until the next sample or key is asked for.
    func sample(_ expression: borrowing CompiledExpression, of exchange: Ref<Exchange>) -> Sample? {
        samples.reset()
        let sample = expression.sample(of: ExchangeSource(worker: self, exchange: exchange), &samples)
        noteOverruns()
        return sample
    }

    /// The same as the bytes of a key: for hashes and tables.
    func key(_ expression: borrowing CompiledExpression, of exchange: Ref<Exchange>) -> ByteView? {
        samples.reset()
        let key = expression.key(of: ExchangeSource(worker: self, exchange: exchange), &samples)
        noteOverruns()
        return key
    }

    /// Counts what was given up, once its question is answered.
    func noteOverruns() {
        guard samples.overruns > 0 else { return }
        counters[].costlyPatterns.add(samples.overruns)
        samples.overruns = 0
    }

    func randomNumber(below range: UInt32?) -> Int64 {
        Int64(range.map { random.next(below: $0) } ?? UInt32(truncatingIfNeeded: random.next() >> 32))
    }

    /// RFC 9562 5.4 and 5.7.
    func uuid(_ version: Int, _ workspace: inout SampleWorkspace) -> Sample? {
        workspace.writeUUID(version, random.next(), random.next(), now: clock.realtime)
    }

    /// What a fact about a client's connection is.
    func read(_ fact: ClientFact, of client: Ref<ClientConnection>) -> Sample? {
        switch fact {
        case .source: onNetwork(client[].address).map { .address($0) }
        case .sourcePort: onNetwork(client[].address).map { .integer(Int64($0.port)) }
        case .destination: onNetwork(destination(of: client)).map { .address($0) }
        case .destinationPort: onNetwork(destination(of: client)).map { .integer(Int64($0.port)) }
        case .frontendName:
            .string(frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef { $0.name.view })
        case .saidProxyHeader: .boolean(carrier(of: client)[].details?[].saidProxyHeader == true)
        case .announcedName, .announcedID: announced(fact, of: client)
        case .isTLS: .boolean(client[].isTLS)
        case .hasServerName: .boolean(carrier(of: client)[].transport.tls?.serverName != nil)
        case .serverName: carrier(of: client)[].transport.tls?.serverName.map { .string($0) }
        case .applicationProtocol:
            carrier(of: client)[].transport.tls?.applicationProtocolName.map { .string($0) }
        case .tlsVersion: carrier(of: client)[].transport.tls?.versionName.map { .string($0) }
        case .tlsCipher: carrier(of: client)[].transport.tls?.cipher.map { .string($0) }
        // Connections with a fault are closed before anyone asks.
        case .fault: .integer(0)
        case .faultText: .string(("Success" as StaticString).view)
        // OpenSSL's words for it.
        case .tlsFaultText:
            client[].isTLS ? .string(("error:00000000:lib(0)::reason(0)" as StaticString).view) : nil
        case .tlsFault: client[].isTLS ? .integer(0) : nil
        case .isTLSResumed: .boolean(carrier(of: client)[].transport.tls?.isResumed == true)
        case .tlsSession, .keySize, .secretKeySize, .hasSentCertificate, .hasCertificate, .verification,
            .certificateFault, .authorityFault, .authorityFaultDepth, .tlsGroup:
            read(fact, ofTLS: client)
        default: read(fact, ofConnection: client)
        }
    }

    private func read(_ fact: ClientFact, ofConnection client: Ref<ClientConnection>) -> Sample? {
        switch fact {
        case .connectionSource: onNetwork(otherEnd(of: client)).map { .address($0) }
        case .connectionSourcePort: onNetwork(otherEnd(of: client)).map { .integer(Int64($0.port)) }
        case .connectionDestination: onNetwork(ownEnd(of: client)).map { .address($0) }
        case .connectionDestinationPort: onNetwork(ownEnd(of: client)).map { .integer(Int64($0.port)) }
        case .isSourceLocal: onNetwork(client[].address).map { .boolean(Socket.isOwn($0)) }
        case .isDestinationLocal: onNetwork(destination(of: client)).map { .boolean(Socket.isOwn($0)) }
        case .hasEarlyData: .boolean(false)
        case .hostName: .string(log.process.hostName.view)
        case .processes: .integer(1)
        case .thread: .integer(Int64(index))
        case .isStopping: .boolean(isDraining)
        case .clientTimeout: .integer(Int64(settings(of: client).timeouts.client))
        case .currentClientTimeout: .integer(Int64(patience(with: client)))
        default: nil
        }
    }

    /// Who has connected, and to what, whatever a PROXY header or rules have said since.
    private func otherEnd(of client: Ref<ClientConnection>) -> SocketAddress {
        Listener.remoteAddress(carrier(of: client)[].transport.descriptor)
    }

    private func ownEnd(of client: Ref<ClientConnection>) -> SocketAddress {
        Listener.localAddress(carrier(of: client)[].transport.descriptor)
    }

    private func announced(_ fact: ClientFact, of client: Ref<ClientConnection>) -> Sample? {
        let type = fact == .announcedName ? ProxyFieldType.authority : .uniqueID
        var cursor = SampleCursor.single
        return announced(type.rawValue, of: client, &cursor)
    }

    /// What a client's PROXY header says in a field of a type: in the first, or in each.
    func announced(
        _ type: UInt8, of client: Ref<ClientConnection>, _ cursor: inout SampleCursor
    ) -> Sample? {
        let details = carrier(of: client)[].details
        var fields = ProxyFields(details?[].announced.view ?? .empty)
        return (cursor.isOfEach ? cursor.nextField(fields, ofType: type) : fields.next(ofType: type))
            .map { .string($0) }
    }

    /// Sockets of this machine have no address that samples could give.
    private func onNetwork(_ address: SocketAddress) -> SocketAddress? { address.isLocal ? nil : address }

    /// Where a client has connected to, as its PROXY header says if there is one. The port of a socket of this machine is its
    /// listener's number.
    func destination(of client: Ref<ClientConnection>) -> SocketAddress {
        let carrier = carrier(of: client)
        if let said = client[].exchange?[].ruling?[].destination { return said }
        if let details = client[].details, let told = details[].aim ?? details[].destination { return told }
        var own = Listener.localAddress(carrier[].transport.descriptor)
        if own.isLocal { own.port = listeners[Int(carrier[].listener)].bind &+ 1 }
        return own
    }
}
