import Basics
import Wire

/// Connections to servers that are one client's: they began with a PROXY header that names it.
///
/// HAProxy keeps them by the addresses they announce, among them the client's port; here they hang on the client's
/// connection, which comes to the same, and end with it at the latest.
extension Worker {
    /// An idle one of the exchange's client to this server, in use from now on.
    func takeOwn(for exchange: Ref<Exchange>, at place: Ref<ServerState.Place>) -> Ref<ServerConnection>? {
        // A repeated attempt wants a fresh one, as from the pool of all.
        guard exchange[].attempts == 0 || exchange[].isRedispatched, !exchange[].isSession,
            let details = exchange[].client[].details
        else { return nil }
        for i in 0..<5 {
            guard let connection = details[].idle[i], connection[].place == place,
                mayCarry(exchange, connection)
            else { continue }
            takeFromOwner(connection)
            return connection
        }
        return nil
    }

    /// Keeps one whose exchange is over; closes it if the client has enough.
    func keepForOwner(_ connection: Ref<ServerConnection>) {
        guard let owner = connection[].owner, !owner[].transport.isClosed else { return close(connection) }
        let details = detail(owner)
        guard let free = (0..<5).first(where: { details[].idle[$0] == nil }) else { return close(connection) }
        let place = connection[].place
        details[].idle[free] = connection
        connection[].phase = .idle
        connection[].previous = nil
        connection[].next = place[].ownIdle
        place[].ownIdle?[].previous = connection
        place[].ownIdle = connection
        setTimer(connection, connection[].idleLifetime)
    }

    func takeFromOwner(_ connection: Ref<ServerConnection>) {
        let place = connection[].place
        if let previous = connection[].previous {
            previous[].next = connection[].next
        } else {
            place[].ownIdle = connection[].next
        }
        connection[].next?[].previous = connection[].previous
        connection[].previous = nil
        connection[].next = nil
        connection[].phase = .active
        guard let details = connection[].owner?[].details else { return }
        for i in 0..<5 where details[].idle[i] == connection { details[].idle[i] = nil }
    }
}
