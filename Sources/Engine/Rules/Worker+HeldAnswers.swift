import Basics
import Model
import Wire

/// Answers that are kept until rules have seen as much of their bodies as they want.
extension Worker {
    /// Waits for the body behind an answer's head, before the rule at `place`. Without `wait`, rules only look at what has come with it. True
    /// if all they want is here, or there is none to wait for; else they go on later, or have done so already.
    func hold(
        _ exchange: Ref<Exchange>, _ head: inout ByteView, _ arrival: AnswerArrival?, for wait: BodyWait?,
        before place: AnswerPlace
    ) -> Bool {
        if let held = exchange[].ruling?[].held {
            guard let wait else { return true }
            held[].least = wait.least
            if held[].isEnough { return true }
            self.wait(exchange, held, wait, before: place)
            return false
        }
        let framing = exchange[].response.bodyFraming(isHead: exchange[].request.isHead)
        guard let arrival, framing != .none, let connection = exchange[].serverConnection else { return true }
        guard connection[].fastCGI == nil else {
            // Rules that would look into the body must not see nothing instead.
            guard wait != nil else { return true }
            answer(exchange, status: 500, as: .deniedAnswer)
            return false
        }
        guard let ruling = withOwnAnswer(exchange, &head) else {
            answer(exchange, status: 500, as: .deniedAnswer)
            return false
        }
        let held = heldAnswers.insert(
            HeldAnswer(arrival.framing, BodyDecoder(arrival.framing ?? framing)))
        ruling[].held = held
        bodyBuffers.lend(to: &held[].raw)
        headBuffers.lend(to: &held[].content)
        scratch.consume(arrival.headCount)
        guard keep(held) else {
            giveUpHeld(exchange)
            badAnswer(exchange)
            return false
        }
        held[].least = wait?.least ?? 0
        guard let wait, !held[].isEnough else {
            held[].place = place
            resumeAnswer(exchange, held)
            return false
        }
        self.wait(exchange, held, wait, before: place)
        return false
    }

    private func wait(
        _ exchange: Ref<Exchange>, _ held: Ref<HeldAnswer>, _ wait: BodyWait, before place: AnswerPlace
    ) {
        held[].place = place
        let time = wait.time ?? 0
        held[].deadline = time > 0 ? clock.monotonic &+ UInt64(time) &* 1_000_000 : 0
        exchange[].phase = .holding
        ownReferences(exchange)
        if let connection = exchange[].serverConnection { continueHeld(exchange, connection) }
    }

    private func arm(
        _ exchange: Ref<Exchange>, _ connection: Ref<ServerConnection>, _ held: Ref<HeldAnswer>
    ) {
        let silence = timeouts(of: exchange).server
        setTimer(connection, held[].timeLeft(now: clock.monotonic, silence: silence))
    }

    /// Takes note of what is in the scratch; false if it is no body.
    private func keep(_ held: Ref<HeldAnswer>) -> Bool {
        guard held[].raw.append(scratch.view) else { return false }
        var pieces = BodyDecoder.Pieces()
        let progress =
            scratch.withMutableBytes { bytes, count in
                held[].decoder.decode(
                    bytes, count: count, pieces: &pieces, trailers: &held[].trailers, pool: trailerBuffers)
            } ?? .more
        if case .refused = progress { return false }
        let wanted = min(pieces.content, Sizes.initialBody - held[].content.count)
        held[].content.append(scratch.view[0..<wanted])
        if progress == .complete { held[].isWhole = true }
        return true
    }

    /// More of a body that rules wait for may have come.
    func continueHeld(_ exchange: Ref<Exchange>, _ connection: Ref<ServerConnection>) {
        guard let held = exchange[].ruling?[].held else { return }
        while !held[].isEnough, connection[].transport.canRead {
            scratch.reset(headRoom: Sizes.headRoom)
            let most = min(Sizes.initialBody, held[].raw.room)
            switch connection[].transport.read(into: &scratch, most: most) {
            case .bytes:
                guard keep(held) else {
                    giveUpHeld(exchange)
                    return badAnswer(exchange)
                }
            case .wouldBlock: continue
            case .closed where held[].decoder.endsWithConnection:
                held[].isWhole = true
                // The client's side finds the end once more, and ends there.
                connection[].transport.canRead = true
            case .closed, .failed: return cutHeld(exchange)
            }
        }
        guard held[].isEnough else { return arm(exchange, connection, held) }
        resumeAnswer(exchange, held)
    }

    /// Asks the rules that are left, and passes the answer on.
    private func resumeAnswer(_ exchange: Ref<Exchange>, _ held: Ref<HeldAnswer>) {
        guard let ruling = exchange[].ruling, let connection = exchange[].serverConnection else { return }
        exchange[].phase = .waiting
        var head = ruling[].answer.view
        guard passesAnswer(exchange, &head, from: held[].place) else { return }
        scratch.reset(headRoom: Sizes.headRoom)
        scratch.append(held[].raw.view)
        var framing = held[].framing
        if framing != nil, let stream = connection[].transport.channel?.stream, held[].isWhole {
            framing = .length(Int64(scratch.count))
            takeTrailers(exchange, stream)
        }
        endHeld(ruling)
        passOn(exchange, head: head, headCount: 0, body: framing)
    }

    // MARK: Ends

    /// The server has ended before its answer did: of that the client has seen nothing.
    func cutHeld(_ exchange: Ref<Exchange>) {
        giveUpHeld(exchange)
        exchange[].place?.traffic._withUnsafeGuaranteedRef { $0.counters.responseErrors.add() }
        exchange[].response.reset()
        answer(exchange, status: 502, as: .serverGoneInData)
    }

    /// What was waited for did not come in time.
    func heldTooLong(_ exchange: Ref<Exchange>) {
        giveUpHeld(exchange)
        noteTraffic(.answerTimeout, exchange)
        countAtBoth(exchange) { $0.failedAnswers.add() }
        exchange[].response.reset()
        answer(exchange, status: 504, as: .answerBodyTimeout)
    }

    /// Nothing of the answer is used.
    private func giveUpHeld(_ exchange: Ref<Exchange>) {
        guard let ruling = exchange[].ruling else { return }
        endHeld(ruling)
        headBuffers.takeBack(&ruling[].answer)
        exchange[].phase = .waiting
        exchange[].answeredAt = 0
    }

    func endHeld(_ ruling: Ref<Ruling>) {
        guard let held = ruling[].held else { return }
        ruling[].held = nil
        bodyBuffers.takeBack(&held[].raw)
        headBuffers.takeBack(&held[].content)
        trailerBuffers.takeBack(&held[].trailers)
        heldAnswers.remove(held)
    }
}
