import Basics
import Wire

/// Heads of answers as HTTP/2 has them; bodies pass as they do for any client, but without framing.
extension Worker {
    /// The head of a server's final answer. False if it has more fields than can be sent.
    func respond(_ exchange: Ref<Exchange>, on channel: StreamChannel, head: ByteView) -> Bool {
        guard let block = http2?.block else { return false }
        let status = exchange[].response.status
        block.begin(status: status)
        headScratch.reset()
        let isCompressed = exchange[].compression != nil
        if isCompressed {
            guard block.add(lines: compressed.view) else { return false }
        } else if status != 204, let length = exchange[].response.announcedLength {
            headScratch.append(decimal: length)
            block.add("content-length", headScratch.view)
        }
        guard addKept(exchange, head, to: block) else { return false }
        channel.respond(with: block, hasBody: isCompressed || !exchange[].responseBody.isComplete)
        exchange[].bytesOut &+= UInt64(head.count)
        exchange[].headOut &+= UInt64(head.count)
        headScratch.reset()
        return true
    }

    /// Adds the server's fields that are passed on, and the backend's cookie; what is made for it is behind the end of the
    /// scratch for heads.
    private func addKept(_ exchange: Ref<Exchange>, _ head: ByteView, to block: FieldBlock) -> Bool {
        guard setsCookies(exchange) else {
            return block.add(kept: exchange[].response.fields, from: head, dropping: HeaderNames())
        }
        let start = headScratch.count
        guard headScratch.write({ writeSetCookies(exchange, head, to: &$0) }) else { return false }
        return block.add(
            kept: exchange[].response.fields, from: head, dropping: HeaderNames().with(.setCookie))
            && block.add(lines: headScratch.view[start..<headScratch.count])
    }

    func passInterim(_ exchange: Ref<Exchange>, on channel: StreamChannel, head: ByteView) {
        guard let block = http2?.block else { return }
        block.begin(status: exchange[].response.status)
        guard addKept(exchange, head, to: block) else { return }
        channel.interim(with: block)
    }

    /// The server has switched protocols: for a stream that is success (RFC 8441 5).
    func openTunnel(_ exchange: Ref<Exchange>, on channel: StreamChannel, head: ByteView) -> Bool {
        guard let block = http2?.block else { return false }
        block.begin(status: 200)
        headScratch.reset()
        removeProof(exchange, head)
        guard addKept(exchange, head, to: block) else { return false }
        channel.respond(with: block, hasBody: true)
        exchange[].bytesOut &+= UInt64(head.count)
        exchange[].headOut &+= UInt64(head.count)
        headScratch.reset()
        return true
    }

    /// An answer of our own, its body in the scratch for heads. A gRPC client reads its status, not that of HTTP.
    func respond(_ exchange: Ref<Exchange>, _ own: OwnAnswer, on channel: StreamChannel) {
        headScratch.reset()
        guard let block = http2?.block else { return }
        if own.shown >= 400, isGRPC(exchange) {
            block.begin(grpcForHTTP: own.shown)
            return channel.respond(with: block, hasBody: false)
        }
        block.begin(status: own.shown)
        guard block.add(lines: own.fields), block.add(lines: own.added) else {
            block.begin(status: own.shown)
            return channel.respond(with: block, hasBody: false)
        }
        let hasBody = !exchange[].request.isHead && !own.body.isEmpty
        channel.respond(with: block, hasBody: hasBody)
        if hasBody { headScratch.append(own.body) }
    }

    private func isGRPC(_ exchange: Ref<Exchange>) -> Bool {
        guard exchange[].headAt != 0 else { return false }
        let head = head(of: exchange)
        for i in 0..<exchange[].request.fields.count {
            let field = exchange[].request.fields[i]
            let name = field.name(in: head)
            guard name.equalsIgnoringCase("content-type") else { continue }
            return GRPC.isRequest(contentType: field.value(in: head))
        }
        return false
    }
}
