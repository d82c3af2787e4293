import Model
import Testing

@Suite("Diagnostics")
struct DiagnosticTests {
    private let web = Origin(namespace: "shop", name: "web")

    @Test("one line says where, what, which field, and the word for it")
    func whole() {
        let finding = Diagnostic(
            .error, kind: "Ingress", object: web, field: "spec.rules[0].host", reason: "HostInvalid",
            message: "no name",
            location: SourceLocation(file: "a.yaml", line: 3))
        #expect("\(finding)" == "a.yaml:3: error: Ingress shop/web spec.rules[0].host: no name (HostInvalid)")
    }

    @Test("what is unknown is left out")
    func parts() {
        let classFinding = Diagnostic(
            .warning, kind: "IngressClass", object: Origin(namespace: "", name: "web"), reason: "R",
            message: "m")
        #expect("\(classFinding)" == "warning: IngressClass web: m (R)")
        let file = Diagnostic(
            .error, kind: "", object: Origin(namespace: "", name: ""), reason: "R", message: "m",
            location: SourceLocation(file: "a.yaml", line: 1))
        #expect("\(file)" == "a.yaml:1: error: m (R)")
    }

    @Test("an error is worse than a warning")
    func severity() {
        #expect(Diagnostic.Severity.warning < .error)
        #expect(!(Diagnostic.Severity.error < .warning) && !(Diagnostic.Severity.error < .error))
    }
}
