/// v1 Secret, trimmed: only the data keys that are used are kept.
public struct Secret: KubernetesObject, CustomStringConvertible {
    /// Where the API serves this kind.
    public static let resource = Resource(kind: "Secret", apiVersion: "v1", plural: "secrets")

    /// The object's metadata.
    public var meta = ObjectMeta()
    /// `kubernetes.io/tls`, `Opaque`, …
    public var type = ""
    /// Decoded bytes by key.
    public var data: [String: [UInt8]] = [:]

    /// An empty Secret.
    public init() {}

    /// Name and key names only, never a value.
    public var description: String {
        "Secret \(meta.key) (\(type); \(data.keys.sorted().joined(separator: " ")))"
    }
}

/// v1 ConfigMap.
public struct ConfigMap: KubernetesObject {
    /// Where the API serves this kind.
    public static let resource = Resource(kind: "ConfigMap", apiVersion: "v1", plural: "configmaps")

    /// The object's metadata.
    public var meta = ObjectMeta()
    /// `data`.
    public var data: [String: String] = [:]

    /// An empty ConfigMap.
    public init() {}
}
