import Basics
import Model
import Wire

/// The answer's way back: its head written anew, its body as the client takes it.
extension Worker {
    /// Does what can be done for an exchange with a server now: the request goes on, the answer comes back.
    func serverAdvance(_ exchange: Ref<Exchange>, _ connection: Ref<ServerConnection>) {
        if exchange[].phase == .tunnel { return pumpTunnel(exchange) }
        if !connection[].output.isEmpty || !exchange[].isRequestSent {
            if connection[].transport.canWrite { pumpRequest(exchange) }
            guard exchange[].serverConnection == connection, !connection[].transport.isClosed else { return }
        }
        guard connection[].transport.canRead else { return }
        if exchange[].hasAnswered { pumpAnswer(exchange) } else { readAnswer(exchange, connection) }
    }

    /// Reads until the answer's head is whole.
    func readAnswer(_ exchange: Ref<Exchange>, _ connection: Ref<ServerConnection>) {
        if exchange[].phase == .holding { return continueHeld(exchange, connection) }
        while connection[].transport.canRead {
            scratch.reset(headRoom: Sizes.headRoom)
            if connection[].input.hasMemory {
                // It always has memory there.
                if connection[].fastCGI != nil { return readFastCGI(exchange, connection) }
                scratch.append(connection[].input.view)
                headBuffers.takeBack(&connection[].input)
            }
            switch connection[].transport.read(into: &scratch, most: mostToBegin(exchange) - scratch.count) {
            case .bytes: break
            case .wouldBlock: return keepPartialHead(connection)
            case .closed: return serverGone(exchange)
            case .failed: return serverGone(exchange, wasReset: true)
            }
            if exchange[].answeredAt == 0 { exchange[].answeredAt = clock.monotonic }
            tables.lend(to: &exchange[].response.fields)
            guard understandAnswer(exchange, connection) else { return }
        }
    }

    /// What a stream's window or a limit does not let out stays with the server.
    @inline(__always)
    func mostToBegin(_ exchange: Ref<Exchange>) -> Int {
        var most = exchange[].client[].transport.channel?.room ?? Sizes.read
        if exchange[].isThrottled {
            most = min(most, min(most, allowanceToBegin(exchange)) + Sizes.answerHead)
        }
        guard most < Sizes.read else { return Sizes.read }
        return min(Sizes.read, max(most, scratch.count + Sizes.answerHead))
    }

    private func keepPartialHead(_ connection: Ref<ServerConnection>) {
        guard !scratch.isEmpty else { return }
        headBuffers.lend(to: &connection[].input)
        connection[].input.append(scratch.view)
    }

    /// Looks at the head in the scratch, several if interim answers came; true if more must be read.
    private func understandAnswer(_ exchange: Ref<Exchange>, _ connection: Ref<ServerConnection>) -> Bool {
        while true {
            exchange[].response.reset()
            switch exchange[].response.parse(scratch.view) {
            case .incomplete:
                guard scratch.count < Sizes.longestHead else {
                    badAnswer(exchange)
                    return false
                }
                keepPartialHead(connection)
                return true
            case .refused(let error):
                noteFault(exchange, error, answer: scratch.view)
                badAnswer(exchange)
                return false
            case .complete(let count):
                // A head that came in one read can be longer than the buffer it is written to.
                guard count <= Sizes.longestHead else {
                    badAnswer(exchange)
                    return false
                }
                if exchange[].response.status == 101 {
                    startTunnel(exchange, head: scratch.view[0..<count], headCount: count)
                    return false
                }
                guard exchange[].response.isInterim else {
                    beginAnswer(exchange, head: scratch.view[0..<count], headCount: count)
                    return false
                }
                guard passInterim(exchange, head: scratch.view[0..<count]) else { return false }
                scratch.consume(count)
                if scratch.isEmpty { return true }
            }
        }
    }

    /// 1xx go to clients that know them (RFC 9110 15.2).
    func passInterim(_ exchange: Ref<Exchange>, head: ByteView) -> Bool {
        guard exchange[].request.minorVersion == 1, exchange[].errand == .none else { return true }
        if let channel = exchange[].client[].transport.channel {
            passInterim(exchange, on: channel, head: head)
            return true
        }
        headScratch.reset()
        headScratch.write { output in
            writeFields(exchange, head, to: &output)
            output.append("\r\n")
        }
        adjustNames(toClientOf: exchange)
        guard deliver(headScratch.view, to: exchange[].client) else {
            clientGone(exchange[].client)
            return false
        }
        return true
    }

    /// The answer's status line and the fields that are passed on.
    func writeFields(_ exchange: Ref<Exchange>, _ head: ByteView, to output: inout ByteWriter) {
        output.append("HTTP/1.1 ")
        output.append(decimal: Int64(exchange[].response.status), then: UInt8(ascii: " "))
        output.append(head[exchange[].response.reason.indices])
        output.append("\r\n")
        writeKeptFields(exchange, head, to: &output)
    }

    /// The fields that are passed on, and the backend's cookie.
    @inline(__always)
    func writeKeptFields(_ exchange: Ref<Exchange>, _ head: ByteView, to output: inout ByteWriter) {
        guard setsCookies(exchange) else {
            return exchange[].response.fields.writeKept(from: head, to: &output)
        }
        exchange[].response.fields.writeKept(
            from: head, to: &output, dropping: HeaderNames().with(.setCookie))
        writeSetCookies(exchange, head, to: &output)
    }

    /// A final answer: its head and the body bytes that came with it leave in one write. `headCount` bytes of the scratch are
    /// the head; `body` says how the rest is delimited if the head does not.
    func beginAnswer(_ exchange: Ref<Exchange>, head: ByteView, headCount: Int, body: BodyFraming? = nil) {
        var head = head
        if exchange[].looksAtAnswer {
            if exchange[].serverConnection?[].isRelayed == true {
                noteRelaysAnswer(exchange, headCount: headCount)
            }
            if exchange[].isAuthorizing { return takeVerdict(exchange, head: head, headCount: headCount) }
            if exchange[].errand == .copy { return takeCopysAnswer(exchange, headCount: headCount) }
            if exchange[].delivery == nil, exchange[].errand == .none {
                guard takesAnswer(exchange, head: head), !delegatesAnswer(exchange, headCount: headCount)
                else { return }
            }
            if exchange[].asksAnswerRules {
                let arrival = AnswerArrival(headCount: headCount, framing: body)
                guard passesAnswer(exchange, &head, arrival) else { return }
            }
        }
        passOn(exchange, head: head, headCount: headCount, body: body)
    }

    /// Gives the client a head that rules have seen, and what came behind it.
    @inline(__always)
    func passOn(_ exchange: Ref<Exchange>, head: ByteView, headCount: Int, body: BodyFraming?) {
        exchange[].hasAnswered = true
        exchange[].phase = .streaming
        exchange[].status = exchange[].response.status
        let framing = exchange[].response.bodyFraming(isHead: exchange[].request.isHead)
        exchange[].responseBody = BodyDecoder(body ?? framing)
        decideFraming(exchange, framing)
        headScratch.reset()
        if exchange[].coding != nil { beginCompression(exchange, framing, head) }
        let fits: Bool
        if let channel = exchange[].client[].transport.channel {
            fits = respond(exchange, on: channel, head: head)
        } else {
            fits = headScratch.write { output in
                writeFields(exchange, head, to: &output)
                if exchange[].compression != nil { output.append(compressed.view) }
                writeAnswerFraming(exchange, framing, to: &output)
            }
            if exchange[].headNeeds.contains(.namesToClient) { adjustNames(toClientOf: exchange) }
        }
        guard fits else { return badAnswer(exchange) }
        scratch.consume(headCount)
        tables.takeBack(&exchange[].response.fields)
        passAnswer(exchange, withHead: true)
    }

    /// How the body goes to this client, and whether its connection survives that.
    private func decideFraming(_ exchange: Ref<Exchange>, _ framing: BodyFraming) {
        let isHTTP11 = exchange[].request.minorVersion == 1
        exchange[].chunksAnswer =
            isHTTP11 && (framing == .chunked || framing == .untilClose)
            && !exchange[].client[].transport.isStream
        if !isHTTP11, framing == .chunked || framing == .untilClose { exchange[].keepsClient = false }
        // An answer before the whole request: the rest is not waited for.
        if !exchange[].isRequestSent { exchange[].keepsClient = false }
        if isDraining { exchange[].keepsClient = false }
    }

    private func writeAnswerFraming(
        _ exchange: Ref<Exchange>, _ framing: BodyFraming, to output: inout ByteWriter
    ) {
        let status = exchange[].response.status
        if exchange[].chunksAnswer {
            output.append("Transfer-Encoding: chunked\r\n")
        } else if status != 204, status >= 200, let length = exchange[].response.announcedLength {
            output.append("Content-Length: ")
            output.append(decimal: length)
            output.append("\r\n")
        } else if framing == .none, exchange[].request.isHead, exchange[].response.framing == .chunked,
            exchange[].request.minorVersion == 1
        {
            output.append("Transfer-Encoding: chunked\r\n")
        }
        if !exchange[].keepsClient {
            output.append("Connection: close\r\n")
        } else if exchange[].request.minorVersion == 0 {
            output.append("Connection: keep-alive\r\n")
        }
        output.append("\r\n")
    }

    /// Decodes what is in the scratch and gives it to the client; afterwards the answer may be complete.
    func passAnswer(_ exchange: Ref<Exchange>, withHead: Bool) {
        var pieces = BodyDecoder.Pieces()
        let progress =
            scratch.withMutableBytes { bytes, count in
                exchange[].responseBody.decode(
                    bytes, count: count, pieces: &pieces, trailers: &exchange[].trailers, pool: trailerBuffers
                )
            } ?? .more
        if case .refused = progress {
            // Of a stream's answer the head is on its way already.
            guard withHead, !exchange[].client[].transport.isStream else {
                return cutAnswer(exchange, as: .refusedData)
            }
            return badAnswer(exchange)
        }
        // Bytes behind an answer belong to no request: the connection is not used again.
        let hasStray = pieces.rest > 0
        scratch.truncate(to: pieces.content)
        guard workOnScratch(exchange, isLast: progress == .complete) else {
            return cutAnswer(exchange, as: .refusedData)
        }
        let content = scratch.count
        if exchange[].chunksAnswer { _ = frameChunk(exchange, isLast: progress == .complete) }
        var isAlive = true
        if withHead {
            if !scratch.prepend(headScratch.view) {
                isAlive = deliver(headScratch.view, to: exchange[].client)
            }
            exchange[].bytesOut &+= UInt64(headScratch.count)
            exchange[].headOut &+= UInt64(headScratch.count)
        }
        exchange[].bytesOut &+= UInt64(content)
        if isAlive, !scratch.isEmpty { isAlive = deliver(scratch.view, to: exchange[].client) }
        guard isAlive else { return clientGone(exchange[].client) }
        if progress == .complete { return answerComplete(exchange, mayKeep: !hasStray) }
        if withHead { answerContinues(exchange) }
    }

    /// An answer that does not fit one read lives longer than an event: it takes references of its own.
    private func answerContinues(_ exchange: Ref<Exchange>) {
        if exchange[].ruling?[].leavesServer == true { return cutAnswer(exchange, as: .serverGoneInData) }
        ownReferences(exchange)
        enlargeReads(exchange, for: exchange[].responseBody)
        exchange[].isPiped = canPipe(exchange)
        pumpAnswer(exchange)
    }

    /// A body that says it is large is read in large pieces at once, not after a few that grow.
    func enlargeReads(_ exchange: Ref<Exchange>, for body: BodyDecoder) {
        guard body.mostBytes > Sizes.read, body.mostBytes < .max else { return }
        if bodyBuffers.lent < Sizes.fewLent, exchange[].compression == nil {
            exchange[].readSize = Sizes.largeRead
        }
    }

    /// Passes the answer's body on as long as the server sends and the client takes.
    func pumpAnswer(_ exchange: Ref<Exchange>) {
        let client = exchange[].client
        guard let connection = exchange[].serverConnection else { return pumpDelivery(exchange) }
        if exchange[].errand == .copy { return skipAnswer(of: exchange) }
        var reads = 0
        while exchange[].phase == .streaming, exchange[].serverConnection == connection {
            guard !client[].isFull() else {
                exchange[].readSize = Sizes.read
                setTimer(client, patience(with: client))
                return setTimer(connection, 0)
            }
            guard moved < Sizes.turn,
                reads < Sizes.compressedReads || exchange[].compression == nil
            else { return yieldTurn(connection) }
            reads &+= 1
            guard connection[].transport.canRead else {
                setTimer(connection, timeouts(of: exchange).server)
                return exchange[].isRequestSent ? setTimer(client, 0) : ()
            }
            if exchange[].isThrottled, isHeldBack(exchange, .answer) {
                setTimer(connection, 0)
                return exchange[].isRequestSent ? setTimer(client, 0) : ()
            }
            if exchange[].isPiped {
                switch pipeAnswer(exchange, from: connection) {
                case .moved: continue
                case .ended: return
                case .notHere: break
                }
            }
            scratch.reset(headRoom: Sizes.headRoom)
            switch connection[].transport.read(
                into: &scratch, most: mostToRead(exchange))
            {
            case .bytes(let count):
                moved &+= count
                if count == exchange[].readSize, bodyBuffers.lent < Sizes.manyLent {
                    exchange[].readSize = min(2 * count, Sizes.largeRead)
                }
                guard connection[].fastCGI == nil || takeRecords(exchange, connection) else { return }
                passAnswer(exchange, withHead: false)
            case .wouldBlock: continue
            case .closed:
                guard exchange[].responseBody.endsWithConnection, connection[].fastCGI == nil else {
                    return cutAnswer(exchange, as: .serverGoneInData)
                }
                endUntilClose(exchange)
            case .failed: return cutAnswer(exchange, as: .serverGoneInData)
            }
        }
    }

    /// One byte more than the body can have: only a read that comes up short proves the socket empty, and a connection
    /// with unread bytes must not go back to the pool.
    private func mostToRead(_ exchange: Ref<Exchange>) -> Int {
        let most = exchange[].responseBody.mostBytes
        var size = exchange[].readSize
        if exchange[].isThrottled { size = min(size, max(1, allowance(exchange, .answer))) }
        let whole = most < size ? most + 1 : size
        guard let channel = exchange[].client[].transport.channel else { return whole }
        // What its stream does not take waits at the server.
        let room = channel.room
        return most <= room ? whole : min(size, room)
    }

    /// The server has closed, which ends a body that says no length.
    private func endUntilClose(_ exchange: Ref<Exchange>) {
        scratch.reset(headRoom: Sizes.headRoom)
        if let stream = exchange[].serverConnection?[].transport.channel?.stream {
            takeTrailers(exchange, stream)
        }
        guard workOnScratch(exchange, isLast: true) else { return cutAnswer(exchange, as: .refusedData) }
        if exchange[].chunksAnswer { _ = frameChunk(exchange, isLast: true) }
        guard scratch.isEmpty || deliver(scratch.view, to: exchange[].client) else {
            return clientGone(exchange[].client)
        }
        answerComplete(exchange, mayKeep: false)
    }

    /// The whole answer has been read: the server is free, the client may still have to take the rest.
    private func answerComplete(_ exchange: Ref<Exchange>, mayKeep: Bool) {
        exchange[].phase = .done
        if let connection = exchange[].serverConnection {
            let isReusable = mayKeep && exchange[].response.keepsAlive && exchange[].isRequestSent
            let limit = exchange[].servers?._withUnsafeGuaranteedRef { $0.settings.maxIdlePerServer } ?? 0
            exchange[].serverConnection = nil
            keepOrClose(connection, mayKeep: isReusable, limit: limit)
        }
        if exchange[].serverPlace?[].isObserved == true {
            observe(TrafficJudge.isFault(exchange[].status) ? .wrongStatus : .answered, exchange)
        }
        leaveServer(exchange)
        if exchange[].client[].output.isEmpty {
            finish(exchange, as: exchange[].termination, keepsClient: exchange[].keepsClient)
        } else {
            setTimer(exchange[].client, patience(with: exchange[].client))
        }
    }

    /// The client's socket has taken everything that waited.
    func outputDrained(_ exchange: Ref<Exchange>) {
        switch exchange[].phase {
        case .done: finish(exchange, as: exchange[].termination, keepsClient: exchange[].keepsClient)
        case .streaming: pumpAnswer(exchange)
        case .tunnel: pumpTunnel(exchange)
        default: break
        }
    }

    /// The server's connection ended while an answer was owed.
    func serverGone(_ exchange: Ref<Exchange>, wasReset: Bool = false) {
        guard let connection = exchange[].serverConnection else { return }
        if exchange[].hasAnswered { return cutAnswer(exchange, as: .serverGoneInData) }
        if exchange[].phase == .holding { return cutHeld(exchange) }
        let isFresh = exchange[].answeredAt == 0
        let failure: RetryPolicy.Failure =
            !isFresh ? .noAnswer : connection[].isReused ? .staleConnection : wasReset ? .reset : .noAnswer
        if failure != .staleConnection { noteTraffic(.connectionLost, exchange) }
        if failure == .reset { connection[].place[].suspectUntil = clock.monotonic &+ 1_000_000_000 }
        exchange[].serverConnection = nil
        close(connection)
        attemptFailed(exchange, failure)
    }

    /// Nothing from the server for too long.
    func serverSilent(_ exchange: Ref<Exchange>) {
        if exchange[].phase == .tunnel { return abort(exchange[].client, .serverStalled) }
        if exchange[].hasAnswered { return cutAnswer(exchange, as: .serverStalled) }
        if exchange[].phase == .holding { return heldTooLong(exchange) }
        noteTraffic(.answerTimeout, exchange)
        dropServer(exchange)
        attemptFailed(exchange, .silence)
    }

    func badAnswer(_ exchange: Ref<Exchange>) {
        noteTraffic(.invalidAnswer, exchange)
        dropServer(exchange)
        exchange[].response.reset()
        guard exchange[].hasAnswered else { return attemptFailed(exchange, .junk) }
        exchange[].place?.traffic._withUnsafeGuaranteedRef { $0.counters.responseErrors.add() }
        countAtBoth(exchange) { $0.failedAnswers.add() }
        exchange[].hasAnswered = false
        answer(exchange, status: 502, as: .badAnswer)
    }

    /// An answer that began can not be mended: the client sees it cut.
    func cutAnswer(_ exchange: Ref<Exchange>, as termination: Termination) {
        exchange[].place?.traffic._withUnsafeGuaranteedRef { $0.counters.responseErrors.add() }
        abort(exchange[].client, termination)
    }

    func dropServer(_ exchange: Ref<Exchange>) {
        guard let connection = exchange[].serverConnection else { return }
        exchange[].serverConnection = nil
        close(connection)
    }
}
