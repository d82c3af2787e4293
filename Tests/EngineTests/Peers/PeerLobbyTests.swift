import Testing
import Wire

@testable import Engine

@Suite("Peers: those who have called")
struct PeerLobbyTests {
    private func address(_ text: String, port: UInt16 = 1_000) -> SocketAddress {
        SocketAddress(text, port: port) ?? SocketAddress()
    }

    private let known = ["192.0.2.1", "192.0.2.2"].compactMap { SocketAddress($0, port: 0) }

    @Test("of one address the oldest leaves when there are too many, whatever its ports")
    func onePlace() {
        var lobby = PeerLobby()
        for token in 1...8 {
            let port = UInt16(token)
            #expect(
                lobby.enter(UInt64(token), from: address("198.51.100.1", port: port), known: known) == nil)
        }
        #expect(lobby.enter(9, from: address("198.51.100.1"), known: known) == 1)
        #expect(lobby.enter(10, from: address("198.51.100.1"), known: known) == 2)
        #expect(lobby.enter(11, from: address("198.51.100.2"), known: known) == nil)
        #expect(lobby.count == 9)
    }

    @Test("who waits from a full address does not keep others out")
    func allPlaces() {
        var lobby = PeerLobby()
        #expect(lobby.enter(1, from: address("198.51.100.9"), known: []) == nil)
        for token in 2...9 {
            #expect(lobby.enter(UInt64(token), from: address("198.51.100.1"), known: []) == nil)
        }
        for token in 10...16 {
            #expect(lobby.enter(UInt64(token), from: address("198.51.100.2"), known: []) == nil)
        }
        #expect(
            lobby.enter(17, from: address("198.51.100.3"), known: []) == 2, "the oldest of the largest crowd")
        #expect(lobby.enter(18, from: address("198.51.100.4"), known: []) == 3)
        #expect(lobby.count == 16)
    }

    @Test("strangers never displace callers from the addresses of peers")
    func knownPlaces() {
        var lobby = PeerLobby()
        #expect(lobby.enter(1, from: address("192.0.2.1"), known: known) == nil)
        for token in 2...100 {
            let leaving = lobby.enter(UInt64(token), from: address("198.51.100.\(token)"), known: known)
            #expect(leaving != 1)
        }
        #expect(lobby.count == 17)
        #expect(lobby.enter(200, from: address("192.0.2.2"), known: known) == nil)
    }

    @Test("an IPv6 network counts as one address, and an IPv4 one that is written as IPv6 as itself")
    func networks() {
        var lobby = PeerLobby()
        for token in 1...8 {
            _ = lobby.enter(UInt64(token), from: address("2001:db8::\(token)"), known: known)
        }
        #expect(lobby.enter(9, from: address("2001:db8::ffff"), known: known) == 1)
        #expect(lobby.enter(10, from: address("2001:db8:0:1::1"), known: known) == nil)
        #expect(lobby.enter(11, from: address("::ffff:192.0.2.1"), known: known) == nil)
        #expect(lobby.count == 10)
    }

    @Test("who has said who it is, or is gone, waits no more")
    func leaving() {
        var lobby = PeerLobby()
        for token in 1...8 { _ = lobby.enter(UInt64(token), from: address("198.51.100.1"), known: []) }
        lobby.leave(3)
        lobby.leave(3)
        lobby.leave(77)
        #expect(lobby.count == 7)
        #expect(lobby.enter(9, from: address("198.51.100.1"), known: []) == nil)
    }
}
