import Basics
import Wire

/// Large bodies that nobody looks at go from socket to socket within the kernel.
extension Worker {
    enum Piping {
        /// It goes on.
        case moved
        /// The exchange is over.
        case ended
        /// The rest is read as usual.
        case notHere
    }

    /// Whether an answer's body can go so: its length is known, both sides are sockets without TLS, and nothing is done with its bytes.
    func canPipe(_ exchange: Ref<Exchange>) -> Bool {
        exchange[].responseBody.mostBytes >= Sizes.leastPiped && exchange[].responseBody.mostBytes < .max
            && !exchange[].worksOnBody && !exchange[].isThrottled && exchange[].errand == .none
            && exchange[].client[].transport.isPlainSocket
            && exchange[].serverConnection?[].transport.isPlainSocket == true
    }

    /// Moves a piece of an answer's body. Its last bytes are left to a read that asks for more: only that shows that nothing stands behind
    /// them. Not much more is taken than the client's socket has room for: what it does not take is copied.
    func pipeAnswer(_ exchange: Ref<Exchange>, from connection: Ref<ServerConnection>) -> Piping {
        let client = exchange[].client
        let left = exchange[].responseBody.mostBytes - Sizes.pipedTail
        guard left > 0 else {
            exchange[].isPiped = false
            return .notHere
        }
        let room = max(client[].transport.roomToWrite, Sizes.pipedTail)
        switch connection[].transport.read(into: pipe, most: min(left, room)) {
        case .bytes(let count):
            moved &+= count
            exchange[].bytesOut &+= UInt64(count)
            exchange[].responseBody.pass(count)
            guard deliverPiped(to: client) else {
                clientGone(client)
                return .ended
            }
            return .moved
        case .wouldBlock: return .moved
        case .closed, .failed:
            exchange[].isPiped = false
            return .notHere
        }
    }

    private func deliverPiped(to client: Ref<ClientConnection>) -> Bool {
        while pipe.count > 0 {
            switch client[].transport.write(from: pipe) {
            case .bytes: continue
            case .wouldBlock:
                scratch.reset()
                guard pipe.empty(into: &scratch) else {
                    pipe.close()
                    return false
                }
                return deliver(scratch.view, to: client)
            case .closed, .failed:
                pipe.close()
                return false
            }
        }
        return true
    }
}
