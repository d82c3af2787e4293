import Basics
import Kubernetes

/// The pod this process runs in, and those like it, as the cluster knows them. Nothing is followed: who wants to know asks.
struct OwnPod: Sendable {
    private let client: APIClient
    private let key: ObjectKey

    /// By the downward API's usual names (`POD_NAME`, `POD_NAMESPACE`), else by the machine's name and the service account's namespace.
    init(_ client: APIClient, _ environment: [String: String]) {
        self.client = client
        let namespace = environment["POD_NAMESPACE"] ?? client.access.namespace
        key = ObjectKey(
            namespace: namespace.isEmpty ? "default" : namespace,
            name: environment["POD_NAME"] ?? Machine.hostName)
    }

    /// The pod itself.
    func pod() async throws -> Pod { try await get("/api/v1/namespaces/\(key.namespace)/pods/\(key.name)") }

    /// The zone of its node; empty if that has none.
    func zone() async throws -> String {
        let pod = try await pod()
        let node: Node = try await get("/api/v1/nodes/\(pod.nodeName)")
        return node.zone
    }

    /// Selects those with the same labels.
    func likes() async throws -> ObjectSelection {
        ObjectSelection(namespace: key.namespace, labelSelector: try await pod().selectorOfLikes)
    }

    /// Whether no other of them is there to stay.
    func isLast() async throws -> Bool {
        let selector = try await pod().selectorOfLikes
        let query = selector.replacing(",", with: "%2C").replacing("=", with: "%3D")
        let body = try await client.get(
            "/api/v1/namespaces/\(key.namespace)/pods" + (query.isEmpty ? "" : "?labelSelector=\(query)"))
        return
            !(try ListPage<Pod>(decoding: body).items.contains { !$0.isEnding && $0.meta.name != key.name })
    }

    /// What a question comes to; it is asked until there is an answer. nil if nobody waits for it any more.
    func asked<Answer: Sendable>(
        _ subject: String, _ log: Logger, _ question: @Sendable (OwnPod) async throws -> Answer
    ) async -> Answer? {
        var (pause, told): (UInt64, String) = (1, "")
        while !Task.isCancelled {
            do { return try await question(self) } catch {
                let reason = "\(error)"
                if reason != told { log.warning("\(subject): \(reason)") }
                told = reason
            }
            try? await Task.sleep(nanoseconds: pause * 1_000_000_000)
            pause = min(60, pause * 2)
        }
        return nil
    }

    private func get<Object: DecodableObject>(_ target: String) async throws -> Object {
        try OwnPod.object(in: try await client.get(target))
    }

    private static func object<Object: DecodableObject>(in body: [UInt8]) throws -> Object {
        var reader = JSONReader(body.span)
        return try Object(decoding: &reader)
    }
}
