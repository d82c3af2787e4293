/// Where an API server is and how to prove who we are.
public struct ClusterAccess: Sendable {
    /// The namespace of the context or of the service account; empty when neither says.
    public let namespace: String

    /// Finds the configuration: the given file, else the files of `KUBECONFIG`, else the service account of the pod
    /// we run in, else `~/.kube/config`.
    public static func load(
        kubeconfig: String?, context: String?, environment: [String: String]
    ) throws(ClusterError) -> ClusterAccess {
        throw .noConfiguration
    }
}
