import Basics
import Wire

/// Servers that are reached through a relay: heads get its path and its credentials on their way out, and its own answers are told of.
extension Worker {
    /// Gives a server what begins with the head of a request. False when it is gone.
    @inline(__always)
    func deliverHead(_ bytes: ByteView, to connection: Ref<ServerConnection>) -> Bool {
        connection[].isRelayed ? deliverRelayed(bytes, to: connection) : deliver(bytes, to: connection)
    }

    private func deliverRelayed(_ bytes: ByteView, to connection: Ref<ServerConnection>) -> Bool {
        let form = connection[].server._withUnsafeGuaranteedRef { $0.relay?.form }
        guard let form else { return false }
        connection[].exchange?[].looksAtAnswer = true
        bodyBuffers.lend(to: &connection[].output, atLeast: bytes.count + form.growth)
        guard connection[].output.write({ form.write(bytes, to: &$0) }) else { return false }
        return flush(connection)
    }

    /// Tells of an answer that the relay itself has given. Its head are the first bytes of the scratch; of its body counts what
    /// came with it.
    func noteRelaysAnswer(_ exchange: Ref<Exchange>, headCount: Int) {
        guard exchange[].response.status >= 400, let server = exchange[].server, headCount < scratch.count
        else {
            return
        }
        let body = scratch.view[headCount..<scratch.count]
        let isOwn = server._withUnsafeGuaranteedRef { $0.relay?.form.isOwn(body) ?? false }
        guard isOwn else { return }
        onRelayRefusal(
            RelayRefusal(
                status: exchange[].response.status,
                backend: exchange[].backend?._withUnsafeGuaranteedRef {
                    String(decoding: $0.name.view.bytes, as: UTF8.self)
                }
                    ?? "",
                server: server._withUnsafeGuaranteedRef {
                    String(decoding: $0.name.view.bytes, as: UTF8.self)
                },
                body: body[0..<min(body.count, RelayRefusal.mostBytes)].bytes))
    }
}
