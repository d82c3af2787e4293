import Basics
import Wire

/// Connections whose sender says first whose they are.
extension Worker {
    /// Whether a connection from `address` to a listener begins with a PROXY header.
    func expectsProxyHeader(_ listener: Int, from address: SocketAddress) -> Bool {
        let bind = Int(listeners[listener].bind)
        return frontends[Int(listeners[listener].frontend)]._withUnsafeGuaranteedRef {
            $0.expectsProxyHeader(at: bind, from: address)
        }
    }

    /// Looks for the header; false while it is not whole, and when the connection has been closed for it.
    ///
    /// It is looked at where it is and then taken exactly, so that TLS finds its first byte first. Until it is whole each
    /// event looks at all of it again: that is at most 4 KiB, and senders give it in one piece.
    func readProxyHeader(_ client: Ref<ClientConnection>) -> Bool {
        guard client[].transport.canRead else { return false }
        scratch.reset()
        switch client[].transport.peek(into: &scratch, most: ProxyHeader.binaryLimit) {
        case .bytes: break
        case .wouldBlock: return false
        case .closed, .failed:
            // Nothing has come: a load balancer that only looks whether somebody listens.
            close(client)
            return false
        }
        var header = ProxyHeader()
        switch header.parse(scratch.view) {
        case .incomplete:
            client[].transport.canRead = false
            if client[].transport.peerHasClosed { refuse(client, .cut) }
            return false
        case .notProxy:
            refuse(client, .missing)
            return false
        case .refused(let error):
            refuse(client, ProxyRefusal(error))
            return false
        case .complete(let count):
            believe(header, of: client)
            return beginBehindHeader(client, count: count)
        }
    }

    /// Makes the client the one that the header names. A sender that speaks for itself, or of a connection that is no TCP
    /// connection, stays what it is.
    private func believe(_ header: ProxyHeader, of client: Ref<ClientConnection>) {
        counters[].proxyHeaders.add()
        let details = detail(client)
        details[].saidProxyHeader = true
        guard let addresses = header.addresses else { return }
        client[].address = addresses.source
        client[].addressText = AddressText(addresses.source)
        let port = addresses.destination.port
        // ingress-nginx takes port 443 for TLS that somebody before us has ended; a sender that says so is better.
        let isSecure = client[].isTLS || header.tls?.isUsed ?? (port == 443)
        details[].destination = addresses.destination
        details[].isSecure = isSecure
        details[].forwarded = FixedArray(
            ForwardedHeaders.fixed(destinationPort: port, isSecure: isSecure))
        let fields = scratch.view[header.fields]
        if !fields.isEmpty { details[].announced = FixedArray(count: fields.count) { fields[$0] } }
    }

    /// Takes the header away and goes on with what is behind it; false if the connection has been closed.
    private func beginBehindHeader(_ client: Ref<ClientConnection>, count: Int) -> Bool {
        scratch.reset()
        guard client[].transport.read(into: &scratch, most: count) == .bytes(count), beginStream(client)
        else {
            close(client)
            return false
        }
        return true
    }

    /// Closes a connection that did not begin as it must.
    func refuse(_ client: Ref<ClientConnection>, _ refusal: ProxyRefusal) {
        counters[].refusedProxyHeaders[refusal.ordinal].add()
        writeRefusalLine(client, refusal)
        close(client)
    }
}
