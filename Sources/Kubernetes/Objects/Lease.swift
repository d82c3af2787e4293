/// coordination.k8s.io/v1 Lease: who holds it, since when, and when that was last said.
public struct Lease: KubernetesObject {
    /// Where the API serves this kind.
    public static let resource = Resource(
        kind: "Lease", apiVersion: "coordination.k8s.io/v1", plural: "leases")

    /// The object's metadata.
    public var meta = ObjectMeta()
    /// `spec.holderIdentity`; empty when nobody holds it.
    public var holder = ""
    /// `spec.leaseDurationSeconds`: how long the others wait after the last renewal they saw.
    public var durationSeconds = 0
    /// `spec.acquireTime` as found: the holder's wall clock, which says nothing to us.
    public var acquireTime = ""
    /// `spec.renewTime` as found: it differs with each renewal, which is all that counts.
    public var renewTime = ""
    /// `spec.leaseTransitions`: how often the holder has changed.
    public var transitions = 0

    /// An empty Lease.
    public init() {}

    /// Whether nothing has been written between this one and another reading.
    func isSameRecord(as other: Lease) -> Bool {
        holder == other.holder && durationSeconds == other.durationSeconds
            && acquireTime == other.acquireTime && renewTime == other.renewTime
            && transitions == other.transitions
    }
}
