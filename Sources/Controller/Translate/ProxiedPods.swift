import Kubernetes
import Model

/// Pods that are reached through the API server: their pools, and what it does to messages on the way.
struct ProxiedPods {
    let proxy: PodProxy
    /// Where the API server is; nil while its name has no address.
    let address: String?

    init(_ proxy: PodProxy, _ state: ClusterState) {
        self.proxy = proxy
        address = proxy.resolvableName.map { state.chosenAddresses[$0]?.first } ?? proxy.host
    }

    /// Puts the API server in the place of a pool's pods; everything else about it stays.
    func apply(to backend: inout Backend, in namespace: String) {
        guard let address else { return backend.servers = [] }
        // The API server speaks nothing but HTTP to pods.
        backend.servers.removeAll { $0.speaks == .fastCGI }
        let namesServers = backend.persistence.cookie?.dynamicKey != nil
        for i in backend.servers.indices {
            // Cookies that are made of addresses would be the same for all.
            let pod = backend.servers[i]
            if namesServers { backend.servers[i].cookie = pod.identity.isEmpty ? pod.name : pod.identity }
            relay(&backend.servers[i], at: address, in: namespace)
        }
        backend.rules.response.insert(ProxiedPods.locations, at: 0)
    }

    private func relay(_ server: inout Server, at address: String, in namespace: String) {
        let path = PodProxyPath.path(
            to: server.name, in: namespace, port: Int(server.port), isSecure: server.tls != nil)
        server.relay = Relay(
            pathPrefix: proxy.pathPrefix + path, credentials: proxy.credentials,
            ownAnswer: PodProxyPath.ownAnswer)
        // Now all have one address.
        server.identity = "\(server.identity)@\(server.address):\(server.port)"
        server.hashKey = .id
        (server.address, server.port) = (address, proxy.port)
        (server.tls, server.speaks) = (proxy.tls, .http1)
        // It would be the API server that is checked and told; kubelets check pods.
        (server.check, server.sentProxyHeader) = (nil, nil)
    }

    /// Where pods send clients: the API server puts the path of the pod in front.
    private static let locations = HTTPRule(
        .change(
            .replaceField(
                "location",
                pattern:
                    "^((?:[A-Za-z][A-Za-z0-9+.-]*:)?(?://[^/?#]*)?)(?:/[^?#]*?)??\(PodProxyPath.pattern)(/.*)$",
                FormatString([.text(Array("\\1\\2".utf8))]), isEachValue: false)))

    /// Links in HTML get the same path in front, and come back as requests with it.
    static let links = HTTPRule(
        .change(
            .replaceTarget(
                .path, pattern: "^(?:/.*?)??\(PodProxyPath.pattern)(/.*)$",
                FormatString([.text(Array("\\1".utf8))]))))

    /// What is wrong with a port of TCP: it is closed.
    static func problem(with frontend: Frontend) -> Diagnostic {
        Diagnostic(
            .error, kind: frontend.subject?.kind ?? "",
            object: frontend.subject?.object ?? Origin(namespace: "", name: ""),
            field: frontend.subject?.field ?? "", reason: "NotThroughProxy",
            message:
                "TCP does not pass the API server's proxy of pods; the port is closed (--endpoint-access)")
    }
}
