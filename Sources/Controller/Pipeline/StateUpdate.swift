public import Kubernetes

/// What a source tells the pipeline.
public enum StateUpdate: Sendable {
    case ingresses(ObjectBatch<Ingress>)
    case classes(ObjectBatch<IngressClass>)
    /// Those that the operator's selector chooses.
    case namespaces(ObjectBatch<Namespace>)
    case services(ObjectBatch<Service>)
    case slices(ObjectBatch<EndpointSlice>)
    case secrets(ObjectBatch<Secret>)
    case configMaps(ObjectBatch<ConfigMap>)
    /// The addresses of an external name, as they are now.
    case addresses(of: String, [String])
    /// The same of a name that the operator has given.
    case chosenAddresses(of: String, [String])
    /// How pods are reached from now on.
    case podAccess(PodAccess)
    /// In which zone this process is.
    case zone(String)
    /// A part of the initial state can not be had (no permission): the rest does not wait for it.
    case unavailable(part: String)
    /// A part of the initial state is complete.
    case synced(part: String)
}
