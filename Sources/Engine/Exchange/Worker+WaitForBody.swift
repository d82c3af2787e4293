import Basics
import Model
import Wire

/// Requests that get a server only when their body is here, or as much of it as the buffer takes (HAProxy's `option
/// http-buffer-request`): a slow client costs its server nothing, and what is here can be sent again or looked at.
extension Worker {
    /// Begins to wait, if that is wanted and there is something to wait for; false if the request goes on at once.
    func waitsForBody(_ exchange: Ref<Exchange>) -> Bool {
        let client = exchange[].client
        guard let set = exchange[].servers, !exchange[].request.wantsUpgrade,
            frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef({ $0.buffersRequests })
                || set._withUnsafeGuaranteedRef({ $0.settings.buffersRequests })
                || set._withUnsafeGuaranteedRef({ $0.settings.algorithm.searchesPosts }) && isPost(exchange),
            needsMore(exchange), exchange[].request.framing == .chunked || waitsForAll(exchange, set)
        else { return false }
        exchange[].phase = .buffering
        askForBody(exchange)
        setTimer(client, settings(of: client).timeouts.request)
        readBody(exchange)
        return true
    }

    /// Waits for the body because a rule says so, and goes on with the rule `next`; false if there is nothing to wait for.
    func pauses(_ exchange: Ref<Exchange>, for wait: BodyWait, before next: Int) -> Bool {
        guard !exchange[].requestBody.isComplete, !exchange[].request.wantsUpgrade else { return false }
        let client = exchange[].client
        let ruling = ruling(of: exchange)
        ruling[].pause = (next, wait.least, false)
        guard needsMore(exchange) else {
            ruling[].pause = nil
            return false
        }
        exchange[].phase = .buffering
        askForBody(exchange)
        setTimer(client, wait.time ?? settings(of: client).timeouts.request)
        readBody(exchange)
        return true
    }

    /// Whether bodies are waited for whose length is known.
    private func waitsForAll(_ exchange: Ref<Exchange>, _ set: Unmanaged<ServerSet>) -> Bool {
        set._withUnsafeGuaranteedRef { $0.settings.waitsForAll }
            || frontends[Int(exchange[].client[].frontend)]._withUnsafeGuaranteedRef { $0.buffersRequests }
    }

    private func needsMore(_ exchange: Ref<Exchange>) -> Bool {
        if let least = exchange[].ruling?[].pause?.least, least > 0, exchange[].initialBody >= least {
            return false
        }
        guard !exchange[].requestBody.isComplete, exchange[].initialBody < Sizes.initialBody else {
            return false
        }
        return exchange[].client[].transport.isStream || exchange[].client[].input.room > Sizes.leastRead
    }

    func isPost(_ exchange: Ref<Exchange>) -> Bool {
        head(of: exchange)[exchange[].request.method.indices].equals("POST")
    }

    /// A client that waits to be asked (RFC 9110 10.1.1) is, and the server need not do it again.
    func askForBody(_ exchange: Ref<Exchange>) {
        guard exchange[].request.expectsContinue, exchange[].request.minorVersion == 1 else { return }
        for i in 0..<exchange[].request.fields.count where exchange[].request.fields[i].name == .expect {
            exchange[].request.fields[i].isRemoved = true
        }
        if let channel = exchange[].client[].transport.channel {
            guard let block = http2?.block else { return }
            block.begin(status: 100)
            return channel.interim(with: block)
        }
        _ = deliver(("HTTP/1.1 100 Continue\r\n\r\n" as StaticString).view, to: exchange[].client)
    }

    /// More of the body may have come.
    func continueBody(_ exchange: Ref<Exchange>) {
        let client = exchange[].client
        readBody(exchange)
        resume(client)
    }

    /// Reads what there is, and goes on with the request if it is enough.
    private func readBody(_ exchange: Ref<Exchange>) {
        let client = exchange[].client
        while needsMore(exchange) {
            if let channel = client[].transport.channel {
                guard takeStreamBody(exchange, channel) else { return }
                if needsMore(exchange) { return }
            } else {
                guard client[].transport.canRead else { return }
                guard takeBody(exchange) else { return }
            }
        }
        exchange[].phase = .head
        setTimer(client, 0)
        if exchange[].isCopied, exchange[].requestBody.isComplete {
            copyPiece(initialBody(of: exchange), exchange)
            endCopy(of: exchange)
        }
        if exchange[].ruling?[].pause != nil { return resumeRules(exchange) }
        takeNewestServers(exchange)
        assignServer(exchange)
    }

    /// One read, decoded, behind what is here already; false when the exchange is over or must wait.
    private func takeBody(_ exchange: Ref<Exchange>) -> Bool {
        let client = exchange[].client
        scratch.reset()
        switch client[].transport.read(into: &scratch, most: client[].input.room) {
        case .bytes(let count): exchange[].bytesIn &+= UInt64(count)
        case .wouldBlock: return false
        case .closed, .failed:
            abort(client, .clientGoneInData)
            return false
        }
        var pieces = BodyDecoder.Pieces()
        let progress = scratch.withMutableBytes { bytes, count in
            exchange[].requestBody.decode(
                bytes, count: count, pieces: &pieces, trailers: &exchange[].trailers, pool: trailerBuffers)
        }
        exchange[].bytesIn &-= UInt64(pieces.rest)
        exchange[].initialBody += pieces.content
        client[].input.append(scratch.view[0..<pieces.content + pieces.rest])
        if case .refused(let error) = progress {
            refuse(exchange, error)
            return false
        }
        let limit = bodyLimit(of: exchange)
        guard limit == 0 || exchange[].bytesIn <= UInt64(limit) &+ UInt64(exchange[].request.count) else {
            refuse(exchange, .bodyTooLarge)
            return false
        }
        return true
    }

    /// What has come stays in the stream; false if it is too much.
    private func takeStreamBody(_ exchange: Ref<Exchange>, _ channel: StreamChannel) -> Bool {
        guard !isBodyTooLarge(exchange, channel) else {
            refuse(exchange, .bodyTooLarge)
            return false
        }
        let waiting = channel.stream[].input.count
        let count = min(waiting, Sizes.initialBody)
        exchange[].bytesIn &+= UInt64(count - exchange[].initialBody)
        exchange[].initialBody = count
        if channel.stream[].isEnded, count == waiting { exchange[].requestBody = BodyDecoder(.none) }
        return true
    }
}
