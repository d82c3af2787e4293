/// Where it is read how the servers of a backend were when another process ended: HAProxy's `load-server-state-from-file` and
/// `server-state-file-name`.
public enum ServerStateSource: Sendable, Equatable, Hashable {
    /// Nowhere.
    case none
    /// In the file of `global` (`server-state-file`).
    case global
    /// In a file of the backend's own.
    case local(String)
}
