import Basics
import Model
import Wire

/// The request's way to the server: the head written anew, then the body as it comes.
extension Worker {
    /// Sends the head and the body bytes that came with it, in one write.
    func sendRequest(_ exchange: Ref<Exchange>, on connection: Ref<ServerConnection>) {
        connection[].phase = .active
        exchange[].phase = .waiting
        if connection[].fastCGI != nil { return sendFastCGI(exchange, on: connection) }
        if exchange[].errand != .none { return runErrand(exchange, on: connection) }
        if exchange[].isThrottled { holdBody(exchange) }
        exchange[].isRequestSent = exchange[].requestBody.isComplete && !exchange[].holdsBody
        headScratch.reset()
        guard writeRequestHead(exchange), writeInitialBody(exchange) else {
            close(connection)
            exchange[].serverConnection = nil
            return refuse(exchange, .headTooLong)
        }
        if exchange[].headNeeds.contains(.namesToServer) { adjustNames(toServerOf: exchange) }
        guard deliverHead(headScratch.view, to: connection) else {
            return serverGone(exchange, wasReset: true)
        }
        sendBody(exchange, on: connection)
    }

    /// The head is on its way, with what was here of the body.
    @inline(__always)
    func sendBody(_ exchange: Ref<Exchange>, on connection: Ref<ServerConnection>) {
        setTimer(connection, exchange[].isRequestSent ? timeouts(of: exchange).server : 0)
        if exchange[].isRequestSent { return }
        setTimer(exchange[].client, patience(with: exchange[].client))
        ownReferences(exchange)
        enlargeReads(exchange, for: exchange[].requestBody)
        pumpRequest(exchange)
    }

    private func runErrand(_ exchange: Ref<Exchange>, on connection: Ref<ServerConnection>) {
        if exchange[].isAuthorizing { return sendQuestion(exchange, on: connection) }
        if exchange[].errand == .copy { return sendCopy(exchange, on: connection) }
        sendErrorRequest(exchange, on: connection)
    }

    /// Writes the head into the scratch; false if it does not fit.
    private func writeRequestHead(_ exchange: Ref<Exchange>) -> Bool {
        let client = exchange[].client
        let head = head(of: exchange)
        let path = path(of: exchange, in: head)
        let settings = frontends[Int(client[].frontend)]
        return headScratch.write { output in
            output.append(head[exchange[].request.method.indices])
            output.append(" ")
            output.append(path)
            output.append(" HTTP/1.1\r\nHost: ")
            writeHost(exchange, head, to: &output)
            output.append("\r\n")
            let (forwards, replaced) = settings._withUnsafeGuaranteedRef { ($0.forwards, $0.replaced) }
            let hasOwnCookies = rewritesCookies(exchange)
            exchange[].request.fields.writeKept(
                from: head, to: &output, dropping: hasOwnCookies ? replaced.with(.cookie) : replaced)
            if hasOwnCookies { writeCookies(exchange, head, to: &output) }
            writeForwarded(exchange, head, settings, forwards, to: &output)
            writeRequestFraming(exchange, head, to: &output)
        }
    }

    /// What the server is told about the client.
    @inline(__always)
    func writeForwarded(
        _ exchange: Ref<Exchange>, _ head: ByteView, _ settings: Unmanaged<FrontendSettings>,
        _ forwards: Bool, to output: inout ByteWriter
    ) {
        let needs = exchange[].headNeeds
        if !needs.isEmpty { writeNeeds(exchange, to: &output) }
        let client = exchange[].client
        guard forwards else {
            if needs.contains(.addresses) { return writeAddresses(exchange, head, to: &output) }
            return settings._withUnsafeGuaranteedRef {
                $0.appended?.write(
                    to: &output, request: exchange[].request, head: head, address: client[].address,
                    text: client[].addressText)
            } ?? ()
        }
        let headers = ForwardedHeaders(
            settings: settings, client: client[].address, text: client[].addressText,
            isSecure: isSecure(client), hidesSource: exchange[].hidesSource)
        // Rules that named another host have changed the head.
        let host =
            exchange[].headStart < 0
            ? givenHost(of: exchange, in: head) : head[exchange[].request.host.indices]
        headers.write(
            to: &output, request: exchange[].request, head: head, host: host, fixed: forwarded(for: client),
            id: toldID(of: exchange, settings))
    }

    /// The client's fields in a request of ours about or beside its own: but those of its connection, and those that are said otherwise.
    @inline(__always)
    func writeClientsFields(
        _ exchange: Ref<Exchange>, _ head: ByteView, dropping drops: HeaderNames,
        to output: inout ByteWriter, unless isSaid: (_ name: ByteView) -> Bool
    ) {
        for i in 0..<exchange[].request.fields.count {
            let field = exchange[].request.fields[i]
            guard !field.isRemoved, field.nameCount > 0, field.name != .expect,
                !drops.contains(field.name), !isSaid(field.name(in: head))
            else { continue }
            output.append(field.name(in: head))
            output.append(": ")
            output.append(field.value(in: head))
            output.append("\r\n")
        }
    }

    func writeHost(_ exchange: Ref<Exchange>, _ head: ByteView, to output: inout ByteWriter) {
        guard exchange[].request.host.isEmpty else {
            return output.append(head[exchange[].request.host.indices])
        }
        // An HTTP/1.0 client without Host: the server gets its own address, as RFC 9112 3.2 wants one.
        exchange[].server?._withUnsafeGuaranteedRef { $0.address.description(withPort: true) }
            .withView { output.append($0) }
    }

    private func writeRequestFraming(
        _ exchange: Ref<Exchange>, _ head: ByteView, to output: inout ByteWriter
    ) {
        switch exchange[].request.framing {
        case .length(let length):
            output.append("Content-Length: ")
            output.append(decimal: length)
            output.append("\r\n")
        case .chunked: output.append("Transfer-Encoding: chunked\r\n")
        case .none, .untilClose: break
        }
        if exchange[].request.wantsUpgrade {
            output.append("Connection: upgrade\r\n")
            for i in 0..<exchange[].request.fields.count where exchange[].request.fields[i].name == .upgrade {
                output.append("Upgrade: ")
                output.append(exchange[].request.fields[i].value(in: head))
                output.append("\r\n")
            }
        }
        output.append("\r\n")
    }

    private func writeInitialBody(_ exchange: Ref<Exchange>) -> Bool {
        guard !exchange[].holdsBody else { return true }
        let content = initialBody(of: exchange)
        guard exchange[].request.framing == .chunked else {
            return headScratch.append(content)
        }
        if content.count > 0 {
            headScratch.append(hex: UInt64(content.count))
            headScratch.append("\r\n")
            headScratch.append(content)
            guard headScratch.append("\r\n") else { return false }
        }
        return exchange[].requestBody.isComplete ? appendLastChunk(exchange, to: &headScratch) : true
    }

    /// The body bytes that came with the head.
    func initialBody(of exchange: Ref<Exchange>) -> ByteView {
        let client = exchange[].client
        let body = client[].transport.channel.map { $0.stream[].input.view } ?? client[].input.view
        return body[0..<min(body.count, exchange[].initialBody)]
    }

    /// `0`, the trailers and the empty line.
    func appendLastChunk(_ exchange: Ref<Exchange>, to output: inout Buffer) -> Bool {
        let channel = exchange[].client[].transport.channel
        let trailers = channel.map { $0.stream[].trailers.view } ?? exchange[].trailers.view
        return output.append("0\r\n") && output.append(trailers) && output.append("\r\n")
    }

    /// Bytes given to a server; what its socket does not take waits in `output`. False when it is gone.
    func deliver(_ bytes: ByteView, to connection: Ref<ServerConnection>) -> Bool {
        // A read may hold framing alone; a write of nothing would look like a full socket.
        guard !bytes.isEmpty else { return true }
        var rest = bytes
        if connection[].output.isEmpty {
            // A fresh connection has had its event; a reused one kept the flag.
            switch connection[].transport.write(bytes) {
            case .bytes(let count): rest = bytes[count..<bytes.count]
            case .wouldBlock: break
            case .closed, .failed: return false
            }
        }
        guard !rest.isEmpty else { return true }
        bodyBuffers.lend(to: &connection[].output, atLeast: rest.count)
        if connection[].output.room < rest.count { connection[].output.compact() }
        return connection[].output.append(rest)
    }

    /// Passes the request's body on as long as the client sends and the server takes.
    func pumpRequest(_ exchange: Ref<Exchange>) {
        let client = exchange[].client
        guard let connection = exchange[].serverConnection, connection[].phase == .active else { return }
        while !exchange[].isRequestSent {
            guard flush(connection) else { return requestRefused(exchange, connection) }
            guard moved < Sizes.turn else { return yieldTurn(connection) }
            guard connection[].output.isEmpty else {
                exchange[].readSize = Sizes.read
                let silence = timeouts(of: exchange).server
                let held = exchange[].phase == .holding ? exchange[].ruling?[].held : nil
                setTimer(
                    connection, held.map { $0[].timeLeft(now: clock.monotonic, silence: silence) } ?? silence)
                return setTimer(client, 0)
            }
            guard client[].transport.canRead || exchange[].holdsBody else {
                // The server has taken all there is: it owes nothing until the request is whole.
                if exchange[].phase == .waiting { setTimer(connection, 0) }
                return setTimer(client, patience(with: client))
            }
            if exchange[].isThrottled, isHeldBack(exchange, .request) {
                if exchange[].phase == .waiting { setTimer(connection, 0) }
                return client[].isBlocked ? () : setTimer(client, 0)
            }
            guard passBody(exchange, connection) else { return }
        }
        if exchange[].isCopied { endCopy(of: exchange) }
        guard flush(connection) else { return requestRefused(exchange, connection) }
        if connection[].transport.isStream { endRequest(exchange, connection) }
        if exchange[].phase == .waiting || exchange[].phase == .streaming {
            timers.set(
                client[].timer, in: client[].isBlocked ? patience(with: client) : 0,
                now: clock.monotonic)
            if exchange[].phase == .waiting { setTimer(connection, timeouts(of: exchange).server) }
        }
    }

    /// The server takes no more of the request; it may have answered before it stopped reading (RFC 9112 9.5).
    private func requestRefused(_ exchange: Ref<Exchange>, _ connection: Ref<ServerConnection>) {
        bodyBuffers.takeBack(&connection[].output)
        connection[].transport.peerHasClosed = true
        connection[].transport.canRead = true
        exchange[].isRequestSent = true
        exchange[].keepsClient = false
        if exchange[].hasAnswered { pumpAnswer(exchange) } else { readAnswer(exchange, connection) }
    }

    func flush(_ connection: Ref<ServerConnection>) -> Bool {
        guard !connection[].output.isEmpty else { return true }
        guard connection[].transport.flush(&connection[].output) else { return false }
        if connection[].output.isEmpty { bodyBuffers.takeBack(&connection[].output) }
        return true
    }

    /// One read from the client, decoded, framed and given to the server; false when the exchange is over or must wait.
    private func passBody(_ exchange: Ref<Exchange>, _ connection: Ref<ServerConnection>) -> Bool {
        let client = exchange[].client
        if exchange[].isCopied, exchange[].isReplayable { copyPiece(initialBody(of: exchange), exchange) }
        if exchange[].holdsBody { return passHeldBody(exchange, connection) }
        // From here on the request can not be sent a second time.
        exchange[].isReplayable = false
        if exchange[].initialBody > 0 {
            // Nothing stands behind a body that is not complete; its room is what a read may fill.
            if let channel = client[].transport.channel {
                channel.discard(exchange[].initialBody)
            } else {
                client[].input.truncate(to: 0)
            }
            exchange[].initialBody = 0
        }
        scratch.reset(headRoom: Sizes.headRoom)
        var size = exchange[].readSize
        if connection[].fastCGI != nil { size = min(size, FastCGIRecord.longest) }
        if exchange[].isThrottled { size = min(size, max(1, allowance(exchange, .request))) }
        let most = min(
            size,
            exchange[].request.framing == .chunked && !client[].transport.isStream
                ? client[].input.room : exchange[].requestBody.mostBytes)
        switch client[].transport.read(into: &scratch, most: most) {
        case .bytes(let count):
            exchange[].bytesIn &+= UInt64(count)
            moved &+= count
            if count == exchange[].readSize, bodyBuffers.lent < Sizes.manyLent {
                exchange[].readSize = min(2 * count, Sizes.largeRead)
            }
        case .wouldBlock: return true
        case .closed where client[].transport.isStream: break
        case .closed, .failed:
            abort(client, .clientGoneInData)
            return false
        }
        guard decodeBody(exchange) else { return false }
        guard deliver(scratch.view, to: connection) else {
            requestRefused(exchange, connection)
            return false
        }
        exchange[].isRequestSent = exchange[].requestBody.isComplete
        return true
    }

    /// A piece of what came with the head and had to wait; false when the exchange is over.
    private func passHeldBody(_ exchange: Ref<Exchange>, _ connection: Ref<ServerConnection>) -> Bool {
        takeHeldBody(exchange)
        let isLast = exchange[].requestBody.isComplete && !exchange[].holdsBody
        _ = frameBody(exchange, isLast: isLast)
        guard deliver(scratch.view, to: connection) else {
            requestRefused(exchange, connection)
            return false
        }
        exchange[].isRequestSent = isLast
        return true
    }

    /// Takes the client's framing off what was read and puts ours on.
    private func decodeBody(_ exchange: Ref<Exchange>) -> Bool {
        var pieces = BodyDecoder.Pieces()
        let client = exchange[].client
        if let channel = client[].transport.channel { return endBody(exchange, channel) }
        let progress = scratch.withMutableBytes { bytes, count in
            exchange[].requestBody.decode(
                bytes, count: count, pieces: &pieces, trailers: &exchange[].trailers, pool: trailerBuffers)
        }
        let limit = bodyLimit(of: exchange)
        let isTooLarge = limit > 0 && exchange[].bytesIn > UInt64(limit) &+ UInt64(exchange[].request.count)
        if case .refused(let error) = progress {
            refuseBody(exchange, error)
            return false
        }
        if isTooLarge {
            refuseBody(exchange, .bodyTooLarge)
            return false
        }
        if pieces.rest > 0 {
            exchange[].bytesIn &-= UInt64(pieces.rest)
            client[].input.append(scratch.view[pieces.content..<pieces.content + pieces.rest])
        }
        scratch.truncate(to: pieces.content)
        if exchange[].isThrottled { notePassed(pieces.content, exchange, .request) }
        if exchange[].isCopied { copyPiece(scratch.view, exchange) }
        return frameBody(exchange, isLast: exchange[].requestBody.isComplete)
    }

    /// A stream's bytes are content as they are; behind its last one the body is whole.
    private func endBody(_ exchange: Ref<Exchange>, _ channel: StreamChannel) -> Bool {
        guard !isBodyTooLarge(exchange, channel) else {
            refuseBody(exchange, .bodyTooLarge)
            return false
        }
        if channel.isAtEnd { exchange[].requestBody = BodyDecoder(.none) }
        if exchange[].isThrottled { notePassed(scratch.count, exchange, .request) }
        if exchange[].isCopied { copyPiece(scratch.view, exchange) }
        return frameBody(exchange, isLast: channel.isAtEnd)
    }

    /// Puts on what framing the server is to see.
    private func frameBody(_ exchange: Ref<Exchange>, isLast: Bool) -> Bool {
        guard let connection = exchange[].serverConnection else { return true }
        if connection[].fastCGI != nil { return frameRecord(isLast: isLast) }
        guard exchange[].request.framing == .chunked, !connection[].transport.isStream else { return true }
        return frameChunk(exchange, isLast: isLast)
    }

    /// Makes one chunk of the scratch's bytes, and the last one behind it.
    func frameChunk(_ exchange: Ref<Exchange>, isLast: Bool) -> Bool {
        let count = scratch.count
        if count > 0 {
            chunkSize.reset()
            chunkSize.append(hex: UInt64(count))
            chunkSize.append("\r\n")
            _ = scratch.prepend(chunkSize.view)
            scratch.append("\r\n")
        }
        return isLast ? appendLastChunk(exchange, to: &scratch) : true
    }
}
