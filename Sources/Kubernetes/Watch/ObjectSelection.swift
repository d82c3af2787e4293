/// Which objects of a kind an informer follows.
public struct ObjectSelection: Sendable, Hashable {
    /// One namespace, or empty for all; ignored for cluster-scoped kinds.
    public var namespace: String
    /// As the API takes it, `type=kubernetes.io/tls` or `metadata.name=web`; empty selects all.
    public var fieldSelector: String
    /// As the API takes it, `kubernetes.io/service-name=web`; empty selects all.
    public var labelSelector: String

    /// A selection; everything by default.
    public init(namespace: String = "", fieldSelector: String = "", labelSelector: String = "") {
        self.namespace = namespace
        self.fieldSelector = fieldSelector
        self.labelSelector = labelSelector
    }
}
