/// Everything that can keep us from an API server. Its description is one line and never holds a credential.
public enum ClusterError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Neither a kubeconfig nor a service account was found.
    case noConfiguration
    /// A file that must be there cannot be read.
    case unreadable(path: String, reason: String)
    /// A kubeconfig says what cannot be meant.
    case malformed(path: String, reason: String)
    /// No context of this name; the known ones.
    case unknownContext(String, known: [String])
    /// A context that lacks something: `the context dev names the user alice, which is not defined`.
    case incomplete(String)
    /// Something kubeconfig files may hold and this client does not do.
    case unsupported(String)
    /// No credentials can be had at present.
    case noCredentials(String)
    /// No answer from the API server.
    case unreachable(String)
    /// An answer that is not 2xx.
    case refused(status: Int, reason: String)
    /// The client was stopped.
    case stopped
    /// libcurl does not work here.
    case library(String)

    /// One line for a log or standard error.
    public var description: String {
        switch self {
        case .noConfiguration:
            "no kubeconfig and no service account: give --kubeconfig or set KUBECONFIG"
        case .unreadable(let path, let reason): "\(path): \(reason)"
        case .malformed(let path, let reason): "\(path): \(reason)"
        case .unknownContext(let name, let known):
            "the kubeconfig has no context \(name); it has \(known.isEmpty ? "none" : known.joined(separator: ", "))"
        case .incomplete(let what), .unsupported(let what): what
        case .noCredentials(let reason): "no credentials: \(reason)"
        case .unreachable(let reason): "the API server does not answer: \(reason)"
        case .refused(let status, let reason): "the API server answers \(status): \(reason)"
        case .stopped: "the client was stopped"
        case .library(let reason): "libcurl: \(reason)"
        }
    }
}
