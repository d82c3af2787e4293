import Basics
import Model
import Wire

/// An exchange whose server speaks FastCGI: the head becomes parameters, and bodies travel in records.
///
/// ```
///   request   BEGIN  PARAMS…  PARAMS(0)  STDIN…  STDIN(0)
///   answer    STDOUT (head of CGI, body) …  STDERR …  END
/// ```
/// The length of a body has to be known before it: one that comes without is waited for (`waitsForBody`).
extension Worker {
    /// Sends the parameters and the body bytes that came with the head, in one write.
    @inline(never)
    func sendFastCGI(_ exchange: Ref<Exchange>, on connection: Ref<ServerConnection>) {
        // Errands are run by HTTP/1.
        if exchange[].errand != .none {
            if exchange[].errand == .copy { return copyFailed(exchange) }
            return exchange[].isAuthorizing ? authorizationFailed(exchange) : delegationFailed(exchange)
        }
        let length = bodyLength(of: exchange)
        // More than is waited for: a server would take it for a request without a body.
        guard length != nil || exchange[].request.framing == .none else {
            return refuse(exchange, status: 411, as: .badRequest)
        }
        let isToBeKept = exchange[].servers?._withUnsafeGuaranteedRef { $0.fastCGI?.keepsConnections }
        connection[].fastCGI?[].reset(isToBeKept: isToBeKept ?? false)
        headBuffers.lend(to: &connection[].input)
        if exchange[].isThrottled { holdBody(exchange) }
        exchange[].isRequestSent = exchange[].requestBody.isComplete && !exchange[].holdsBody
        switch writeParameters(exchange, length: length) {
        case nil: break
        case let error?:
            close(connection)
            exchange[].serverConnection = nil
            return refuse(exchange, error)
        }
        guard appendInitialRecords(exchange), deliver(scratch.view, to: connection) else {
            return serverGone(exchange, wasReset: true)
        }
        // No server of FastCGI asks for a body.
        if !exchange[].requestBody.isComplete, exchange[].initialBody == 0 { askForBody(exchange) }
        sendBody(exchange, on: connection)
    }

    /// Nil without a body, and where nobody knows so far.
    private func bodyLength(of exchange: Ref<Exchange>) -> Int64? {
        switch exchange[].request.framing {
        case .length(let length): length
        case .chunked where exchange[].requestBody.isComplete: Int64(exchange[].initialBody)
        case .none, .chunked, .untilClose: nil
        }
    }

    private func appendInitialRecords(_ exchange: Ref<Exchange>) -> Bool {
        let content = exchange[].holdsBody ? ByteView.empty : initialBody(of: exchange)
        if !content.isEmpty {
            guard scratch.append(record: .input, count: content.count), scratch.append(content) else {
                return false
            }
        }
        return exchange[].isRequestSent ? scratch.append(record: .input, count: 0) : true
    }

    /// Makes one record of the scratch's bytes, and the empty one behind it that ends the body.
    func frameRecord(isLast: Bool) -> Bool {
        if !scratch.isEmpty {
            chunkSize.reset()
            guard chunkSize.append(record: .input, count: scratch.count), scratch.prepend(chunkSize.view)
            else {
                return false
            }
        }
        return isLast ? scratch.append(record: .input, count: 0) : true
    }

    // MARK: The answer

    /// Reads until the answer's head is whole; its bytes gather in the connection's input.
    @inline(never)
    func readFastCGI(_ exchange: Ref<Exchange>, _ connection: Ref<ServerConnection>) {
        while connection[].transport.canRead {
            scratch.reset(headRoom: Sizes.headRoom)
            switch connection[].transport.read(into: &scratch, most: mostToBegin(exchange)) {
            case .bytes: break
            case .wouldBlock: return
            case .closed: return serverGone(exchange)
            case .failed: return serverGone(exchange, wasReset: true)
            }
            if exchange[].answeredAt == 0 { exchange[].answeredAt = clock.monotonic }
            guard let ending = decodeRecords(exchange, connection) else { return badAnswer(exchange) }
            guard !takeHead(exchange, connection) else { return }
            if case .ended(let how) = ending { return endWithoutHead(exchange, how) }
        }
    }

    /// The server has ended the request and said nothing that could be passed on.
    private func endWithoutHead(_ exchange: Ref<Exchange>, _ ending: FastCGIEnding) {
        guard ending == .isOverloaded || ending == .isBusy else { return badAnswer(exchange) }
        // It has not begun with it.
        noteTraffic(.invalidAnswer, exchange)
        dropServer(exchange)
        attemptFailed(exchange, .refused)
    }

    /// Takes what of the scratch belongs to the head; true if the exchange has gone on, or is over.
    private func takeHead(_ exchange: Ref<Exchange>, _ connection: Ref<ServerConnection>) -> Bool {
        let known = connection[].input.count
        let taken = min(scratch.count, connection[].input.room)
        connection[].input.append(scratch.view[0..<taken])
        tables.lend(to: &exchange[].response.fields)
        exchange[].response.reset()
        switch exchange[].response.parseCGI(connection[].input.view) {
        case .incomplete:
            guard connection[].input.count < Sizes.longestHead else {
                badAnswer(exchange)
                return true
            }
            return false
        case .refused(let error):
            noteFault(exchange, error, answer: connection[].input.view)
            badAnswer(exchange)
        case .complete(let count):
            guard count <= Sizes.longestHead else {
                badAnswer(exchange)
                return true
            }
            scratch.consume(count - known)
            connection[].input.truncate(to: count)
            beginFastCGI(exchange, connection)
        }
        return true
    }

    /// The head stands in the connection's input, what came of the body in the scratch.
    private func beginFastCGI(_ exchange: Ref<Exchange>, _ connection: Ref<ServerConnection>) {
        guard let answer = connection[].fastCGI else { return }
        if exchange[].response.reason.isEmpty {
            let status = exchange[].response.status
            _ = exchange[].response.setStatus(
                status, HTTPStatus.reason(status).view, in: &connection[].input)
        }
        let framing = exchange[].response.bodyFraming(isHead: exchange[].request.isHead)
        let isAtEnd = answer[].ending != nil
        if answer[].keepsConnection { exchange[].response.keepConnection() }
        // A body that nobody wants (HEAD) is no fault.
        answer[].missing = framing == .none ? 0 : exchange[].response.announcedLength
        scratch.truncate(to: answer[].admit(scratch.count))
        guard !isAtEnd || answer[].missing ?? 0 == 0 else { return badAnswer(exchange) }
        // What the body is to its reader: all that is here, or what comes until the request's end.
        let body: BodyFraming =
            framing == .none ? .none : isAtEnd ? .length(Int64(scratch.count)) : .untilClose
        beginAnswer(exchange, head: connection[].input.view, headCount: 0, body: body)
    }

    /// Takes the records off what was read of the body; false if the exchange is over. What is more than the head has promised is
    /// dropped, as nginx does it.
    @inline(never)
    func takeRecords(_ exchange: Ref<Exchange>, _ connection: Ref<ServerConnection>) -> Bool {
        guard let answer = connection[].fastCGI, let progress = decodeRecords(exchange, connection) else {
            cutAnswer(exchange, as: .refusedData)
            return false
        }
        scratch.truncate(to: answer[].admit(scratch.count))
        guard case .ended = progress else { return true }
        guard answer[].missing ?? 0 == 0 else {
            cutAnswer(exchange, as: .serverGoneInData)
            return false
        }
        if answer[].keepsConnection { exchange[].response.keepConnection() }
        exchange[].responseBody = BodyDecoder(.length(Int64(scratch.count)))
        return true
    }

    /// Leaves what was read of the answer in the scratch and logs what stood beside it; nil if it is no FastCGI.
    private func decodeRecords(_ exchange: Ref<Exchange>, _ connection: Ref<ServerConnection>)
        -> FastCGIProgress?
    {
        guard let answer = connection[].fastCGI else { return nil }
        var pieces = FastCGIDecoder.Pieces()
        var errors = Buffer()
        defer { trailerBuffers.takeBack(&errors) }
        let progress = scratch.withMutableBytes { bytes, count in
            answer[].decoder.decode(
                bytes, count: count, pieces: &pieces, errors: &errors, pool: trailerBuffers)
        }
        scratch.truncate(to: pieces.content)
        if !errors.isEmpty { writeServerMessage(exchange, errors.view) }
        switch progress {
        case .ended(let ending):
            answer[].ending = ending
            answer[].hasStray = pieces.rest > 0
        case .refused(let fault):
            writeServerFault(exchange, fault)
            return nil
        case nil: return nil
        case .more: break
        }
        return progress
    }
}
