import Model
import Testing

@Suite("Server")
struct ServerTests {
    private let plain = Server(address: "10.0.0.1", port: 80)

    @Test("without extras it has their defaults")
    func defaults() {
        #expect((plain.maxConnections, plain.minConnections, plain.maxQueue, plain.id) == (0, 0, 0, 0))
        #expect((plain.slowStart, plain.cookie, plain.hashKey) == (0, "", .id))
        #expect(plain.sentProxyHeader == nil && plain.check == nil && plain.tls == nil && plain.relay == nil)
    }

    @Test("an extra is that of one server alone")
    func alone() {
        var first = plain
        first.maxConnections = 10
        first.check = ServerCheck()
        var second = first
        second.maxConnections = 20
        second.check?.interval = 7
        #expect((first.maxConnections, first.check?.interval) == (10, 2_000))
        #expect((second.maxConnections, second.check?.interval) == (20, 7))
        #expect(plain.maxConnections == 0)
    }

    @Test("extras that have gone back to their defaults are none")
    func back() {
        var server = plain
        server.cookie = "a"
        server.tls = ServerTLS()
        #expect(server != plain)
        server.cookie = ""
        #expect(server != plain)
        server.tls = nil
        #expect(server == plain && server.hashValue == plain.hashValue)
    }

    @Test("equal extras are equal, wherever they are held")
    func equality() {
        var (first, second) = (plain, plain)
        first.check = ServerCheck(.tls)
        second.check = ServerCheck(.tls)
        #expect(first == second && Set([first, second]).count == 1)
        second.check?.rise = 9
        #expect(first != second)
    }
}
