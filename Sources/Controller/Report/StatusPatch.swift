import Basics
import Kubernetes

/// The request that sets the addresses in an Ingress's status.
struct StatusPatch {
    /// A merge patch: the list is replaced as a whole, and nothing else of the object is touched.
    let request: APIRequest

    init(_ key: ObjectKey, _ addresses: [LoadBalancerAddress], _ standing: IngressStanding) {
        var request = APIRequest("\(Ingress.resource.path(of: key))/status", method: "PATCH")
        request.headers = ["Content-Type: application/merge-patch+json"]
        // To take away is right only as long as nobody else has written since.
        let version = addresses.isEmpty ? standing.resourceVersion : ""
        request.body = StatusPatch.body(addresses, version: version)
        self.request = request
    }

    static func body(_ addresses: [LoadBalancerAddress], version: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            if !version.isEmpty {
                writer.field("metadata") { $0.object { $0.field("resourceVersion", version) } }
            }
            writer.field("status") { writer in
                writer.object { writer in
                    writer.field("loadBalancer") { writer in
                        writer.object { writer in
                            writer.field("ingress") { write(addresses, to: &$0) }
                        }
                    }
                }
            }
        }
        return writer.bytes
    }

    private static func write(_ addresses: [LoadBalancerAddress], to writer: inout JSONWriter) {
        guard !addresses.isEmpty else { return writer.null() }
        writer.list { writer in
            for address in addresses {
                writer.object { writer in
                    if !address.ip.isEmpty { writer.field("ip", address.ip) }
                    if !address.hostname.isEmpty { writer.field("hostname", address.hostname) }
                }
            }
        }
    }
}
