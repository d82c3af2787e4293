import Testing

@testable import Controller

@Suite("What annotations do, for people")
struct AnnotationFactTests {
    @Test("they stand in the order in which they act, whatever they are called")
    func order() {
        let facts = AnnotationFact.facts(
            of: annotated([
                "proxy-read-timeout": "5", "allowlist-source-range": "10.0.0.0/8", "limit-rps": "1",
                "temporal-redirect": "https://a.example/", "cors-max-age": "5", "example.com/x": "y",
                "no-such-thing": "1", "auth-url": " ",
            ]))
        #expect(facts.map(\.phase) == ["redirect", "limits", "access", "proxying", "answer"])
        #expect(facts.filter { !$0.isHonoured } == [])
        #expect(facts.first?.key == "nginx.ingress.kubernetes.io/temporal-redirect")
    }

    @Test("one that can not be used says why")
    func refused() {
        let facts = AnnotationFact.facts(of: annotated(["server-snippet": "deny all;", "limit-rps": "x"]))
        #expect(facts.map(\.isHonoured) == [false, false])
        #expect(facts.first?.sentence.contains("which is never run") == true)
    }
}
