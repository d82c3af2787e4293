import Kubernetes
import Model

/// Objects that were sent and could not be read, until they can be read or are gone.
struct Rejections {
    /// Counts changes.
    private(set) var revision = 0
    private var known: [Object: Diagnostic] = [:]

    private struct Object: Hashable {
        var kind: String
        var key: ObjectKey
    }

    /// In a stable order.
    var diagnostics: [Diagnostic] {
        known.values.sorted {
            ($0.kind, $0.object.namespace, $0.object.name) < ($1.kind, $1.object.namespace, $1.object.name)
        }
    }

    /// Takes note of what a batch says about objects that can not be read.
    mutating func note<Content: KubernetesObject>(_ batch: ObjectBatch<Content>) {
        guard !batch.rejected.isEmpty || !known.isEmpty else { return }
        let kind = Content.resource.kind
        for change in batch.changes { set(nil, Object(kind: kind, key: change.key)) }
        for object in batch.rejected {
            let finding = Diagnostic(
                .error, kind: kind, object: Origin(object.key), reason: "ObjectUnreadable",
                message: "\(object.reason); what was known of it before stays")
            set(object.isDeleted ? nil : finding, Object(kind: kind, key: object.key))
        }
    }

    private mutating func set(_ finding: Diagnostic?, _ object: Object) {
        guard known[object] != finding else { return }
        known[object] = finding
        revision += 1
    }
}
