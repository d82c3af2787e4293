import Kubernetes

/// All that was read from a cluster, to be given to the process that comes after this one if it dies.
///
/// It is the objects, trimmed as they are here, and not what they were translated into: there is one way from an object to
/// what is served, and a successor goes it too.
public struct KeptState: Sendable {
    let state: ClusterState
    /// Whether classes may be read.
    let knowsClasses: Bool

    init(_ state: ClusterState, knowsClasses: Bool) {
        (self.state, self.knowsClasses) = (state, knowsClasses)
    }

    /// Reads what `encoded` has written; nil for anything else. Whatever the bytes are, it comes to an end.
    public init?(_ bytes: [UInt8]) {
        var reader = KeptReader(bytes)
        var content = Content()
        content.pass(through: &reader)
        guard !reader.isBroken, reader.isAtEnd, content.form == Content.form else { return nil }
        state = content.state
        knowsClasses = content.knowsClasses
    }

    /// As bytes. They hold keys of certificates: they belong in memory alone.
    public func encoded() -> [UInt8] {
        var writer = KeptWriter()
        var content = Content(self)
        content.pass(through: &writer)
        return writer.bytes
    }

    /// How many objects there are.
    public var count: Int {
        state.ingresses.count + state.classes.count + state.services.count + state.secrets.count
            + state.configMaps.count + state.slices.values.reduce(0) { $0 + $1.count }
    }
}

/// The state as lists.
private struct Content: KeptValue {
    /// Changes with every change of what is passed: only a process of the same program reads it, and this tells.
    static let form = "sluice objects 4"

    var form = Content.form
    var knowsClasses = true
    var ingresses: [Ingress] = []
    var classes: [IngressClass] = []
    var namespaces: [String] = []
    var services: [Service] = []
    var slices: [EndpointSlice] = []
    /// What was usable stands before what has replaced it.
    var secrets: [Secret] = []
    var configMaps: [ConfigMap] = []
    var addresses: [ResolvedName] = []

    struct ResolvedName: KeptValue {
        var name = ""
        var addresses: [String] = []

        mutating func pass<Coder: KeptCoder>(through coder: inout Coder) {
            coder.pass(&name)
            coder.pass(&addresses)
        }
    }

    init() {}

    init(_ kept: KeptState) {
        let state = kept.state
        knowsClasses = kept.knowsClasses
        ingresses = Array(state.ingresses.values)
        classes = Array(state.classes.values)
        namespaces = Array(state.namespaces)
        services = Array(state.services.values)
        slices = state.slices.values.flatMap(\.self)
        secrets = Array(state.usableBefore.values) + Array(state.secrets.values)
        configMaps = Array(state.configMaps.values)
        addresses = state.addresses.map { ResolvedName(name: $0.key, addresses: $0.value) }
    }

    mutating func pass<Coder: KeptCoder>(through coder: inout Coder) {
        coder.pass(&form)
        coder.pass(&knowsClasses)
        coder.pass(&ingresses)
        coder.pass(&classes)
        coder.pass(&namespaces)
        coder.pass(&services)
        coder.pass(&slices)
        coder.pass(&secrets)
        coder.pass(&configMaps)
        coder.pass(&addresses)
    }

    var state: ClusterState {
        var state = ClusterState()
        for object in classes { _ = state.set(object, at: object.meta.key) }
        _ = state.choose(Set(namespaces))
        for object in services { _ = state.set(object, at: object.meta.key) }
        for object in slices { _ = state.set(object, at: object.meta.key) }
        for object in secrets { _ = state.set(object, at: object.meta.key) }
        for object in configMaps { _ = state.set(object, at: object.meta.key) }
        for object in ingresses { _ = state.set(object, at: object.meta.key) }
        for name in addresses { _ = state.setAddresses(name.addresses, of: name.name) }
        return state
    }
}
