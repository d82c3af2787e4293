import Model
import Testing

@Suite("Backend")
struct BackendTests {
    private let plain = Backend(servers: [], origin: Origin(namespace: "shop", name: "web"))

    @Test("settings are changed in one backend alone, also where it has them in common with another")
    func alone() {
        var first = plain
        var second = plain
        let isShared = second.share(settingsOf: first)
        second.timeouts.connect = 7
        second.retries = 9
        #expect(isShared)
        #expect((first.timeouts.connect, first.retries) == (5_000, 3))
        #expect((second.timeouts.connect, second.retries) == (7, 9))
        first.retries = 1
        #expect((first.retries, second.retries, plain.retries) == (1, 9, 3))
    }

    @Test("equal settings are held in common, others are not")
    func sharing() {
        var first = plain
        first.balance = .leastConnections
        var second = Backend(servers: [Server(address: "10.0.0.1", port: 80)], origin: plain.origin)
        let isSharedBefore = second.share(settingsOf: first)
        #expect(!isSharedBefore && second.balance == plain.balance)
        second.balance = .leastConnections
        let isSharedAfter = second.share(settingsOf: first)
        #expect(isSharedAfter)
        #expect(second.balance == .leastConnections && second.servers.count == 1)
    }

    @Test("two are equal by what they hold, not by where they hold it")
    func equality() {
        var other = Backend(servers: [], origin: plain.origin)
        #expect(other == plain)
        other.retries = 0
        #expect(other != plain)
        other.retries = plain.retries
        #expect(other == plain)
        other.origin.name = "api"
        #expect(other != plain)
    }
}
