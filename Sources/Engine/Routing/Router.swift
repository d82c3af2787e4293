import Basics
import Wire

/// From host and path to a route: host first, then path, no second host is tried (Ingress v1).
///
/// Borrows its tables from the snapshot that the worker holds: looking a route up counts no reference.
struct Router {
    private let hosts: Unmanaged<HostTable>

    /// The router of a snapshot's table, which must outlive it.
    init(hosts: HostTable) { self.hosts = Unmanaged.passUnretained(hosts) }

    /// The route of a request; nil when nothing matches, which the frontend's fallback is for. `authority` may have a port,
    /// `path` a query.
    func route(authority: ByteView, path: ByteView) -> Unmanaged<CompiledRoute>? {
        var name = HostSyntax.withoutPort(authority)
        if name.count > 1, name[name.count - 1] == UInt8(ascii: ".") { name = name[0..<name.count - 1] }
        let end = path.firstIndex(of: UInt8(ascii: "?")) ?? path.count
        let host = hosts._withUnsafeGuaranteedRef { $0.host(for: name) }
        return host?._withUnsafeGuaranteedRef { $0.paths.route(for: path[0..<end]) }
    }
}
