import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("What is kept of an Ingress, a ConfigMap and a command line")
struct MigrationJudgeTests {
    private static let prefix = "nginx.ingress.kubernetes.io/"

    @Test(
        "every annotation has one verdict",
        arguments: [
            ("force-ssl-redirect", "true", .honoured), ("proxy-body-size", "8m", .differs),
            ("session-cookie-hash", "sha1", .needless), ("fastcgi-index", "index.php", .honoured),
            ("configuration-snippet", "return 200;", .refused), ("modsecurity-snippet", "x", .refused),
            ("force-ssl-redirect", "perhaps", .invalid), ("force-ssl-redirekt", "true", .unknown),
        ] as [(String, String, MigrationFinding.Verdict)])
    func annotation(name: String, value: String, verdict: MigrationFinding.Verdict) {
        let findings = MigrationJudge.findings(of: annotated([name: value]))
        #expect(findings.map(\.name) == [Self.prefix + name])
        #expect(findings.map(\.verdict) == [verdict])
    }

    @Test("other prefixes and empty values are no findings")
    func silence() {
        #expect(MigrationJudge.findings(of: annotated(["example.com/a": "b", "auth-url": " "])) == [])
    }

    @Test("whatever closes paths says so, and an unknown name its neighbour")
    func words() {
        let refused = MigrationJudge.findings(of: annotated(["server-snippet": "deny all;"])).first
        #expect(refused?.note.hasSuffix("; the Ingress's paths are answered 503") == true)
        let unknown = MigrationJudge.findings(of: annotated(["ssl-redirct": "true"])).first
        #expect(unknown?.advice == "perhaps nginx.ingress.kubernetes.io/ssl-redirect")
    }

    @Test("of two that say the same the second is not needed")
    func twice() {
        let findings = MigrationJudge.findings(
            of: annotated(["sluice.dev/ssl-redirect": "false", "ssl-redirect": "true"]))
        #expect(findings.map(\.verdict) == [.needless, .differs])
    }

    @Test("no verdict tells a value that can be read")
    func values() {
        let findings = MigrationJudge.findings(
            of: annotated(["permanent-redirect": "https://hidden.example/"]))
        #expect(findings.allSatisfy { !"\($0)".contains("hidden") })
    }

    @Test(
        "every key of a ConfigMap has one verdict",
        arguments: [
            ("keep-alive", "30", .honoured), ("proxy-body-size", "8m", .differs),
            ("worker-processes", "4", .needless), ("use-geoip2", "true", .refused),
            ("http-snippet", "x", .refused), ("enable-modsecurity", "true", .refused),
            ("proxy-body-size", "much", .invalid), ("proxy-body-sise", "8m", .unknown),
        ] as [(String, String, MigrationFinding.Verdict)])
    func key(name: String, value: String, verdict: MigrationFinding.Verdict) {
        var map = ConfigMap()
        map.data = [name: value]
        #expect(MigrationJudge.findings(of: map).map(\.verdict) == [verdict])
    }

    @Test("a guard for all that can not be used lets nobody in")
    func guarded() {
        var settings = TrafficSettings()
        let problems = TrafficTable.table.take(["global-auth-url": "https://../"], into: &settings)
        #expect(settings.allowed == ["0.0.0.0/32"])
        #expect(problems.map(\.severity) == [.error])
        #expect(problems.map(\.reason) == ["SettingInvalid"])
    }

    @Test("a command that starts ingress-nginx is judged flag by flag, another one not at all")
    func command() {
        #expect(MigrationJudge.findings(ofCommand: ["/bin/sh", "-c", "nginx"]) == nil)
        let findings = MigrationJudge.findings(ofCommand: [
            "/usr/bin/dumb-init", "--", "/nginx-ingress-controller", "--ingress-class=nginx",
            "--udp-services-configmap=a/b", "--watch-namespace-selector", "a=b",
            "--apiserver-host=http://a", "--v=2", "--what",
        ])
        #expect(findings?.map(\.verdict) == [.honoured, .pending, .honoured, .refused, .needless, .unknown])
    }
}
