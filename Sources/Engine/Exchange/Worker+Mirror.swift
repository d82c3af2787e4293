import Basics
import Model
import Wire

/// Copies of requests for somebody else.
///
/// ```
///   request ─► beginCopy ─► (body, piece by piece) ─► sendCopy ─► an exchange of its own ─► answer thrown away
///                 │               │                       its client is nobody
///                 └───────────────┴─► skipped: too many at a time, or too long
/// ```
/// A copy is written when its request passes, as it will be sent, and sent when it is whole. So it waits for nothing that the request
/// does not wait for, and nothing of the request ever waits for it.
extension Worker {
    /// Begins to copy a request, if there is room for one more.
    func beginCopy(of exchange: Ref<Exchange>, _ mirror: Ref<CompiledMirror>) {
        guard exchange[].route?._withUnsafeGuaranteedRef({ $0.mirror }) != nil,
            copies < Sizes.mostCopies, let room = roomForBody(of: exchange, mirror),
            writeCopyHead(exchange, mirror, isFramed: room > 0)
        else { return counters[].skippedCopies.add() }
        copies &+= 1
        let ruling = ruling(of: exchange)
        copyBuffers.lend(to: &ruling[].copy, atLeast: headScratch.count + room)
        ruling[].copy.append(headScratch.view)
        guard room > 0, !exchange[].requestBody.isComplete else {
            if room > 0 { copyPiece(initialBody(of: exchange), exchange, isLast: true) }
            return sendCopy(exchange)
        }
        exchange[].isCopied = true
    }

    /// How much of a buffer the body and its framing take; nil if that is too much.
    private func roomForBody(of exchange: Ref<Exchange>, _ mirror: Ref<CompiledMirror>) -> Int? {
        guard mirror[].includesBody else { return 0 }
        switch exchange[].request.framing {
        case .none, .untilClose: return 0
        case .length(let length): return length > Sizes.copiedBody ? nil : Int(length)
        case .chunked: return Sizes.copiedBody
        }
    }

    /// Writes it into the scratch for heads; false if it does not fit.
    private func writeCopyHead(
        _ exchange: Ref<Exchange>, _ mirror: Ref<CompiledMirror>, isFramed: Bool
    ) -> Bool {
        let head = head(of: exchange)
        headScratch.reset()
        guard compose(mirror[].path, for: exchange) else { return false }
        let hasLine = headScratch.write { output in
            output.append(head[exchange[].request.method.indices])
            output.append(" ")
            output.append(path: composed.view)
            output.append(" HTTP/1.1\r\nHost: ")
        }
        guard hasLine, compose(mirror[].host, for: exchange), !composed.isEmpty,
            headScratch.append(composed.view)
        else { return false }
        let settings = frontends[Int(exchange[].client[].frontend)]
        let (forwards, replaced) = settings._withUnsafeGuaranteedRef { ($0.forwards, $0.replaced) }
        return headScratch.write { output in
            output.append("\r\n")
            writeClientsFields(exchange, head, dropping: replaced, to: &output) {
                mirror[].hidesPasswords && $0.equalsIgnoringCase("authorization")
            }
            writeForwarded(exchange, head, settings, forwards, to: &output)
            writeCopyFraming(exchange, isFramed: isFramed, to: &output)
        }
    }

    private func writeCopyFraming(
        _ exchange: Ref<Exchange>, isFramed: Bool, to output: inout ByteWriter
    ) {
        switch exchange[].request.framing {
        case .none, .untilClose: output.append("\r\n")
        // Some servers wait for a body of some methods unless they are told that there is none.
        case .length where !isFramed, .chunked where !isFramed: output.append("Content-Length: 0\r\n\r\n")
        case .length(let length):
            output.append("Content-Length: ")
            output.append(decimal: length)
            output.append("\r\n\r\n")
        case .chunked: output.append("Transfer-Encoding: chunked\r\n\r\n")
        }
    }

    // MARK: Bodies

    /// Adds what passes of the request's body.
    func copyPiece(_ bytes: ByteView, _ exchange: Ref<Exchange>, isLast: Bool = false) {
        guard let ruling = exchange[].ruling, ruling[].copy.hasMemory else { return }
        let isChunked = exchange[].request.framing == .chunked
        var fits = true
        if isChunked, !bytes.isEmpty {
            fits = ruling[].copy.append(hex: UInt64(bytes.count)) && ruling[].copy.append("\r\n")
        }
        fits = fits && ruling[].copy.append(bytes)
        if isChunked, !bytes.isEmpty { fits = fits && ruling[].copy.append("\r\n") }
        if isChunked, isLast { fits = fits && ruling[].copy.append("0\r\n\r\n") }
        if !fits { dropCopy(exchange) }
    }

    /// The body may be whole now.
    func endCopy(of exchange: Ref<Exchange>) {
        guard exchange[].requestBody.isComplete, !exchange[].holdsBody else { return }
        copyPiece(.empty, exchange, isLast: true)
        sendCopy(exchange)
    }

    /// There will be no copy of this request.
    func dropCopy(_ exchange: Ref<Exchange>) {
        exchange[].isCopied = false
        guard let ruling = exchange[].ruling, ruling[].copy.hasMemory else { return }
        copyBuffers.takeBack(&ruling[].copy)
        copies &-= 1
        counters[].skippedCopies.add()
    }

    /// Gives back what an exchange holds of a copy: its request's, or itself.
    func endCopying(_ exchange: Ref<Exchange>, _ ruling: Ref<Ruling>) {
        guard ruling[].copy.hasMemory else { return }
        guard exchange[].errand == .copy else { return dropCopy(exchange) }
        copyBuffers.takeBack(&ruling[].copy)
    }

    // MARK: The copy's own exchange

    /// Sends the copy on its way.
    private func sendCopy(_ exchange: Ref<Exchange>) {
        exchange[].isCopied = false
        guard let ruling = exchange[].ruling, ruling[].copy.hasMemory,
            let backend = exchange[].route?._withUnsafeGuaranteedRef({ $0.mirror })
        else { return }
        let copy = insertCopy(of: exchange)
        let own = self.ruling(of: copy)
        swap(&own[].copy, &ruling[].copy)
        copy[].backend = backend
        let place = backend._withUnsafeGuaranteedRef { $0.perWorker.reference(index) }
        copy[].place = place
        if place[].load.enter() { noteMost(of: backend) }
        copy[].servers = place[].servers
        counters[].sentCopies.add()
        ownReferences(copy)
        assignServer(copy)
    }

    /// An exchange whose client is nobody: it has no connection, reads nothing and is told nothing.
    private func insertCopy(of exchange: Ref<Exchange>) -> Ref<Exchange> {
        let original = exchange[].client
        let client = clients.insert(
            ClientConnection(
                transport: Transport(), address: original[].address, addressText: original[].addressText,
                listener: original[].listener, frontend: original[].frontend, isTLS: original[].isTLS,
                traffic: original[].traffic))
        client[].isNobody = true
        client[].timer = timers.add(owner: Token.client(client))
        link(client)
        client[].phase = .exchange
        let copy = insertExchange(client)
        copy[].route = exchange[].route
        copy[].errand = .copy
        copy[].headAt = clock.monotonic
        copy[].drawnID = exchange[].drawnID
        copy[].looksAtAnswer = true
        copy[].isQuiet = true
        return copy
    }

    /// Sends it on a connection to who gets it.
    func sendCopy(_ copy: Ref<Exchange>, on connection: Ref<ServerConnection>) {
        copy[].isRequestSent = true
        guard let ruling = copy[].ruling, ruling[].copy.hasMemory else { return endCopy(copy) }
        guard deliverHead(ruling[].copy.view, to: connection) else { return serverGone(copy, wasReset: true) }
        setTimer(connection, timeouts(of: copy).server)
    }

    /// The answer's head has come: `headCount` bytes of the scratch. The rest is read so that the connection can be kept.
    func takeCopysAnswer(_ copy: Ref<Exchange>, headCount: Int) {
        copy[].hasAnswered = true
        copy[].phase = .streaming
        copy[].status = copy[].response.status
        let isHead = copy[].ruling?[].copy.view.startsWithHEAD ?? false
        copy[].responseBody = BodyDecoder(copy[].response.bodyFraming(isHead: isHead))
        scratch.consume(headCount)
        tables.takeBack(&copy[].response.fields)
        if passesOver(copy) { skipAnswer(of: copy) }
    }

    /// Throws away what comes of the answer.
    func skipAnswer(of copy: Ref<Exchange>) {
        guard let connection = copy[].serverConnection else { return }
        while connection[].transport.canRead {
            guard moved < Sizes.turn else { return yieldTurn(connection) }
            scratch.reset()
            switch connection[].transport.read(into: &scratch, most: Sizes.read) {
            case .bytes(let count):
                moved &+= count
                guard passesOver(copy) else { return }
            case .wouldBlock: break
            case .closed, .failed: return endCopy(copy)
            }
        }
        setTimer(connection, timeouts(of: copy).server)
    }

    /// Whether more is to come behind what is in the scratch.
    private func passesOver(_ copy: Ref<Exchange>) -> Bool {
        var pieces = BodyDecoder.Pieces()
        copy[].bytesOut &+= UInt64(scratch.count)
        let progress = scratch.withMutableBytes { bytes, count in
            copy[].responseBody.decode(
                bytes, count: count, pieces: &pieces, trailers: &copy[].trailers, pool: trailerBuffers)
        }
        if progress == .more || progress == nil, copy[].bytesOut < Sizes.copysAnswer { return true }
        if let connection = copy[].serverConnection, progress == .complete {
            let limit = copy[].servers?._withUnsafeGuaranteedRef { $0.settings.maxIdlePerServer } ?? 0
            copy[].serverConnection = nil
            let mayKeep = pieces.rest == 0 && copy[].response.keepsAlive
            keepOrClose(connection, mayKeep: mayKeep, limit: limit)
        }
        endCopy(copy)
        return false
    }

    /// The copy is done with, whatever has become of it.
    private func endCopy(_ copy: Ref<Exchange>) {
        finish(copy, as: .normal, keepsClient: false)
    }

    /// Nobody has taken it.
    func copyFailed(_ copy: Ref<Exchange>) {
        counters[].failedCopies.add()
        endCopy(copy)
    }
}

extension ByteView {
    fileprivate var startsWithHEAD: Bool { count >= 5 && self[0..<5].equals("HEAD ") }
}
