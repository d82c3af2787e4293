import Kubernetes
import Model

extension PipelineCore {
    /// What is wrong now with objects that are there, each with its object as the cluster knows it.
    var findings: [Finding] {
        diagnostics.compactMap { diagnostic in
            let key = ObjectKey(namespace: diagnostic.object.namespace, name: diagnostic.object.name)
            return reference(diagnostic.kind, key).map { Finding(diagnostic, about: $0) }
        }
    }

    private func reference(_ kind: String, _ key: ObjectKey) -> EventReference? {
        switch kind {
        case Ingress.resource.kind: reference(to: state.ingresses[key])
        case Service.resource.kind: reference(to: state.services[key])
        case Secret.resource.kind: reference(to: state.secrets[key])
        case ConfigMap.resource.kind: reference(to: state.configMaps[key])
        default: nil
        }
    }

    private func reference<Object: KubernetesObject>(to object: Object?) -> EventReference? {
        object.map { object in
            EventReference(
                apiVersion: Object.resource.apiVersion, kind: Object.resource.kind, key: object.meta.key,
                uid: object.meta.uid)
        }
    }
}
