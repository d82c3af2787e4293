/// What becomes of a request for an upgrade on a connection of HTTP/2: a pure decision.
enum CarriedUpgrade: Equatable {
    /// Its stream becomes the tunnel (RFC 8441).
    case tunnel
    /// It goes as any other request does, which a client of HTTP/1 has to reckon with (RFC 9110 7.8).
    case request
    /// It can not be what it is: 501.
    case refused

    /// Decides by what is asked for, by whom, and by what the server has announced.
    init(isWebSocket: Bool, isFromStream: Bool, serverTakesTunnels: Bool) {
        self =
            if isWebSocket, serverTakesTunnels { .tunnel } else if isFromStream { .refused } else { .request }
    }
}
