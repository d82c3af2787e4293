import Basics
import Model

/// Where a matched request goes, ready for the way of a request.
final class CompiledRoute: Sendable {
    /// The servers; nil where the engine itself answers.
    let backend: BackendState?
    /// What it answers then.
    let status: UInt16
    let hasLimits: Bool
    /// What is answered before a server is asked; nil is nothing.
    let limits: RouteLimits?
    /// The Ingress the route was made from.
    let namespace: FixedArray<UInt8>
    let name: FixedArray<UInt8>

    init(backend: BackendState?, status: UInt16, origin: Origin, limits: RouteLimits? = nil) {
        self.backend = backend
        self.status = status
        self.limits = limits
        hasLimits = limits != nil
        namespace = FixedArray(origin.namespace)
        name = FixedArray(origin.name)
    }
}
