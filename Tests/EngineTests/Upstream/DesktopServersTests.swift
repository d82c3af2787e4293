import Basics
import Model
import Synchronization
import Testing
import Wire

@testable import Engine

@Suite("Servers that remote desktops name")
struct DesktopServersTests {
    private let states = ["10.1.2.3", "10.1.2.4", "::1"].map { address in
        ServerState(
            address: SocketAddress(address, port: 3389) ?? SocketAddress(), name: address, identity: "",
            workers: 1)
    }

    private func servers(cookie: String? = "msts", keepsDown: Bool = false) -> DesktopServers? {
        var backend = Backend(
            servers: states.map { Server(address: $0.name.view.string, port: 3389) },
            origin: Origin(namespace: "", name: "b"))
        (backend.persistence.desktopCookie, backend.persistence.keepsDownServers) = (cookie, keepsDown)
        return DesktopServers(backend, states: states)
    }

    private func place(_ servers: DesktopServers?, _ value: String, isForced: Bool = false) -> Int? {
        let found = value.withView { servers?.server(of: $0, isForced: isForced) }
        return states.firstIndex { state in found?.toOpaque() == Unmanaged.passUnretained(state).toOpaque() }
    }

    // 10.1.2.3 is 10 + 1·2^8 + 2·2^16 + 3·2^24, and 3389 = 0x0D3D is 0x3D0D = 15629.
    private static let first = "50462986.15629"

    @Test("an address and a port lead to the server that has them")
    func named() {
        #expect(servers(cookie: nil) == nil)
        #expect(place(servers(), "\(Self.first).0000") == 0)
        #expect(place(servers(), "\(Self.first).") == 0)
        #expect(place(servers(), "67240202.15629.0000") == 1)
        #expect(place(servers(), "67240202.15630.0000") == nil)
        #expect(place(servers(), "84017418.15629.0000") == nil)
    }

    @Test(
        "what is no such value names nobody",
        arguments: [
            "", ".", "..", first, "x.15629.0000", "50462986.x.0", "-1.15629.0", "4294967296.15629.0",
            "50462986.65536.0",
            "99999999999999999999.15629.0", " 50462986.15629.0", "50462986..15629",
        ])
    func none(value: String) {
        #expect(place(servers(), value) == nil)
    }

    @Test("a server that is down is named in vain, unless somebody wants it so")
    func down() {
        states[0].isUp.store(false, ordering: .relaxed)
        defer { states[0].isUp.store(true, ordering: .relaxed) }
        let value = "\(Self.first).0000"
        #expect(place(servers(), value) == nil)
        #expect(place(servers(), value, isForced: true) == 0)
        #expect(place(servers(keepsDown: true), value) == 0)
    }
}
