import Kubernetes
import Testing
import Wire

@testable import Command

@Suite struct ReachProbeTests {
    private func slice(_ endpoints: [(address: String, pod: String)], port: Int = 80) -> EndpointSlice {
        var slice = EndpointSlice()
        slice.meta.namespace = "shop"
        var entry = EndpointSlice.Port()
        entry.port = port
        slice.ports = [entry]
        slice.endpoints = endpoints.map { given in
            var endpoint = EndpointSlice.Endpoint()
            endpoint.address = given.address
            endpoint.targetName = given.pod
            endpoint.targetKind = given.pod.isEmpty ? "" : "Pod"
            return endpoint
        }
        return slice
    }

    private func places(_ slices: EndpointSlice...) -> [String] {
        ReachProbe.places(in: slices).map { "\($0.description(withPort: true))" }
    }

    @Test("ready pods are tried")
    func pods() {
        #expect(
            places(slice([("10.0.0.1", "a"), ("fd00::1", "b")], port: 8080)) == [
                "10.0.0.1:8080", "[fd00::1]:8080",
            ])
    }

    @Test("what is no pod, is not ready, or has no port is not")
    func others() {
        var unready = slice([("10.0.0.1", "a")])
        unready.endpoints[0].isReady = false
        var portless = slice([("10.0.0.2", "b")])
        portless.ports = []
        #expect(places(unready, portless, slice([("10.0.0.3", "")])) == [])
    }

    @Test("an address that several pods have is their node's; one pod of several Services has its own")
    func nodes() {
        #expect(
            places(
                slice([("10.0.0.1", "a")]), slice([("10.0.0.1", "b"), ("10.0.0.2", "c")]),
                slice([("10.0.0.2", "c")]))
                == ["10.0.0.2:80"])
    }

    @Test("of many a few are tried, from all over")
    func few() {
        let many = slice((0..<250).map { ("10.0.0.\($0)", "pod-\($0)") })
        #expect(places(many).count == ReachProbe.most)
    }

    @Test("who listens is reachable, and who does not is not")
    func connections() throws {
        let address = try #require(SocketAddress("127.0.0.1", port: 0))
        let listener = try Listener(address, v6Only: false, deferAccept: false)
        #expect(ReachProbe.reachable(among: [listener.address], milliseconds: 5_000) == 1)
        let gone = try #require(SocketAddress("127.0.0.1", port: 1))
        #expect(ReachProbe.reachable(among: [gone, listener.address], milliseconds: 5_000) == 1)
        #expect(ReachProbe.reachable(among: [], milliseconds: 5_000) == 0)
    }
}
