import Basics

extension EventNote {
    static let resource = Resource(kind: "Event", apiVersion: "events.k8s.io/v1", plural: "events")

    /// What the API server takes of each field, in bytes.
    private enum Limit {
        static let note = 1_024
        static let word = 128
    }

    /// The request that tells it for the first time, now.
    public func creation(by controller: String, instance: String) -> APIRequest {
        creation(by: controller, instance: instance, at: .now)
    }

    /// The request that says that it was seen again, now, for the so-manieth time.
    public func continuation(count: Int) -> APIRequest { continuation(count: count, at: .now) }

    func creation(by controller: String, instance: String, at time: RFC3339) -> APIRequest {
        var request = APIRequest(Self.resource.path(in: namespace), method: "POST")
        request.body = body(controller, instance, time.textWithMicroseconds)
        return request
    }

    func continuation(count: Int, at time: RFC3339) -> APIRequest {
        let key = ObjectKey(namespace: namespace, name: name)
        var request = APIRequest(Self.resource.path(of: key), method: "PATCH")
        request.headers = ["Content-Type: application/merge-patch+json"]
        var writer = JSONWriter()
        writer.object { writer in
            writer.field("series") { writer in
                writer.object { writer in
                    writer.field("count", count)
                    writer.field("lastObservedTime", time.textWithMicroseconds)
                }
            }
        }
        request.body = writer.bytes
        return request
    }

    private func body(_ controller: String, _ instance: String, _ time: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.field("apiVersion", Self.resource.apiVersion)
            writer.field("kind", Self.resource.kind)
            writer.field("metadata") { writer in
                writer.object { writer in
                    writer.field("name", name)
                    writer.field("namespace", namespace)
                }
            }
            writer.field("eventTime", time)
            writer.field("type", "Warning")
            writer.field("reason", Self.cut(reason, to: Limit.word))
            writer.field("action", "Translate")
            writer.field("note", Self.cut(note, to: Limit.note))
            writer.field("reportingController", controller)
            writer.field("reportingInstance", Self.cut(instance, to: Limit.word))
            writer.field("regarding") { writer in
                writer.object { writer in
                    writer.field("apiVersion", regarding.apiVersion)
                    writer.field("kind", regarding.kind)
                    if !regarding.key.namespace.isEmpty { writer.field("namespace", regarding.key.namespace) }
                    writer.field("name", regarding.key.name)
                    if !regarding.uid.isEmpty { writer.field("uid", regarding.uid) }
                }
            }
        }
        return writer.bytes
    }

    /// As many whole characters as fit.
    static func cut(_ text: String, to limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        var result = ""
        var count = 3
        for character in text {
            count += character.utf8.count
            guard count <= limit else { break }
            result.append(character)
        }
        return result + "…"
    }
}
