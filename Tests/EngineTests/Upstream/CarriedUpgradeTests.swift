import Testing

@testable import Engine

@Suite("Upgrades over HTTP/2")
struct CarriedUpgradeTests {
    @Test("a WebSocket is a tunnel where the server takes them")
    func tunnels() {
        for isFromStream in [true, false] {
            let choice = CarriedUpgrade(
                isWebSocket: true, isFromStream: isFromStream, serverTakesTunnels: true)
            #expect(choice == .tunnel)
        }
    }

    @Test("what can not be a tunnel is an ordinary request for HTTP/1, and refused for a stream")
    func others() {
        for (isWebSocket, takes) in [(true, false), (false, true), (false, false)] {
            #expect(
                CarriedUpgrade(isWebSocket: isWebSocket, isFromStream: false, serverTakesTunnels: takes)
                    == .request)
            #expect(
                CarriedUpgrade(isWebSocket: isWebSocket, isFromStream: true, serverTakesTunnels: takes)
                    == .refused)
        }
    }
}
