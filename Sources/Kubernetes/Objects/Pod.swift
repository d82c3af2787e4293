/// v1 Pod, trimmed to what a process asks about itself and those like it.
public struct Pod: KubernetesObject {
    /// Where the API serves this kind.
    public static let resource = Resource(kind: "Pod", apiVersion: "v1", plural: "pods")

    /// The object's metadata.
    public var meta = ObjectMeta()
    /// `metadata.labels`.
    public var labels: [String: String] = [:]
    /// `spec.nodeName`; empty before one is chosen.
    public var nodeName = ""
    /// Whether it is on its way out (`metadata.deletionTimestamp`), or has ended.
    public var isEnding = false
    /// Whether it counts as ready (`status.conditions`).
    public var isReady = false

    /// An empty pod.
    public init() {}

    /// Selects those that have the same labels, but for what tells one generation of them, or one of a StatefulSet, from another.
    public var selectorOfLikes: String {
        let passing: Set = [
            "pod-template-hash", "controller-revision-hash", "pod-template-generation",
            "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index",
        ]
        return labels.filter { !passing.contains($0.key) }.sorted { $0.key < $1.key }
            .map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }
}
