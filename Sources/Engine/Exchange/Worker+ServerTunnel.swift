import Basics
import Wire

/// WebSockets with servers that speak HTTP/2 (RFC 8441): an extended CONNECT opens a stream, which is the tunnel. What the
/// handshake of HTTP/1 proves to its client is made here.
extension Worker {
    /// What becomes of a request on a connection of HTTP/2.
    func carriedUpgrade(of exchange: Ref<Exchange>, on session: Unmanaged<HTTP2Session>) -> CarriedUpgrade {
        guard exchange[].request.wantsUpgrade else { return .request }
        return CarriedUpgrade(
            isWebSocket: webSocketKey(of: exchange) != nil,
            isFromStream: exchange[].client[].transport.isStream,
            serverTakesTunnels: session._withUnsafeGuaranteedRef { $0.peerAllowsExtendedConnect })
    }

    /// The place of Sec-WebSocket-Key in a request for a WebSocket and nothing else.
    func webSocketKey(of exchange: Ref<Exchange>) -> Int? {
        let head = head(of: exchange)
        guard exchange[].request.framing == .none, head[exchange[].request.method.indices].equals("GET")
        else { return nil }
        var (key, upgrades, isWebSocket): (Int?, Int, Bool) = (nil, 0, false)
        for i in 0..<exchange[].request.fields.count {
            let field = exchange[].request.fields[i]
            if field.name == .upgrade {
                upgrades += 1
                isWebSocket = field.value(in: head).equalsIgnoringCase("websocket")
            } else if field.name == .other {
                if field.name(in: head).equalsIgnoringCase("sec-websocket-key") { key = i }
            }
        }
        return upgrades == 1 && isWebSocket ? key : nil
    }

    /// The answer to an extended CONNECT has come; false if it is one as any other, and nothing follows on our side.
    func opensTunnel(_ exchange: Ref<Exchange>, _ stream: Ref<HTTP2Stream>) -> Bool {
        guard stream[].kind == .extendedConnect else { return false }
        if exchange[].response.status / 100 == 2 { return true }
        if let connection = exchange[].serverConnection { endRequest(exchange, connection) }
        return false
    }

    /// The head that tells a client of HTTP/1 that a stream is its tunnel.
    func writeAcceptedHead(_ exchange: Ref<Exchange>, _ head: ByteView) -> Bool {
        guard let index = webSocketKey(of: exchange) else { return false }
        let request = self.head(of: exchange)
        let proof = WebSocketHandshake.accept(
            for: exchange[].request.fields[index].value(in: request))
        removeProof(exchange, head)
        headScratch.reset()
        return headScratch.write { output in
            output.append("HTTP/1.1 101 Switching Protocols\r\n")
            writeKeptFields(exchange, head, to: &output)
            output.append("Upgrade: websocket\r\nSec-WebSocket-Accept: ")
            proof.withView { output.append($0) }
            output.append("\r\nConnection: upgrade\r\n\r\n")
        }
    }

    /// What a server says of a handshake proves nothing on the other side's version of HTTP.
    func removeProof(_ exchange: Ref<Exchange>, _ head: ByteView) {
        for i in 0..<exchange[].response.fields.count {
            let field = exchange[].response.fields[i]
            let name = field.name(in: head)
            if name.equalsIgnoringCase("sec-websocket-accept") {
                exchange[].response.fields[i].isRemoved = true
            }
        }
    }
}
