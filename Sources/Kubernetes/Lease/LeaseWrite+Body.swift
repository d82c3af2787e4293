import Basics

extension LeaseWrite {
    /// The request that writes it; `now` is the time of day, for those who read the Lease.
    func request(for lease: ObjectKey, now: RFC3339) -> APIRequest {
        let isNew = version == nil
        var request = APIRequest(
            isNew ? Lease.resource.path(in: lease.namespace) : Lease.resource.path(of: lease),
            method: isNew ? "POST" : "PATCH")
        // A merge patch leaves alone what others have put there: labels, annotations, owners.
        if !isNew { request.headers = ["Content-Type: application/merge-patch+json"] }
        request.body = body(of: lease, now: now.textWithMicroseconds)
        return request
    }

    private func body(of lease: ObjectKey, now: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.field("apiVersion", Lease.resource.apiVersion)
            writer.field("kind", Lease.resource.kind)
            writer.field("metadata") { writer in
                writer.object { writer in
                    writer.field("name", lease.name)
                    writer.field("namespace", lease.namespace)
                    // With it the server refuses what was decided on something older.
                    if let version { writer.field("resourceVersion", version) }
                }
            }
            writer.field("spec") { writer in
                writer.object { writer in
                    writer.field("holderIdentity", holder)
                    writer.field("leaseDurationSeconds", durationSeconds)
                    writer.field("renewTime", now)
                    if acquires { writer.field("acquireTime", now) }
                    writer.field("leaseTransitions", transitions)
                }
            }
        }
        return writer.bytes
    }
}
