import Model
import Testing

@Suite struct RelayTests {
    private let relay = Relay(
        pathPrefix: "/api/v1/namespaces/a/pods/b:80/proxy",
        credentials: RelayCredentials(
            [RelayCredentials.Field("Authorization", "Bearer hush-hush")], reserved: ["authorization"]))

    @Test("nothing that is printed holds a credential")
    func redacted() {
        var server = Server(address: "10.0.0.1", port: 6443)
        server.relay = relay
        var dumped = ""
        dump(server, to: &dumped)
        dump(relay, to: &dumped)
        dump(relay.credentials, to: &dumped)
        dump(RelayCredentials.Field("Authorization", "Bearer hush-hush"), to: &dumped)
        dumped += "\(server) \(relay) \(relay.credentials) \(RelayCredentials.Field("A", "hush-hush"))"
        dumped += String(reflecting: server) + String(reflecting: relay.credentials)
        #expect(!dumped.contains("hush"))
        #expect(dumped.contains("pods/b:80"))
    }

    @Test("servers differ by their relays, and by nothing else of them than what they say")
    func equality() {
        var (one, other) = (Server(address: "10.0.0.1", port: 1), Server(address: "10.0.0.1", port: 1))
        one.relay = relay
        #expect(one != other)
        other.relay = Relay(
            pathPrefix: relay.pathPrefix,
            credentials: RelayCredentials(
                [RelayCredentials.Field("Authorization", "Bearer hush-hush")], reserved: ["authorization"]))
        #expect(one == other && one.hashValue == other.hashValue)
        other.relay?.credentials = RelayCredentials(
            [RelayCredentials.Field("Authorization", "Bearer other")], reserved: ["authorization"])
        #expect(one != other)
    }
}
