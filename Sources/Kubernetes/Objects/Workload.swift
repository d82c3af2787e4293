/// apps/v1 Deployment or DaemonSet, trimmed to how its containers are started.
public struct Workload: Sendable, Equatable {
    /// `Deployment` or `DaemonSet`.
    public var kind = ""
    /// The object's metadata.
    public var meta = ObjectMeta()
    /// `command` and `args` of each container, as one list.
    public var commands: [[String]] = []

    /// An empty workload.
    public init() {}

    /// Whether a kind of objects is read as one.
    static func isOne(_ kind: String, _ apiVersion: String) -> Bool {
        apiVersion == "apps/v1" && (kind == "Deployment" || kind == "DaemonSet")
    }
}
