/// Everything that can keep us from an API server. Its description is one line and never holds a credential.
public enum ClusterError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Neither a kubeconfig nor a service account was found.
    case noConfiguration

    /// One line for a log or standard error.
    public var description: String {
        switch self {
        case .noConfiguration:
            "no kubeconfig and no service account: give --kubeconfig FILE or set KUBECONFIG"
        }
    }
}
