import Model
import Testing

@testable import Engine

@Suite("Server limit")
struct ServerLimitTests {
    private func limit(_ least: Int, _ most: Int, queue: Int = 0) -> ServerLimit {
        var server = Server(address: "10.0.0.1", port: 80)
        (server.minConnections, server.maxConnections, server.maxQueue) = (least, most, queue)
        return ServerLimit(server)
    }

    @Test("without minconn the limit is maxconn at all times, or none")
    func fixed() {
        for requests in [0, 1, 100, .max] {
            #expect(limit(0, 20).places(requests: requests, full: 50) == 20)
            #expect(limit(0, 0).places(requests: requests, full: 50) == 0)
        }
        #expect(!limit(0, 20).isDynamic)
    }

    @Test("minconn alone, or above maxconn, is maxconn", arguments: [(7, 0), (7, 5), (7, 7)])
    func least(least: Int, most: Int) {
        #expect(limit(least, most).places(requests: 0, full: 50) == 7)
        #expect(!limit(least, most).isDynamic)
    }

    // HAProxy: MAX(minconn, beconn * maxconn / fullconn), and maxconn from fullconn on.
    @Test(
        "between them it grows with the backend's requests",
        arguments: [
            (0, 5), (1, 5), (9, 5), (10, 5), (11, 5), (12, 6), (13, 6), (14, 7), (20, 10), (39, 19), (40, 20),
            (41, 20), (1_000, 20),
        ])
    func between(requests: Int, expected: Int) {
        #expect(limit(5, 20).places(requests: requests, full: 40) == expected)
    }

    @Test("without fullconn it is maxconn")
    func noFull() { #expect(limit(5, 20).places(requests: 0, full: 0) == 20) }

    @Test("senseless numbers neither overflow nor trap")
    func extremes() {
        #expect(limit(-5, -1).places(requests: -3, full: 4) == 0)
        #expect(limit(1, .max).places(requests: .max - 1, full: .max) == .max - 1)
        #expect(limit(1, .max).places(requests: -1, full: .max) == 1)
        #expect(limit(2, 9, queue: -4).queue == 0)
    }
}
