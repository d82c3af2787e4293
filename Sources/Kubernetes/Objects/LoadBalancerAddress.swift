/// One entry of `status.loadBalancer.ingress`: where traffic for an object goes in. Its ports are not ours to say.
public struct LoadBalancerAddress: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// An IPv4 or IPv6 address; may be empty.
    public var ip: String
    /// A DNS name; may be empty.
    public var hostname: String

    /// An entry from its parts; usually only one of them is set.
    public init(ip: String = "", hostname: String = "") {
        self.ip = ip
        self.hostname = hostname
    }

    /// The address, or the name.
    public var description: String { ip.isEmpty ? hostname : ip }

    /// By address, then by name.
    public static func < (left: LoadBalancerAddress, right: LoadBalancerAddress) -> Bool {
        (left.ip, left.hostname) < (right.ip, right.hostname)
    }
}
