import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("Strictness that is relaxed")
struct StrictnessTests {
    private func reading(_ annotations: [String: String], _ rules: StrictnessRule...) -> AnnotationReading {
        AnnotationReading(annotated(annotations), ReadingChoices(relaxed: Set(rules)))
    }

    @Test("a value that is not of its form is ignored, with a warning")
    func values() {
        let usual = reading(["ssl-redirect": "perhaps", "proxy-cookie-path": "a"])
        #expect(usual.failure == .leavesIngressOut)
        let relaxed = reading(["ssl-redirect": "perhaps", "proxy-cookie-path": "a"], .values)
        #expect(relaxed.failure == nil)
        #expect(relaxed.diagnostics.map(\.severity) == [.warning, .warning])
        #expect(reading(["ssl-redirect": "perhaps"], .snippets, .fields).failure == .leavesIngressOut)
    }

    @Test(
        "what keeps clients out, or makes sure of servers, is never let go",
        arguments: [
            "whitelist-source-range", "denylist-source-range", "auth-type", "auth-secret", "auth-url",
            "auth-tls-secret",
            "proxy-ssl-secret", "proxy-ssl-verify", "server-alias", "satisfy",
        ])
    func guards(name: String) {
        let all = Set(StrictnessRule.allCases)
        let found = AnnotationReading(annotated([name: "no such, thing!"]), ReadingChoices(relaxed: all))
        #expect(found.failure != nil, "\(found.diagnostics)")
    }

    @Test("fields of a ConfigMap that is not there are left out, those of questions are not")
    func fields() {
        func failure(_ annotations: [String: String], _ rules: Set<StrictnessRule>) -> Bool {
            var basis = IngressPlan.Basis()
            basis.choices.relaxed = rules
            return IngressPlan(annotated(annotations), basis).refusesPaths
        }
        #expect(failure(["custom-headers": "shop/missing"], []))
        #expect(!failure(["custom-headers": "shop/missing"], [.fields]))
        let asked = ["auth-url": "http://a.test/", "auth-proxy-set-headers": "shop/missing"]
        #expect(failure(asked, [.fields]))
    }

    @Test("every rule has a word and a sentence", arguments: StrictnessRule.allCases)
    func words(rule: StrictnessRule) {
        #expect(!rule.sentence.isEmpty && rule.rawValue.allSatisfy { $0.isLowercase || $0 == "-" })
    }
}
