import Basics
import Kubernetes

/// The requests that a webhook's keeper sends.
enum WebhookWrites {
    /// Lets every webhook of a configuration believe these authorities, in PEM. Each is found by its place, as long as it is still
    /// the one of that name.
    static func believe(_ authorities: [UInt8], _ configuration: WebhookConfiguration) -> APIRequest {
        let text = Base64.encode(authorities)
        var request = APIRequest(
            WebhookConfiguration.resource.path(of: configuration.meta.key), method: "PATCH")
        request.headers = ["Content-Type: application/json-patch+json"]
        var writer = JSONWriter()
        writer.list { writer in
            for (place, webhook) in configuration.webhooks.enumerated() {
                operation("test", "/webhooks/\(place)/name", webhook.name, to: &writer)
                operation("add", "/webhooks/\(place)/clientConfig/caBundle", text, to: &writer)
            }
        }
        request.body = writer.bytes
        return request
    }

    private static func operation(
        _ name: String, _ path: String, _ value: String, to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.field("op", name)
            writer.field("path", path)
            writer.field("value", value)
        }
    }

    /// Puts a certificate into a Secret as long as that has this version.
    static func hold(_ certificate: WebhookCertificate, _ key: ObjectKey, version: String) -> APIRequest {
        var request = APIRequest(Secret.resource.path(of: key), method: "PATCH")
        request.headers = ["Content-Type: application/merge-patch+json"]
        var writer = JSONWriter()
        writer.object { writer in
            writer.field("metadata") { $0.object { $0.field("resourceVersion", version) } }
            writer.field("data") { writer in
                writer.object { writer in
                    writer.field("ca.crt", Base64.encode(certificate.authority))
                    writer.field("tls.crt", Base64.encode(certificate.chain))
                    writer.field("tls.key", Base64.encode(certificate.key))
                }
            }
        }
        request.body = writer.bytes
        return request
    }
}
