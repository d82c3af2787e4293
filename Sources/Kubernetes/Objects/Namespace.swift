/// v1 Namespace: its name, and whether a selector that the API server applies holds for it.
public struct Namespace: KubernetesObject {
    /// Where the API serves this kind.
    public static let resource = Resource(
        kind: "Namespace", apiVersion: "v1", plural: "namespaces", isNamespaced: false)

    /// The object's metadata.
    public var meta = ObjectMeta()

    /// An empty namespace.
    public init() {}

    /// One of this name, of which nothing else is known.
    public init(named name: String) { meta.name = name }
}
