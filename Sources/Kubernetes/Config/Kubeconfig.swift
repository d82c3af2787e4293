/// What kubeconfig files say, merged: for each name and for the current context the first file wins.
struct Kubeconfig: Sendable, Equatable {
    var currentContext = ""
    var contexts: [String: Context] = [:]
    var clusters: [String: Cluster] = [:]
    var users: [String: User] = [:]

    struct Context: Sendable, Equatable {
        var cluster = ""
        var user = ""
        var namespace = ""
    }

    struct Cluster: Sendable, Equatable {
        var server = ""
        var authorities: PEMSource?
        var isInsecure = false
        var serverName = ""
        var proxy = ""
        var isCompressionDisabled = false
    }

    struct User: Sendable, Equatable {
        var identity = Identity()
        /// `exec.provideClusterInfo`.
        var wantsClusterInfo = false
        /// The name of a legacy `auth-provider`; empty when there is none.
        var legacyProvider = ""
    }

    mutating func merge(_ later: Kubeconfig) {
        if currentContext.isEmpty { currentContext = later.currentContext }
        contexts.merge(later.contexts) { first, _ in first }
        clusters.merge(later.clusters) { first, _ in first }
        users.merge(later.users) { first, _ in first }
    }
}

extension Kubeconfig {
    /// The access that a context describes; the current one unless another is named.
    func access(context wanted: String?, read: (String) -> [UInt8]?) throws(ClusterError) -> ClusterAccess {
        let name = wanted ?? currentContext
        guard !name.isEmpty else {
            throw .incomplete("the kubeconfig has no current context: give --context")
        }
        guard let context = contexts[name] else {
            throw .unknownContext(name, known: contexts.keys.sorted())
        }
        guard let cluster = clusters[context.cluster] else {
            throw .incomplete(
                "the context \(name) names the cluster \(context.cluster), which is not defined")
        }
        guard let user = context.user.isEmpty ? User() : users[context.user] else {
            throw .incomplete("the context \(name) names the user \(context.user), which is not defined")
        }
        try cluster.check(context.cluster)
        try user.check(context.user)
        var access = ClusterAccess(server: cluster.server, namespace: context.namespace)
        access.trust = cluster.trust
        access.serverName = cluster.serverName
        access.proxy = cluster.proxy
        access.isCompressionDisabled = cluster.isCompressionDisabled
        access.identity = user.identity
        if user.wantsClusterInfo { access.identity.plugin?.cluster = cluster.info(access.server, read) }
        return access
    }
}

extension Kubeconfig.Cluster {
    fileprivate var trust: ClusterAccess.Trust {
        if isInsecure { return .any }
        return authorities.map(ClusterAccess.Trust.authorities) ?? .system
    }

    fileprivate func check(_ name: String) throws(ClusterError) {
        guard !server.isEmpty else { throw .incomplete("the cluster \(name) has no server") }
        guard !isInsecure || authorities == nil else {
            throw .incomplete(
                "the cluster \(name) has both a certificate authority and insecure-skip-tls-verify")
        }
    }

    fileprivate func info(_ server: String, _ read: (String) -> [UInt8]?) -> ExecPlugin.ClusterInfo {
        let pem: [UInt8] =
            switch authorities {
            case nil: []
            case .bytes(let bytes): bytes
            case .file(let path): read(path) ?? []
            }
        return ExecPlugin.ClusterInfo(
            server: server, serverName: serverName, isInsecure: isInsecure, authorities: pem, proxy: proxy)
    }
}

extension Kubeconfig.User {
    fileprivate func check(_ name: String) throws(ClusterError) {
        guard legacyProvider.isEmpty else {
            throw .unsupported(
                "the user \(name) has an auth-provider (\(legacyProvider)), which Kubernetes 1.26 has dropped: "
                    + "use an exec plugin")
        }
        guard (identity.certificate == nil) == (identity.key == nil) else {
            throw .incomplete("the user \(name) has a client certificate or a client key without the other")
        }
        guard identity.token == nil || identity.username.isEmpty else {
            throw .incomplete("the user \(name) has both a token and a user name")
        }
    }
}
