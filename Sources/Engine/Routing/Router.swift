import Basics
import Model
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
    func route(authority: ByteView, path: ByteView, _ workspace: inout SampleWorkspace)
        -> Unmanaged<CompiledRoute>?
    {
        let name = Router.name(of: authority)
        let end = path.firstIndex(of: UInt8(ascii: "?")) ?? path.count
        let host = hosts._withUnsafeGuaranteedRef { $0.host(for: name) }
        return host?._withUnsafeGuaranteedRef { $0.paths.route(for: path[0..<end], &workspace) }
    }

    /// The same of a path that may be another one than it looks; `matched` is empty, and gets what it is matched by. One that
    /// means nothing is answered 400.
    func route(
        authority: ByteView, oddPath path: ByteView, by matched: inout Buffer,
        _ workspace: inout SampleWorkspace
    ) -> Unmanaged<CompiledRoute>? {
        let name = Router.name(of: authority)
        guard let host = hosts._withUnsafeGuaranteedRef({ $0.host(for: name) }) else { return nil }
        guard MatchedPath.append(path, to: &matched) else {
            return Unmanaged.passUnretained(Router.meaningless)
        }
        return host._withUnsafeGuaranteedRef { $0.paths.route(for: matched.view, &workspace) }
    }

    private static let meaningless = CompiledRoute(
        backend: nil, status: 400, origin: Origin(namespace: "", name: "meaningless"))

    @inline(__always)
    private static func name(of authority: ByteView) -> ByteView {
        let name = HostSyntax.withoutPort(authority)
        return name.count > 1 && name[name.count - 1] == UInt8(ascii: ".") ? name[0..<name.count - 1] : name
    }
}
