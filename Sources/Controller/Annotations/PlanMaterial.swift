import Kubernetes
import Model

/// What annotations of an Ingress make of the objects they name.
struct PlanMaterial: Equatable {
    /// Who comes in; nil if nobody is asked.
    private(set) var users: UserList?
    /// How TLS is spoken to servers; nil if nothing is said of it.
    private(set) var serverTLS: ServerTLS?
    /// What FastCGI servers are told; nil if nothing is said of it.
    private(set) var fastCGI: FastCGI?
    /// What clients of its hosts have to show; nil is nothing.
    private(set) var clients: ClientAuthentication?

    /// Nothing.
    init() {}

    /// Looks everything up among `secrets` and `configMaps`, which are all there are. What can not be used closes what it guarded.
    init(
        _ reading: inout AnnotationReading, of ingress: Ingress, _ secrets: [ObjectKey: Secret],
        _ configMaps: [ObjectKey: ConfigMap], allowedFields: Set<String>
    ) {
        let (values, namespace) = (reading.values, ingress.meta.namespace)
        do throws(AnnotationFlaw) {
            users = try values.authentication.users(in: namespace, secrets)
        } catch { reading.refusePaths(because: error) }
        do throws(AnnotationFlaw) {
            serverTLS = try values.serverTrust.settings(in: namespace, secrets)
        } catch { reading.refusePaths(because: error) }
        do throws(AnnotationFlaw) {
            let answered = try values.sources.answered(in: namespace, configMaps, allowed: allowedFields)
            reading.take(answered: answered)
        } catch { reading.refuseFields(because: error) }
        do throws(AnnotationFlaw) {
            let asked =
                values.external.isOn ? try values.sources.asked(in: namespace, configMaps) : FieldMap()
            reading.take(asked: asked)
        } catch { reading.refusePaths(because: error) }
        do throws(AnnotationFlaw) {
            fastCGI =
                try values.spoken.spoken == .fastCGI ? values.fastCGI.settings(of: ingress, configMaps) : nil
        } catch { reading.refusePaths(because: error) }
        let (demands, flaw) = values.clientTrust.authentication(in: namespace, secrets)
        clients = demands
        if let flaw { reading.refuseHosts(because: flaw) }
        if demands != nil, ingress.rules.contains(where: { $0.host.isEmpty }) {
            reading.refusePaths(
                because: AnnotationFlaw(
                    "auth-tls-secret", "AnnotationRefused", "certificates are asked for by the name of a host"
                ))
        }
    }
}
