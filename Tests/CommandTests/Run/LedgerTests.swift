import Admin
import Model
import Testing

@testable import Command

private func finding(_ name: String, reason: String = "Bad") -> Diagnostic {
    Diagnostic(
        .error, kind: "Secret", object: Origin(namespace: "a", name: name), reason: reason, message: "x")
}

@Suite("The ledger")
struct LedgerTests {
    @Test("it holds what was published, change by change")
    func configuration() {
        let ledger = Ledger()
        var change = Change()
        change.routes[.exact("a.example")] = HostRoutes([])
        ledger.enter(change, refused: [])
        change = Change()
        change.routes.updateValue(nil, forKey: .exact("a.example"))
        change.fallback = .some(.answer(status: 503))
        ledger.enter(change, refused: [])
        #expect(ledger.configuration.routes.isEmpty)
        #expect(ledger.configuration.fallback == .answer(status: 503))
        #expect(ledger.publishes == 2)
    }

    @Test("a refused certificate is a finding until it is replaced")
    func refusals() {
        let ledger = Ledger()
        var change = Change()
        change.certificates[CertificateName("a/tls")] = Certificate(chainPEM: [], keyPEM: [])
        ledger.enter(change, refused: [finding("tls")])
        ledger.replaceFindings([finding("other")])
        #expect(Set(ledger.diagnostics.map(\.object.name)) == ["tls", "other"])
        #expect(!ledger.isTakenWhole)
        ledger.enter(Change(), refused: [])
        #expect(ledger.diagnostics.count == 2)
        ledger.enter(change, refused: [])
        #expect(ledger.diagnostics.map(\.object.name) == ["other"])
        #expect(ledger.isTakenWhole)
    }

    @Test("findings are counted by kind and reason")
    func families() {
        let family = ProcessFamilies.findings([finding("a"), finding("b"), finding("c", reason: "Worse")])
        #expect(
            MetricsText.render([family]).split(separator: "\n").suffix(2) == [
                #"sluice_object_errors{severity="error",kind="Secret",reason="Bad"} 2"#,
                #"sluice_object_errors{severity="error",kind="Secret",reason="Worse"} 1"#,
            ])
    }
}
