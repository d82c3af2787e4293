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
        adjustNames(toClientOf: exchange)
        if deliver(headScratch.view, to: exchange[].client) { return true }
        clientGone(exchange[].client)
        return false
    }

    /// Lets a request come from another address, until it ends. Its port stays.
    func setSource(_ exchange: Ref<Exchange>, _ expression: Ref<CompiledExpression>, isPort: Bool = false) {
        samples.reset()
        let source = ExchangeSource(worker: self, exchange: exchange)
        let sample = expression[].sample(of: source, &samples)
        noteOverruns()
        let client = exchange[].client
        guard let address = origin(of: client, sample, isPort: isPort) else { return }
        let ruling = ruling(of: exchange)
        ruling[].source = ruling[].source ?? client[].address
        setSource(of: client, address)
    }

    /// Lets a connection come from another address or, with `isPort`, from another port of its address, for as long as it lasts.
    func setSource<Source: SampleSource & ~Copyable>(
        _ client: Ref<ClientConnection>, _ expression: Ref<CompiledExpression>, _ source: borrowing Source,
        isPort: Bool
    ) {
        samples.reset()
        let sample = expression[].sample(of: source, &samples)
        noteOverruns()
        guard let address = origin(of: client, sample, isPort: isPort) else { return }
        setSource(of: client, address)
    }

    /// Where somebody comes from by what a rule has found; nil if that is no address, or no port.
    private func origin(of client: Ref<ClientConnection>, _ sample: Sample?, isPort: Bool) -> SocketAddress? {
        var address = client[].address
        guard isPort else {
            guard var found = sample?.address else { return nil }
            found.port = address.port
            return found
        }
        guard let port = sample?.number.flatMap({ UInt16(exactly: $0) }), !address.isLocal else { return nil }
        address.port = port
        return address
    }

    /// Lets a request go to another address or, with `isPort`, another port of its address.
    func setDestination(
        _ exchange: Ref<Exchange>, _ expression: Ref<CompiledExpression>, isPort: Bool = false
    ) {
        samples.reset()
        let sample = expression[].sample(of: ExchangeSource(worker: self, exchange: exchange), &samples)
        noteOverruns()
        guard let aim = aim(of: exchange[].client, sample, isPort: isPort) else { return }
        ruling(of: exchange)[].destination = aim
    }

    /// The same of a connection.
    func setDestination(
        _ client: Ref<ClientConnection>, _ expression: Ref<CompiledExpression>, _ source: SessionSource,
        isPort: Bool
    ) {
        samples.reset()
        let sample = expression[].sample(of: source, &samples)
        noteOverruns()
        guard samples.lack != .missing, let aim = aim(of: client, sample, isPort: isPort) else { return }
        guard let exchange = client[].exchange else {
            detail(client)[].aim = aim
            return
        }
        ruling(of: exchange)[].destination = aim
    }

    private func aim(of client: Ref<ClientConnection>, _ sample: Sample?, isPort: Bool) -> SocketAddress? {
        var destination = destination(of: client)
        if isPort {
            guard let number = sample?.number, let port = UInt16(exactly: number) else { return nil }
            destination.port = port
            return destination
        }
        guard var address = sample?.address, !address.isLocal else { return nil }
        address.port = destination.port
        return address
    }

    func setTimeout(
        _ kind: TimeoutChange.Kind, by expression: Ref<CompiledExpression>, _ exchange: Ref<Exchange>
    ) -> Bool {
        samples.reset()
        let sample = expression[].sample(of: ExchangeSource(worker: self, exchange: exchange), &samples)
        noteOverruns()
        return setTimeout(kind, sample?.number ?? 0, exchange)
    }

    /// The request goes on, whatever the time is.
    func setTimeout(_ kind: TimeoutChange.Kind, _ time: Int64, _ exchange: Ref<Exchange>) -> Bool {
        guard time > 0 else { return true }
        let time = Int(min(time, Int64(Int32.max)))
        switch kind {
        case .client: ruling(of: exchange)[].timeouts.client = time
        case .server: ruling(of: exchange)[].timeouts.server = time
        case .tunnel: ruling(of: exchange)[].timeouts.tunnel = time
        }
        return true
    }

    func setSource(of client: Ref<ClientConnection>, _ address: SocketAddress) {
        client[].address = address
        client[].addressText = AddressText(address)
    }
}
