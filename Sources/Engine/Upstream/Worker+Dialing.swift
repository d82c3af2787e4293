import Basics
import Wire

/// Connections to servers while they are being made. A machine that went together with its server answers nobody, so those to
/// a server that is gone by now are given up before their time-out, if the request may go elsewhere.
extension Worker {
    /// An exchange waits for its connection from now on.
    func wait(_ exchange: Ref<Exchange>, for connection: Ref<ServerConnection>) {
        assign(exchange, to: connection)
        let place = connection[].place
        connection[].next = place[].dialing
        place[].dialing?[].previous = connection
        place[].dialing = connection
    }

    /// It stands, or never will. Of no effect for one that is not among them.
    func endDialing(_ connection: Ref<ServerConnection>) {
        let place = connection[].place
        if let previous = connection[].previous {
            previous[].next = connection[].next
        } else if place[].dialing == connection {
            place[].dialing = connection[].next
        }
        connection[].next?[].previous = connection[].previous
        connection[].previous = nil
        connection[].next = nil
    }

    /// Requests that wait for a connection to a server that is gone go to another one. Those that may not, or for which there
    /// is none, go on waiting.
    func redial(insteadOf server: ServerState) {
        let place = server.perWorker.reference(index)
        while let connection = place[].dialing {
            endDialing(connection)
            guard let exchange = connection[].exchange, isOutdated(exchange),
                decision(about: .connect, exchange) == .another
            else { continue }
            let client = exchange[].client
            close(connection)
            attemptFailed(exchange, .connect)
            resume(client)
        }
    }

    /// Whether its backend has other servers by now than those it was given.
    private func isOutdated(_ exchange: Ref<Exchange>) -> Bool {
        newestServers(of: exchange)?.toOpaque() != exchange[].servers?.toOpaque()
    }
}
