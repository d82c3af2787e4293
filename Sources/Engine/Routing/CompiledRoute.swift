import Basics
import Model

/// Where a matched request goes, ready for the way of a request.
final class CompiledRoute: Sendable {
    /// The servers; nil where the engine itself answers.
    let backend: BackendState?
    /// What it answers then.
    let status: UInt16
    /// Whether there are limits, rules or alternatives.
    let looksAtRequests: Bool
    /// What is answered before a server is asked; nil is nothing.
    let limits: RouteLimits?
    /// What rules say of messages; nil without rules.
    let rules: Unmanaged<CompiledRouteRules>?
    /// Who gets another backend; nil is nobody.
    let alternatives: Unmanaged<SwitchTable>?
    /// Who is asked whether its requests may go on, if rules want that; nil is not there.
    let authority: Unmanaged<BackendState>?
    /// Who writes answers to errors, if rules want that; nil is not there.
    let errorBackend: Unmanaged<BackendState>?
    /// Who gets copies of requests, if rules want that; nil is not there.
    let mirror: Unmanaged<BackendState>?
    /// The Ingress the route was made from.
    let namespace: FixedArray<UInt8>
    let name: FixedArray<UInt8>
    private let ownedRules: CompiledRouteRules?
    private let ownedAlternatives: SwitchTable?
    private let ownedAuthority: BackendState?
    private let ownedErrorBackend: BackendState?
    private let ownedMirror: BackendState?

    init(
        backend: BackendState?, status: UInt16, origin: Origin, limits: RouteLimits? = nil,
        rules: CompiledRouteRules? = nil, alternatives: SwitchTable? = nil,
        authority: BackendState? = nil, errorBackend: BackendState? = nil, mirror: BackendState? = nil
    ) {
        self.backend = backend
        self.status = status
        self.limits = limits
        ownedRules = rules
        self.rules = rules.map { Unmanaged.passUnretained($0) }
        ownedAlternatives = alternatives
        self.alternatives = alternatives.map { Unmanaged.passUnretained($0) }
        ownedAuthority = authority
        self.authority = authority.map { Unmanaged.passUnretained($0) }
        ownedErrorBackend = errorBackend
        self.errorBackend = errorBackend.map { Unmanaged.passUnretained($0) }
        ownedMirror = mirror
        self.mirror = mirror.map { Unmanaged.passUnretained($0) }
        looksAtRequests = limits != nil || rules != nil || alternatives != nil
        namespace = FixedArray(origin.namespace)
        name = FixedArray(origin.name)
    }
}
