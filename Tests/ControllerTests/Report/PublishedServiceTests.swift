import Kubernetes
import Testing

@testable import Controller

@Suite("Addresses of the published Service")
struct PublishedServiceTests {
    private func service(
        _ type: String, externalIPs: [String] = [], balancer: [LoadBalancerAddress] = []
    ) -> Service {
        var service = Service()
        service.type = type
        service.externalIPs = externalIPs
        service.loadBalancerAddresses = balancer
        return service
    }

    private func published(_ service: Service?) -> PublishedService {
        var published = PublishedService()
        published.set(service)
        return published
    }

    private func slice(_ nodes: (name: String, isReady: Bool)...) -> EndpointSlice {
        var slice = EndpointSlice()
        slice.endpoints = nodes.map { node in
            var endpoint = EndpointSlice.Endpoint()
            endpoint.nodeName = node.name
            endpoint.isReady = node.isReady
            return endpoint
        }
        return slice
    }

    private func node(external: [String] = [], internal internalIPs: [String] = []) -> Node {
        var node = Node()
        node.externalIPs = external
        node.internalIPs = internalIPs
        return node
    }

    @Test("what a cloud gave it, and what its owner adds, sorted")
    func loadBalancer() {
        let given = [LoadBalancerAddress(hostname: "lb.test"), LoadBalancerAddress(ip: "192.0.2.9")]
        let addresses = published(
            service("LoadBalancer", externalIPs: ["192.0.2.1", "192.0.2.9"], balancer: given)
        ).addresses
        #expect(addresses.map(\.description) == ["lb.test", "192.0.2.1", "192.0.2.9"])
    }

    @Test("a balancer that is not there yet has no address", arguments: ["LoadBalancer", "ClusterIP", ""])
    func pending(type: String) {
        #expect(published(service(type)).addresses == [])
        #expect(!published(service(type)).needsNodes)
    }

    @Test("a Service that does not exist has none")
    func missing() {
        #expect(published(nil).addresses == [])
    }

    @Test("external IPs count for every type", arguments: ["LoadBalancer", "ClusterIP", "NodePort"])
    func external(type: String) {
        let published = published(service(type, externalIPs: ["2001:db8::1"]))
        #expect(published.addresses == [LoadBalancerAddress(ip: "2001:db8::1")])
        #expect(!published.needsNodes)
    }

    @Test("of a node port, the nodes with a ready pod: their external addresses, else their internal ones")
    func nodePort() {
        var published = published(service("NodePort"))
        #expect(published.needsNodes)
        published.set(node(external: ["203.0.113.1"], internal: ["10.0.0.1"]), named: "a")
        published.set(node(internal: ["10.0.0.2"]), named: "b")
        published.set(node(internal: ["10.0.0.3"]), named: "c")
        published.set(slice(("a", true), ("b", true)), named: "s1")
        published.set(slice(("b", true), ("c", false), ("unknown", true), ("", true)), named: "s2")
        #expect(published.addresses.map(\.ip) == ["10.0.0.2", "203.0.113.1"])
        published.set(nil as Node?, named: "b")
        #expect(published.addresses.map(\.ip) == ["203.0.113.1"])
        published.set(nil as EndpointSlice?, named: "s1")
        #expect(published.addresses == [])
    }

    @Test(
        "addresses are told from names",
        arguments: [("192.0.2.1", true), ("::1", true), ("a.test", false), ("192.0.2", false)])
    func kinds(text: String, isAddress: Bool) {
        #expect(StatusAddress.of(text).ip.isEmpty != isAddress)
    }

    private func pod(on node: String, isReady: Bool = true, isEnding: Bool = false) -> Pod {
        var pod = Pod()
        (pod.nodeName, pod.isReady, pod.isEnding) = (node, isReady, isEnding)
        return pod
    }

    @Test(
        "or the nodes of ready pods, by the addresses that are wanted",
        arguments: [(false, ["192.0.2.1", "10.0.0.2"]), (true, ["10.0.0.1", "10.0.0.2"])])
    func pods(prefersInternal: Bool, expected: [String]) {
        var published = PublishedService()
        published.prefersInternal = prefersInternal
        published.set(node(external: ["192.0.2.1"], internal: ["10.0.0.1"]), named: "a")
        published.set(node(internal: ["10.0.0.2"]), named: "b")
        published.set(node(internal: ["10.0.0.3"]), named: "c")
        published.set(pod(on: "a"), named: "one")
        published.set(pod(on: "b"), named: "two")
        published.set(pod(on: "b"), named: "three")
        published.set(pod(on: "c", isReady: false), named: "four")
        published.set(pod(on: "c", isEnding: true), named: "five")
        published.set(pod(on: "unknown"), named: "six")
        #expect(Set(published.addresses.map(\.description)) == Set(expected))
        published.set(nil as Pod?, named: "one")
        #expect(published.addresses.map(\.description) == ["10.0.0.2"])
    }
}
