import Kubernetes
import Model

extension Backend {
    /// Makes it one whose servers write answers to errors: of those not much is worth waiting for.
    mutating func takeErrors() {
        (self.compression, self.rules) = (nil, HTTPRules())
        self.reuse = .always
        self.maxIdlePerServer = 32
        self.retries = 1
        self.retryOn = servers.count > 1 ? [.connectionFailure, .emptyResponse] : .emptyResponse
        for i in servers.indices { servers[i].speaks = .http1 }
    }

    /// Makes it one whose servers are asked about requests: an answer is worth nothing later, so there is one more attempt at most.
    mutating func takeQuestions(named key: ObjectKey, isSecure: Bool) {
        (self.compression, self.rules) = (nil, HTTPRules())
        self.reuse = .always
        self.maxIdlePerServer = 32
        self.retries = 1
        // One server that is not there is not asked again: that would take a second.
        self.retryOn = servers.count > 1 ? [.connectionFailure, .emptyResponse] : .emptyResponse
        let name = key.namespace.isEmpty ? key.name : "\(key.name).\(key.namespace).svc.cluster.local"
        for i in servers.indices {
            servers[i].speaks = .http1
            guard isSecure else { continue }
            var tls = ServerTLS()
            if IPFamily(of: name) == nil { tls.serverName = .fixed(name) }
            servers[i].tls = tls
        }
    }
}
