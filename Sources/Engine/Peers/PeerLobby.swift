import Wire

/// Those who have called and not said yet who they are: some of each address, and of all together. Who comes is let in, and the
/// one that has been silent longest where most are leaves for it, so that nobody holds a port by saying nothing. Addresses of peers
/// have a room of their own.
///
/// ```
///   known addresses     [a a a b]            8 of one address, 16 in all
///   all others          [x x x x x x x x y]  the same; x goes before y does
/// ```
struct PeerLobby {
    /// Guests, the one that came first in front.
    private var guests: [Guest] = []

    private struct Guest {
        let token: UInt64
        let place: SocketAddress
        let isKnown: Bool
    }

    static let mostOfOnePlace = 8
    static let most = 16

    /// How many wait.
    var count: Int { guests.count }

    /// Lets somebody in; who has to leave for it, if anybody. `known` are the addresses of peers.
    mutating func enter(_ token: UInt64, from address: SocketAddress, known: [SocketAddress]) -> UInt64? {
        let place = PeerLobby.place(address)
        let isKnown = known.contains { PeerLobby.place($0) == place }
        let leaving = leaving(for: place, isKnown: isKnown)
        if let leaving { leave(leaving) }
        guests.append(Guest(token: token, place: place, isKnown: isKnown))
        return leaving
    }

    /// It has said who it is, or it is gone.
    mutating func leave(_ token: UInt64) { guests.removeAll { $0.token == token } }

    private func leaving(for place: SocketAddress, isKnown: Bool) -> UInt64? {
        let room = guests.filter { $0.isKnown == isKnown }
        let own = room.filter { $0.place == place }
        if own.count >= Self.mostOfOnePlace { return own[0].token }
        guard room.count >= Self.most else { return nil }
        func crowd(_ guest: Guest) -> Int { room.count { $0.place == guest.place } }
        let largest = room.map(crowd).max() ?? 0
        return room.first { crowd($0) == largest }?.token
    }

    /// Whoever has an IPv6 address has all of its network.
    private static func place(_ address: SocketAddress) -> SocketAddress {
        address.masked(v4: .max, v6: 64)
    }
}
