import Basics
import Model
import Wire

/// The PROXY header in front of everything else that a server is sent on a connection.
extension Worker {
    /// Sends it; false if the connection is gone.
    func announceClient(of exchange: Ref<Exchange>, on connection: Ref<ServerConnection>) -> Bool {
        guard let writer = connection[].server._withUnsafeGuaranteedRef({ $0.proxyHeader }) else {
            return true
        }
        headScratch.reset()
        guard write(writer, for: exchange) else { return false }
        var rest = headScratch.view
        switch connection[].transport.writeAhead(rest) {
        case .bytes(let count): rest = rest[count..<rest.count]
        case .wouldBlock: break
        case .closed, .failed: return false
        }
        guard !rest.isEmpty else { return true }
        bodyBuffers.lend(to: &connection[].output, atLeast: rest.count)
        return connection[].output.append(rest)
    }

    private func write(_ writer: ProxyHeaderWriter, for exchange: Ref<Exchange>) -> Bool {
        let client = carrier(of: exchange[].client)
        let destination =
            client[].details?[].destination ?? Listener.localAddress(client[].transport.descriptor)
        var facts = ProxyFacts(
            addresses: ProxyAddresses(source: client[].address, destination: destination))
        if let details = client[].details, details[].authority.count > 0 {
            facts.authority = details[].authority.view
        }
        if writer.options.contains(.uniqueID) { facts.uniqueID = uniqueID(of: exchange) }
        return client[].transport.tls?.withFacts(facts) { writer.append($0, to: &headScratch) }
            ?? writer.append(facts, to: &headScratch)
    }

    /// The X-Request-ID that the request will carry: the client's, or what `ForwardedHeaders` is going to draw.
    private func uniqueID(of exchange: Ref<Exchange>) -> ByteView? {
        let head = head(of: exchange)
        var given = ByteView.empty
        exchange[].request.fields.forEach { field in
            guard field.name == .xRequestID, !field.isRemoved else { return }
            given = field.value(in: head)
        }
        // The protocol's limit; a longer one is the server's to read in the request.
        guard given.isEmpty else { return given.count <= 128 ? given : nil }
        let isForwarding = frontends[Int(exchange[].client[].frontend)]._withUnsafeGuaranteedRef {
            $0.forwards
        }
        guard isForwarding else { return nil }
        var next = random
        chunkSize.reset()
        let fits = chunkSize.write { digits in
            digits.append(hexDigits: next.next())
            digits.append(hexDigits: next.next())
        }
        return fits ? chunkSize.view : nil
    }
}

extension ProxyHeaderWriter {
    /// The writer of what the configuration names; the bits of the fields are the same.
    init(_ header: SentProxyHeader) {
        switch header {
        case .text: self.init(.text, options: [])
        case .binary(let fields): self.init(.binary, options: Options(rawValue: fields.rawValue))
        }
    }
}
