import Basics
import Model
import Wire

/// What clients are told before their answer (RFC 8297), and where rules say that requests come from.
extension Worker {
    /// Keeps a field for the next interim answer; false if there is nothing to tell.
    func keepHint(_ field: Ref<CompiledChange>, _ exchange: Ref<Exchange>, isFirst: Bool) -> Bool {
        guard compose(field[].format, for: exchange), !composed.isEmpty else { return false }
        let ruling = ruling(of: exchange)
        headBuffers.lend(to: &ruling[].page)
        if isFirst { ruling[].page.reset() }
        return ruling[].page.write { output in
            output.append(field[].name.view)
            output.append(": ")
            output.append(composed.view)
            output.append("\r\n")
        }
    }

    /// Tells clients that know interim answers what was kept; false if the client is gone.
    func sendHints(_ exchange: Ref<Exchange>) -> Bool {
        guard let ruling = exchange[].ruling, exchange[].request.minorVersion == 1 else { return true }
        if let channel = exchange[].client[].transport.channel {
            guard let block = http2?.block else { return true }
            block.begin(status: 103)
            if block.add(lines: ruling[].page.view) { channel.interim(with: block) }
            return true
        }
        headScratch.reset()
        headScratch.write { output in
            output.append("HTTP/1.1 103 Early Hints\r\n")
            output.append(ruling[].page.view)
            output.append("\r\n")
        }
        if deliver(headScratch.view, to: exchange[].client) { return true }
        clientGone(exchange[].client)
        return false
    }

    /// Lets a request come from another address, until it ends. Its port stays.
    func setSource(_ exchange: Ref<Exchange>, _ expression: Ref<CompiledExpression>) {
        samples.reset()
        let source = ExchangeSource(worker: self, exchange: exchange)
        let sample = expression[].sample(of: source, &samples)
        noteOverruns()
        guard var address = sample?.address else { return }
        let client = exchange[].client
        let ruling = ruling(of: exchange)
        ruling[].source = ruling[].source ?? client[].address
        address.port = client[].address.port
        setSource(of: client, address)
    }

    func setSource(of client: Ref<ClientConnection>, _ address: SocketAddress) {
        client[].address = address
        client[].addressText = AddressText(address)
    }
}
