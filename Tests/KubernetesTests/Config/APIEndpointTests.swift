import Testing

@testable import Kubernetes

@Suite struct APIEndpointTests {
    @Test(
        "host, port and prefix come from the address of the server",
        arguments: [
            ("https://10.0.0.1:6443", "10.0.0.1", 6443, ""), ("https://k.example", "k.example", 443, ""),
            ("http://localhost:8001/", "localhost", 8001, ""), ("http://localhost", "localhost", 80, ""),
            ("https://[fd00::1]:6443/a/b", "fd00::1", 6443, "/a/b"),
            ("https://[fd00::1]", "fd00::1", 443, ""),
            ("k.example:1/k8s/clusters/c-1", "k.example", 1, "/k8s/clusters/c-1"),
        ])
    func places(server: String, host: String, port: UInt16, prefix: String) throws {
        let endpoint = try #require(ClusterAccess(server: server).endpoint)
        #expect((endpoint.host, endpoint.port, endpoint.pathPrefix) == (host, port, prefix))
        #expect(endpoint.certifiedName == host)
        #expect(endpoint.isEncrypted == !server.hasPrefix("http:"))
    }

    @Test(
        "what is no place is none",
        arguments: ["https://k:0", "https://k:x", "https://", "https://me@k", "https://k:70000"])
    func nonsense(server: String) {
        #expect(ClusterAccess(server: server).endpoint == nil)
    }

    @Test("the name of the certificate is the kubeconfig's if it has one, and authorities are read")
    func trust() throws {
        var access = ClusterAccess(server: "https://10.0.0.1")
        access.serverName = "kubernetes"
        access.trust = .authorities(.bytes([1, 2]))
        #expect(access.endpoint?.certifiedName == "kubernetes")
        #expect(access.endpoint?.trust == .authorities([1, 2]))
        access.trust = .authorities(.file("/nonexistent"))
        #expect(access.endpoint == nil)
        access.trust = .any
        #expect(access.endpoint?.trust == .any)
    }
}
