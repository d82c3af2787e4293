import Kubernetes
import Model
import Testing

@testable import Controller

@Suite struct EndpointSelectionTests {
    private func servers(_ slices: EndpointSlice..., families: [String] = [], port name: String = "")
        -> [String]
    {
        EndpointSelection(service: service("web", families: families), slices: slices)
            .servers(for: port(80, name)).map { "\($0.address):\($0.port)" }
    }

    @Test("ready endpoints serve, others do not")
    func ready() {
        #expect(
            servers(slice("s", of: "web", endpoint("10.0.0.1"), endpoint("10.0.0.2", ready: false)))
                == ["10.0.0.1:8080"])
    }

    private func servers(in zone: String?, _ slices: EndpointSlice...) -> [String] {
        EndpointSelection(service: service("web"), slices: slices, zone: zone).servers(for: port(80)).map(
            \.address)
    }

    private func left(_ address: String, to zones: String..., ready: Bool = true) -> EndpointSlice.Endpoint {
        var entry = endpoint(address, ready: ready)
        entry.zones = zones
        return entry
    }

    @Test("endpoints that are left to zones are taken in theirs, by all who know their own")
    func zones() {
        let divided = slice(
            "s", of: "web", left("10.0.0.1", to: "a"), left("10.0.0.2", to: "b"),
            left("10.0.0.3", to: "a", "b"))
        #expect(servers(in: "a", divided) == ["10.0.0.1", "10.0.0.3"])
        #expect(servers(in: "b", divided) == ["10.0.0.2", "10.0.0.3"])
        #expect(servers(in: nil, divided).count == 3)
    }

    @Test("a zone with none gets all, and so does everybody of a slice that is not wholly divided")
    func zonesWithout() {
        let divided = slice("s", of: "web", left("10.0.0.1", to: "a"), left("10.0.0.2", to: "b"))
        #expect(servers(in: "c", divided).count == 2)
        let half = slice("s", of: "web", left("10.0.0.1", to: "a"), endpoint("10.0.0.2"))
        #expect(servers(in: "b", half).count == 2)
        let dead = slice(
            "s", of: "web", left("10.0.0.1", to: "a", ready: false), left("10.0.0.2", to: "b"))
        #expect(servers(in: "a", dead) == ["10.0.0.2"])
    }

    @Test(
        "a Service has to want it",
        arguments: [("Auto", true), ("auto", true), ("Disabled", false), ("", false)])
    func wanted(mode: String, expected: Bool) {
        var object = service("web")
        object.meta.annotations["service.kubernetes.io/topology-mode"] = mode
        #expect(object.prefersZones == expected)
    }

    @Test("terminating pods that still serve are used only when nothing else is left")
    func terminating() {
        let leaving = endpoint("10.0.0.1", ready: false, serving: true, terminating: true)
        #expect(servers(slice("s", of: "web", leaving, endpoint("10.0.0.2"))) == ["10.0.0.2:8080"])
        #expect(servers(slice("s", of: "web", leaving)) == ["10.0.0.1:8080"])
        let dying = endpoint("10.0.0.3", ready: false, serving: false, terminating: true)
        #expect(servers(slice("s", of: "web", leaving, dying)) == ["10.0.0.1:8080"])
        #expect(servers(slice("s", of: "web", dying)) == [])
    }

    @Test("an unready pod that serves without terminating is not used")
    func unready() {
        #expect(servers(slice("s", of: "web", endpoint("10.0.0.1", ready: false, serving: true))) == [])
    }

    @Test("publishNotReadyAddresses: a terminating pod that is told ready waits for its turn")
    func readyAndTerminating() {
        let leaving = endpoint("10.0.0.1", ready: true, serving: true, terminating: true)
        #expect(servers(slice("s", of: "web", leaving, endpoint("10.0.0.2"))) == ["10.0.0.2:8080"])
        #expect(servers(slice("s", of: "web", leaving)) == ["10.0.0.1:8080"])
    }

    @Test("several slices join; the same address and port is one server")
    func slices() {
        #expect(
            servers(
                slice("b", of: "web", endpoint("10.0.0.2"), endpoint("10.0.0.1")),
                slice("a", of: "web", endpoint("10.0.0.1"), endpoint("10.0.0.3")))
                == ["10.0.0.1:8080", "10.0.0.2:8080", "10.0.0.3:8080"])
    }

    @Test("one address with two ports is two servers")
    func ports() {
        #expect(
            servers(
                slice("a", of: "web", port: 8080, endpoint("10.0.0.1")),
                slice("b", of: "web", port: 9090, endpoint("10.0.0.1"))) == [
                    "10.0.0.1:8080", "10.0.0.1:9090",
                ])
    }

    @Test("the slice's port is found by the name of the Service's port")
    func namedPort() {
        let metrics = slice("a", of: "web", port: 9090, named: "metrics", endpoint("10.0.0.1"))
        let http = slice("b", of: "web", port: 8081, named: "http", endpoint("10.0.0.1"))
        #expect(servers(metrics, http, port: "http") == ["10.0.0.1:8081"])
        #expect(servers(metrics, http, port: "") == [])
    }

    @Test("a pod of a dual-stack Service counts once, by the first family if it has it")
    func dualStack() {
        let v4 = slice("a", of: "web", endpoint("10.0.0.1", pod: "p1"), endpoint("10.0.0.2", pod: "p2"))
        let v6 = slice(
            "b", of: "web", family: "IPv6", endpoint("fd00::1", pod: "p1"), endpoint("fd00::3", pod: "p3"))
        #expect(
            servers(v4, v6, families: ["IPv4", "IPv6"]) == ["10.0.0.1:8080", "10.0.0.2:8080", "fd00::3:8080"])
        #expect(
            servers(v4, v6, families: ["IPv6", "IPv4"]) == ["10.0.0.2:8080", "fd00::1:8080", "fd00::3:8080"])
    }

    @Test("the other family is used by a pod whose first one is not ready")
    func dualStackReadiness() {
        let v4 = slice("a", of: "web", endpoint("10.0.0.1", ready: false, pod: "p1"))
        let v6 = slice("b", of: "web", family: "IPv6", endpoint("fd00::1", pod: "p1"))
        #expect(servers(v4, v6, families: ["IPv4", "IPv6"]) == ["fd00::1:8080"])
    }

    @Test("FQDN slices, UDP ports and impossible ports are left out")
    func leftOut() {
        #expect(servers(slice("a", of: "web", family: "FQDN", endpoint("db.example"))) == [])
        #expect(servers(slice("a", of: "web", port: 0, endpoint("10.0.0.1"))) == [])
        #expect(servers(slice("a", of: "web", port: 70_000, endpoint("10.0.0.1"))) == [])
        var udp = slice("a", of: "web", endpoint("10.0.0.1"))
        udp.ports[0].transport = "UDP"
        #expect(servers(udp) == [])
    }

    @Test("what is no address is left out")
    func noAddress() {
        #expect(
            servers(
                slice(
                    "a", of: "web", endpoint("10.0.0.256"), endpoint("web-0"), endpoint("fd00::1"),
                    endpoint("")))
                == [])
    }

    @Test("servers carry their pod's identity and name, without a pod their address")
    func identity() {
        let slices = [slice("a", of: "web", endpoint("10.0.0.1", pod: "p1"), endpoint("10.0.0.2"))]
        let servers = EndpointSelection(service: service("web"), slices: slices).servers(for: port(80))
        #expect(servers.map(\.identity) == ["uid-p1", ""])
        #expect(servers.map(\.name) == ["p1", "10.0.0.2:8080"])
    }
}
