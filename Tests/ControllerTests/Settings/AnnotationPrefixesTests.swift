import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("Prefixes of annotations")
struct AnnotationPrefixesTests {
    @Test("unless somebody chooses, those of both are read beside ours")
    func usual() {
        for prefixes in [AnnotationPrefixes(), AnnotationPrefixes([])] {
            #expect(prefixes.name(of: "sluice.dev/a") == .own("a"))
            #expect(prefixes.name(of: "nginx.ingress.kubernetes.io/a") == .nginx("a"))
            #expect(prefixes.name(of: "haproxy.org/a") == .haproxy("a"))
            #expect(prefixes.name(of: "shop.example/a") == nil)
            #expect(prefixes.name(of: "a") == nil)
        }
    }

    @Test(
        "what is not named is not read then; ours always are", arguments: ["shop.example", "shop.example/"])
    func chosen(prefix: String) {
        let prefixes = AnnotationPrefixes([prefix])
        #expect(prefixes.name(of: "shop.example/a/b") == .nginx("a/b"))
        #expect(prefixes.name(of: "sluice.dev/a") == .own("a"))
        #expect(prefixes.name(of: "nginx.ingress.kubernetes.io/a") == nil)
        #expect(prefixes.name(of: "haproxy.org/a") == nil)
        #expect(prefixes.key(of: .nginx("a")) == "shop.example/a")
    }

    @Test("several may be, and that of the HAProxy controllers brings their words")
    func several() {
        let prefixes = AnnotationPrefixes(["haproxy.org", "old.example", "new.example"])
        #expect(prefixes.name(of: "haproxy.org/a") == .haproxy("a"))
        #expect(prefixes.name(of: "old.example/a") == .nginx("a"))
        #expect(prefixes.name(of: "new.example/a") == .nginx("a"))
        #expect(prefixes.key(of: .nginx("a")) == "old.example/a")
        #expect(prefixes.key(of: .haproxy("a")) == "haproxy.org/a")
    }

    @Test("an Ingress is read by them, and told of its own words")
    func reading() {
        let choices = ReadingChoices(prefixes: AnnotationPrefixes(["shop.example"]))
        let found = AnnotationReading(
            annotated([
                "shop.example/proxy-body-size": "3k", "shop.example/limit-rps": "x",
                "nginx.ingress.kubernetes.io/limit-rpm": "y", "shop.example/limit-rpss": "1",
            ]), choices)
        #expect(found.values.body.limit == 3072)
        #expect(found.failure == .leavesIngressOut)
        #expect(
            found.diagnostics.map(\.field) == [
                "metadata.annotations[shop.example/limit-rps]",
                "metadata.annotations[shop.example/limit-rpss]",
            ])
        #expect(found.diagnostics[1].message.contains("did you mean shop.example/limit-rps?"))
        #expect(!AnnotationReading.isNeeded(for: annotated(["limit-rps": "1"]), choices))
    }

    @Test("what annotations name is followed under them alone")
    func names() {
        let web = annotated(["auth-secret": "old", "shop.example/auth-secret": "ca"])
        let (key, namespace) = (web.meta.key, web.meta.namespace)
        let secret = ObjectKey(namespace: namespace, name: "ca")
        var state = ClusterState()
        _ = state.set(web, at: key)
        #expect(state.ingressesByAnnotatedSecret[secret].isEmpty)
        state.follow(AnnotationPrefixes(["shop.example"]))
        #expect(state.ingressesByAnnotatedSecret[secret] == [key])
        #expect(state.ingressesByAnnotatedSecret[ObjectKey(namespace: namespace, name: "old")].isEmpty)
        _ = state.set(nil as Ingress?, at: key)
        #expect(state.ingressesByAnnotatedSecret[secret].isEmpty)
    }
}
