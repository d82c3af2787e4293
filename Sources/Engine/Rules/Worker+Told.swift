import Basics
import Model
import Wire

/// What servers are told about a request beside what rules make of it.
extension Worker {
    /// Notes what a backend's servers are told. False if the request was answered, as its head has no room for that.
    func prepare(_ exchange: Ref<Exchange>, for told: Unmanaged<ToldSettings>) -> Bool {
        told._withUnsafeGuaranteedRef { told in
            exchange[].headNeeds.formUnion(told.needs)
            if told.serverName.count > 0 { keepBack(told.serverName.view, of: exchange) }
            guard let field = told.forwarded, !addForwarded(exchange, field) else { return true }
            answer(exchange, status: 500, as: .denied)
            return false
        }
    }

    /// Does not pass on what the client sent of a field.
    private func keepBack(_ name: ByteView, of exchange: Ref<Exchange>) {
        let head = head(of: exchange)
        var place = 0
        while let next = exchange[].request.fields.index(named: name, in: head, from: place) {
            exchange[].request.fields[next].isRemoved = true
            place = next + 1
        }
    }

    /// Writes what few servers are told: of the client's certificate, and how they are called.
    @inline(never)
    func writeNeeds(_ exchange: Ref<Exchange>, to output: inout ByteWriter) {
        if exchange[].headNeeds.contains(.certificate) { writeCertificate(exchange, to: &output) }
        guard exchange[].headNeeds.contains(.serverName),
            let told = exchange[].servers?._withUnsafeGuaranteedRef({ $0.told })
        else { return }
        // A backend that was published since may want it no more.
        guard told._withUnsafeGuaranteedRef({ $0.serverName.count > 0 }) else { return }
        told._withUnsafeGuaranteedRef { output.append($0.serverName.view) }
        output.append(": ")
        exchange[].server?._withUnsafeGuaranteedRef { output.append($0.name.view) }
        output.append("\r\n")
    }

    // MARK: Names of fields

    /// Writes names in the head scratch as the exchange's server wants them.
    @inline(never)
    func adjustNames(toServerOf exchange: Ref<Exchange>) {
        guard let told = exchange[].servers?._withUnsafeGuaranteedRef({ $0.told }) else { return }
        told._withUnsafeGuaranteedRef { $0.fieldNames?.apply(to: &headScratch) }
    }

    /// The same as its client does, if that speaks HTTP/1 and wants anything.
    @inline(never)
    func adjustNames(toClientOf exchange: Ref<Exchange>) {
        frontends[Int(exchange[].client[].frontend)]._withUnsafeGuaranteedRef {
            $0.fieldNames?.apply(to: &headScratch)
        }
    }

    // MARK: Addresses

    /// Writes what a frontend and a backend of haproxy.cfg say of addresses.
    func writeAddresses(_ exchange: Ref<Exchange>, _ head: ByteView, to output: inout ByteWriter) {
        let client = exchange[].client
        let front = frontends[Int(client[].frontend)]
        let (source, destination) = front._withUnsafeGuaranteedRef { ($0.appended, $0.appendedDestination) }
        let told = exchange[].servers.flatMap { $0._withUnsafeGuaranteedRef { $0.told } }
        let (ownSource, ownDestination) =
            told?._withUnsafeGuaranteedRef { ($0.source, $0.destination) } ?? (nil, nil)
        if let field = ownSource ?? source {
            field.write(
                to: &output, request: exchange[].request, head: head, address: client[].address,
                text: client[].addressText, beside: ownSource == nil ? nil : source)
        }
        if let field = ownDestination ?? destination {
            let address = self.destination(of: client)
            field.write(
                to: &output, request: exchange[].request, head: head, address: address,
                text: AddressText(address), beside: ownDestination == nil ? nil : destination)
        }
    }

    // MARK: Forwarded

    /// Adds the field: behind what is there of it if all of that is to be trusted, else as one of its own. False if there is no room.
    private func addForwarded(_ exchange: Ref<Exchange>, _ field: CompiledForwardedField) -> Bool {
        let name = ("forwarded" as StaticString).view
        let head = head(of: exchange)
        let last = lastTrusted(exchange[].request.fields, named: name, head)
        samples.reset()
        headScratch.reset()
        let source = ExchangeSource(worker: self, exchange: exchange)
        let fits = headScratch.write { output in
            if let last {
                output.append(exchange[].request.fields[last].value(in: head))
                output.append(",")
            }
            write(field, exchange, source, to: &output)
        }
        noteOverruns()
        guard fits, let ruling = withOwnHead(exchange) else { return false }
        guard let last else { return exchange[].request.add(name, headScratch.view, to: &ruling[].head) }
        return exchange[].request.setValue(at: last, headScratch.view, in: &ruling[].head)
    }

    /// Where the last line of the field stands; nil if there is none, or one of its values is not to be trusted.
    private func lastTrusted(_ fields: borrowing HeaderTable, named name: ByteView, _ head: ByteView) -> Int?
    {
        var values = FieldValues(head, name, isWhole: false)
        while let value = values.next(fields) {
            if ForwardedElement(value) == nil { return nil }
        }
        var last: Int?
        while let next = fields.index(named: name, in: head, from: last.map { $0 + 1 } ?? 0) { last = next }
        return last
    }

    private func write(
        _ field: CompiledForwardedField, _ exchange: Ref<Exchange>, _ source: borrowing ExchangeSource,
        to output: inout ByteWriter
    ) {
        let client = exchange[].client
        var separator: StaticString = ""
        if field.saysScheme {
            ForwardedText.append(isSecure: client[].isTLS, to: &output)
            separator = ";"
        }
        if let part = field.host {
            output.append(separator)
            let named = Sample.string(head(of: exchange)[exchange[].request.host.indices])
            let host = sample(part, of: field, own: named, source)
            ForwardedText.append(host: host?.text(&samples), to: &output)
            separator = ";"
        }
        if let node = field.by {
            output.append(separator)
            output.append("by=")
            write(node, of: field, destination(of: client), source, to: &output)
            separator = ";"
        }
        if let node = field.node {
            output.append(separator)
            output.append("for=")
            write(node, of: field, client[].address, source, to: &output)
        }
    }

    private func write(
        _ node: CompiledForwardedField.Node, of field: CompiledForwardedField, _ address: SocketAddress,
        _ source: borrowing ExchangeSource, to output: inout ByteWriter
    ) {
        let ownName = address.isLocal ? nil : Sample.address(address)
        let ownPort = address.isLocal ? nil : Sample.integer(Int64(address.port))
        let name = sample(node.name, of: field, own: ownName, source)
        var port: Sample?
        if let part = node.port { port = sample(part, of: field, own: ownPort, source) }
        ForwardedText.append(node: name, hasPort: node.port != nil, port: port, to: &output, &samples)
    }

    private func sample(
        _ part: CompiledForwardedField.Part, of field: CompiledForwardedField, own: Sample?,
        _ source: borrowing ExchangeSource
    ) -> Sample? {
        guard case .sample(let place) = part else { return own }
        return field.expressions.reference(place)[].sample(of: source, &samples)
    }
}
