/// admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration, trimmed to whom the API server believes.
public struct WebhookConfiguration: KubernetesObject {
    /// Where the API serves this kind.
    public static let resource = Resource(
        kind: "ValidatingWebhookConfiguration", apiVersion: "admissionregistration.k8s.io/v1",
        plural: "validatingwebhookconfigurations", isNamespaced: false)

    /// The object's metadata.
    public var meta = ObjectMeta()
    /// `webhooks`, in order.
    public var webhooks: [Webhook] = []

    /// One webhook.
    public struct Webhook: Sendable, Equatable {
        /// Unique among those of a configuration.
        public var name = ""
        /// `clientConfig.caBundle`, decoded: certificates in PEM, of those who may sign the webhook's own.
        public var authorities: [UInt8] = []

        /// An empty webhook.
        public init() {}
    }

    /// An empty configuration.
    public init() {}
}
