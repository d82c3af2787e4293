import Basics
import Wire

/// From host and path to a route: host first, then path, no second host is tried (Ingress v1).
///
/// Borrows its tables from the snapshot that the worker holds: looking a route up counts no reference.
struct Router {
    private let hosts: Unmanaged<HostTable>
    private let fallback: Unmanaged<CompiledRoute>?

    /// The router of a snapshot's tables, which must outlive it.
    init(hosts: HostTable, fallback: CompiledRoute?) {
        self.hosts = Unmanaged.passUnretained(hosts)
        self.fallback = fallback.map { Unmanaged.passUnretained($0) }
    }

    /// The route of a request; nil when nothing matches and there is no fallback. `authority` may have a port, `path` a
    /// query.
    func route(authority: ByteView, path: ByteView) -> Unmanaged<CompiledRoute>? {
        var name = HostSyntax.withoutPort(authority)
        if name.count > 1, name[name.count - 1] == UInt8(ascii: ".") { name = name[0..<name.count - 1] }
        let end = path.firstIndex(of: UInt8(ascii: "?")) ?? path.count
        let host = hosts._withUnsafeGuaranteedRef { $0.host(for: name) }
        return host?._withUnsafeGuaranteedRef { $0.paths.route(for: path[0..<end]) } ?? fallback
    }
}
