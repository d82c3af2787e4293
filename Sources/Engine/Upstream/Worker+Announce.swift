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
        var own = Buffer()
        defer { headBuffers.takeBack(&own) }
        headScratch.reset()
        guard writeFields(of: connection, for: exchange, to: &own), write(writer, own.view, for: exchange)
        else { return false }
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

    /// The fields of the user's choice; false if they do not fit.
    private func writeFields(
        of connection: Ref<ServerConnection>, for exchange: Ref<Exchange>, to own: inout Buffer
    ) -> Bool {
        guard let fields = connection[].server._withUnsafeGuaranteedRef({ $0.proxyFields }) else {
            return true
        }
        headBuffers.lend(to: &own)
        for i in 0..<fields.types.count {
            guard compose(fields.values.reference(i)[], for: exchange),
                ProxyFields.append(fields.types[i], composed.view, to: &own)
            else { return false }
        }
        return true
    }

    private func write(_ writer: ProxyHeaderWriter, _ own: ByteView, for exchange: Ref<Exchange>) -> Bool {
        let client = carrier(of: exchange[].client)
        let destination =
            client[].details?[].destination ?? Listener.localAddress(client[].transport.descriptor)
        var facts = ProxyFacts(
            addresses: ProxyAddresses(source: client[].address, destination: destination))
        facts.ownFields = own
        if let details = client[].details {
            var fields = ProxyFields(details[].announced.view)
            facts.authority = fields.next(ofType: ProxyFieldType.authority.rawValue).flatMap {
                $0.isEmpty ? nil : $0
            }
        }
        if writer.options.contains(.uniqueID) { facts.uniqueID = uniqueID(of: exchange) }
        return client[].transport.tls?.withFacts(facts) { writer.append($0, to: &headScratch) }
            ?? writer.append(facts, to: &headScratch)
    }

    /// The name that the frontend gives the request, or the X-Request-ID that it will carry: the client's, or ours.
    private func uniqueID(of exchange: Ref<Exchange>) -> ByteView? {
        samples.reset()
        if let name = uniqueID(of: exchange, &samples) { return name }
        let head = head(of: exchange)
        var given = ByteView.empty
        exchange[].request.fields.forEach { field in
            guard field.name == .xRequestID, !field.isRemoved else { return }
            given = field.value(in: head)
        }
        // The protocol's limit; a longer one is the server's to read in the request.
        guard given.isEmpty else { return given.count <= 128 ? given : nil }
        let settings = frontends[Int(exchange[].client[].frontend)]
        guard settings._withUnsafeGuaranteedRef({ $0.forwards && $0.namesRequests }) else { return nil }
        let id = drawnID(of: exchange)
        chunkSize.reset()
        let fits = chunkSize.write { id.write(to: &$0) }
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
