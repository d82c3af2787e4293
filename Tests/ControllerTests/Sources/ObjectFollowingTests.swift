import Kubernetes
import Testing

@testable import Controller

@Suite("Which Secrets are followed, and how")
struct ObjectFollowingTests {
    private var following = ObjectFollowing<Secret>(limit: 2) { $0.type == Secret.tlsType }

    private func key(_ name: String, in namespace: String = "a") -> ObjectKey {
        ObjectKey(namespace: namespace, name: name)
    }

    private func secret(_ key: ObjectKey, type: String) -> ObjectChange<Secret> {
        var secret = Secret()
        secret.meta.namespace = key.namespace
        secret.meta.name = key.name
        secret.type = type
        return .upserted(secret)
    }

    /// What the state hears of a batch.
    private mutating func tell(
        _ holder: ObjectFollowing<Secret>.Holder, _ changes: [ObjectChange<Secret>], isInitial: Bool = false,
        scope: String = ""
    ) -> [ObjectChange<Secret>] {
        let batch = ObjectBatch(changes: changes, isInitial: isInitial, receivedAt: 1)
        return following.admit(batch, from: holder, scope: scope).changes
    }

    private mutating func want(_ names: String...) -> ObjectFollowing<Secret>.Steps {
        following.want(Set(names.map { key($0) }))
        return following.settle()
    }

    @Test("a few are followed by name, as long as they are wanted")
    mutating func byName() {
        #expect(want("x", "y") == .init(start: [key("x"), key("y")]))
        #expect(following.settle() == .init(), "settled once")
        #expect(want("y") == .init(stop: [key("x")]), "nothing of x was told: nothing to take back")
        #expect(tell(.name, [secret(key("y"), type: "Opaque")]).count == 1)
        #expect(want() == .init(stop: [key("y")], gone: [key("y")]))
    }

    @Test("when many are wanted, all other types are listed, and nobody is followed by name any more")
    mutating func many() {
        #expect(want("x", "y", "z") == .init(start: [key("x"), key("y")], startsRest: true))
        #expect(tell(.name, [secret(key("x"), type: "Opaque"), secret(key("y"), type: "Opaque")]).count == 2)
        #expect(want("x", "y", "z", "more") == .init(), "the list has begun")
        // y has gone meanwhile; whoever told of it is stopped before it could say so.
        let rest = [secret(key("x"), type: "Opaque"), secret(key("z"), type: "Opaque")]
        #expect(tell(.rest, rest, isInitial: true) == rest)
        #expect(following.settle() == .init(stop: [key("x"), key("y")], gone: [key("y")]))
        #expect(want("z", "new") == .init())
        #expect(tell(.rest, [.deleted(key("x"))]) == [.deleted(key("x"))])
    }

    @Test("a list of other types covers its namespace and no other")
    mutating func namespaces() {
        following.want([key("x"), key("y", in: "b"), key("z", in: "c")])
        #expect(following.settle().start == [key("x"), key("y", in: "b")])
        _ = tell(.rest, [], isInitial: true, scope: "b")
        let steps = following.settle()
        #expect(steps == .init(start: [key("z", in: "c")], stop: [key("y", in: "b")]))
    }

    @Test("a Secret that is made again with another type survives its end as the old one, in either order")
    mutating func typeChange() {
        _ = want("x", "y", "z")
        _ = tell(.rest, [secret(key("x"), type: "Opaque")], isInitial: true)
        #expect(tell(.list, [secret(key("x"), type: Secret.tlsType)]).count == 1)
        #expect(tell(.rest, [.deleted(key("x"))]).isEmpty, "the list by type has it")
        #expect(tell(.rest, [secret(key("x"), type: "Opaque")]).count == 1)
        #expect(tell(.list, [.deleted(key("x"))]).isEmpty, "the other list has it")
        #expect(tell(.rest, [.deleted(key("x"))]) == [.deleted(key("x"))])
    }

    @Test("one that the list by type does not bring stays followed by name until it does")
    mutating func withoutTheList() {
        _ = want("x")
        _ = tell(.name, [secret(key("x"), type: Secret.tlsType)])
        #expect(want() == .init(), "known, so not wanted; but nobody else would tell of its rotation")
        #expect(tell(.list, [secret(key("x"), type: Secret.tlsType)]).count == 1)
        #expect(following.settle() == .init(stop: [key("x")]), "the list tells of its end")
    }

    @Test("one that ends while it is followed by name alone is let go")
    mutating func endsByName() {
        _ = want("x")
        _ = tell(.name, [secret(key("x"), type: Secret.tlsType)])
        _ = want()
        #expect(tell(.name, [.deleted(key("x"))]) == [.deleted(key("x"))])
        #expect(following.settle() == .init(stop: [key("x")]))
    }
}

@Suite("What of a cluster is followed")
struct ClusterScopeTests {
    private func scope(_ namespaces: [String]) -> ClusterScope {
        var settings = TranslationSettings()
        settings.defaultBackend = ObjectKey(namespace: "infra", name: "errors")
        settings.defaultTLSSecret = ObjectKey(namespace: "certs", name: "wildcard")
        return ClusterScope(namespaces: namespaces, settings: settings)
    }

    @Test("everything is one scope")
    func everything() {
        #expect(
            scope([]).parts == ["Ingress", "IngressClass", "Service", "EndpointSlice", "Secret"])
    }

    @Test("what the flags name outside of the namespaces is followed apart")
    func outside() {
        #expect(
            scope(["infra"]).parts == [
                "Ingress in infra", "Service in infra", "EndpointSlice in infra", "Secret in infra",
                "IngressClass", "Secret of certs/wildcard",
            ])
        #expect(
            scope(["shop", "certs"]).parts.isSuperset(of: [
                "Service of infra/errors", "EndpointSlice of infra/errors",
            ]))
    }
}
