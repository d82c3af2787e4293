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

    /// What a fact about a client's connection is.
    func read(_ fact: ClientFact, of client: Ref<ClientConnection>) -> Sample? {
        switch fact {
        case .source: .address(client[].address)
        case .sourcePort: .integer(Int64(client[].address.port))
        case .destination: .address(destination(of: client))
        case .destinationPort: .integer(Int64(destination(of: client).port))
        case .frontendName:
            .string(frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef { $0.name.view })
        case .isTLS: .boolean(client[].isTLS)
        case .hasServerName: .boolean(carrier(of: client)[].transport.tls?.serverName != nil)
        case .serverName: carrier(of: client)[].transport.tls?.serverName.map { .string($0) }
        case .applicationProtocol:
            carrier(of: client)[].transport.tls?.applicationProtocolName.map { .string($0) }
        case .tlsVersion: carrier(of: client)[].transport.tls?.versionName.map { .string($0) }
        case .tlsCipher: carrier(of: client)[].transport.tls?.cipher.map { .string($0) }
        // Connections with a fault are closed before anyone asks.
        case .fault: .integer(0)
        case .tlsFault, .certificateFault, .authorityFault: client[].isTLS ? .integer(0) : nil
        case .isTLSResumed: .boolean(carrier(of: client)[].transport.tls?.isResumed == true)
        case .tlsSession, .keySize, .secretKeySize, .hasSentCertificate, .hasCertificate, .verification:
            read(fact, ofTLS: client)
        }
    }

    /// Where a client has connected to, as its PROXY header says if there is one.
    func destination(of client: Ref<ClientConnection>) -> SocketAddress {
        let carrier = carrier(of: client)
        return client[].details?[].destination
            ?? Listener.localAddress(carrier[].transport.descriptor)
    }
}
