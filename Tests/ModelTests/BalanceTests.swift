import Model
import Testing

@Suite("Balance")
struct BalanceTests {
    @Test(
        "it is described by the words of haproxy.cfg",
        arguments: [
            (.roundRobin, "roundrobin"), (.staticRoundRobin, "static-rr"), (.leastConnections, "leastconn"),
            (.first, "first"), (.random(draws: 2), "random(2)"), (.source, "source"),
            (.hash(.uri(URIPart())), "uri"), (.hash(.parameter("sid")), "url_param sid"),
            (.hash(.parameter("sid", searchesPosts: true)), "url_param sid check_post"),
            (.hash(.header("host", domainOnly: true)), "hdr(host) use_domain_only"),
            (.hash(.header("x-key", domainOnly: false)), "hdr(x-key)"),
        ] as [(Balance, String)])
    func descriptions(balance: Balance, expected: String) {
        #expect(balance.description == expected)
    }

    @Test("parts of a target are named in full")
    func uriParts() {
        var part = URIPart()
        (part.length, part.depth, part.isWhole, part.isPathOnly) = (9, 2, true, true)
        #expect(Balance.hash(.uri(part)).description == "uri len 9 depth 2 whole path-only")
    }

    @Test("the short hash types are what HAProxy means by them")
    func hashTypes() {
        #expect(HashType.mapBased.description == "map-based sdbm")
        #expect(HashType.consistent.description == "consistent sdbm avalanche")
    }

    @Test("a backend begins with HAProxy's defaults")
    func defaults() {
        let backend = Backend(
            servers: [Server(address: "10.0.0.1", port: 80)], origin: Origin(namespace: "a", name: "b"))
        #expect(backend.balance == .roundRobin)
        #expect(backend.hashType == .mapBased)
        #expect(backend.hashBalanceFactor == 0)
        #expect(!backend.usesAllBackups)
        let server = backend.servers[0]
        #expect((server.weight, server.id, server.slowStart, server.isBackup) == (1, 0, 0, false))
        #expect(server.hashKey == .id)
    }
}
