import Model

/// Which silence ends a tunnel first, and whose: HAProxy's time limits for connections whose bytes are not read.
///
/// Whatever moves in a tunnel moves at both sides, one reads and the other writes; so one timer is enough, the shorter one.
/// Unless bytes wait for somebody to take them: then the others are not to blame.
struct TunnelTimer: Equatable {
    /// Whose silence it is.
    enum Side {
        case client
        case server
    }

    /// How long it may last, in milliseconds; 0 is for ever.
    let limit: Int
    let side: Side

    /// What a tunnel waits for.
    struct State {
        /// One of the two has ended its side.
        var isHalfClosed = false
        /// Bytes wait for the client.
        var clientIsFull = false
        /// Bytes wait for the server.
        var serverIsFull = false
    }

    init(client: ClientTimeouts, server: ServerTimeouts, _ state: State) {
        var limits = server.tunnel > 0 ? (server.tunnel, server.tunnel) : (client.client, server.server)
        if state.isHalfClosed, client.halfClosed > 0 { limits.0 = client.halfClosed }
        if state.isHalfClosed, server.halfClosed > 0 { limits.1 = server.halfClosed }
        if state.clientIsFull != state.serverIsFull {
            side = state.clientIsFull ? .client : .server
        } else {
            side = limits.0 > 0 && limits.0 <= limits.1 || limits.1 <= 0 ? .client : .server
        }
        limit = max(0, side == .client ? limits.0 : limits.1)
    }
}
