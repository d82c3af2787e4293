extension ClusterAccess {
    private static let accountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount"

    /// The service account of the pod we run in; nil when we do not run in one.
    public static func inCluster(environment: [String: String]) -> ClusterAccess? {
        inCluster(environment: environment, directory: accountDirectory) { try? FileContents.read($0).get() }
    }

    static func inCluster(
        environment: [String: String], directory: String, read: (String) -> [UInt8]?
    ) -> ClusterAccess? {
        guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
            let port = environment["KUBERNETES_SERVICE_PORT"], !port.isEmpty,
            read("\(directory)/token") != nil
        else { return nil }
        let isIPv6 = host.utf8.contains(UInt8(ascii: ":"))
        let namespace = String(decoding: read("\(directory)/namespace") ?? [], as: UTF8.self)
        var access = ClusterAccess(
            server: "https://\(isIPv6 ? "[\(host)]" : host):\(port)",
            namespace: namespace.filter { !$0.isWhitespace })
        access.isServiceAccount = true
        access.identity.tokenFile = "\(directory)/token"
        if read("\(directory)/ca.crt") != nil { access.trust = .authorities(.file("\(directory)/ca.crt")) }
        return access
    }
}
