import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("Reading annotations")
struct AnnotationReadingTests {
    private func reading(_ annotations: [String: String]) -> AnnotationReading {
        AnnotationReading(annotated(annotations))
    }

    @Test("only annotations under our prefixes are ours")
    func others() {
        let found = reading(["example.com/ssl-redirect": "maybe", "plain": "x", "a/b/c": ""])
        // `plain` is written under ingress-nginx's prefix by the fixture.
        #expect(found.diagnostics.map(\.reason) == ["AnnotationUnknown"])
        #expect(!AnnotationReading.isNeeded(for: ingress("web"), ReadingChoices()))
        #expect(
            AnnotationReading.isNeeded(for: annotated(["sluice.dev/ssl-redirect": "false"]), ReadingChoices())
        )
    }

    @Test(
        "one value has one meaning under every prefix",
        arguments: [
            "nginx.ingress.kubernetes.io/ssl-redirect", "sluice.dev/ssl-redirect", "haproxy.org/ssl-redirect",
        ])
    func prefixes(key: String) {
        #expect(reading([key: "false"]).values.redirects.toHTTPS == false)
        #expect(reading([key: "true"]).values.redirects.toHTTPS == true)
    }

    @Test("of two that say the same ours counts, then ingress-nginx's, and the other is told")
    func twice() {
        let found = reading([
            "sluice.dev/ssl-redirect": "false", "ssl-redirect": "true", "haproxy.org/ssl-redirect": "true",
        ])
        #expect(found.values.redirects.toHTTPS == false)
        #expect(found.diagnostics.map(\.reason) == ["AnnotationTwice", "AnnotationTwice"])
        #expect(found.failure == nil)
        let names = reading(["whitelist-source-range": "10.0.0.0/8", "allowlist-source-range": "192.0.2.1"])
        #expect(names.values.access.allowed == ["192.0.2.1"])
    }

    @Test("an unknown one is a warning with the nearest name")
    func unknown() {
        let found = reading(["ssl-redirct": "true"])
        #expect(
            found.diagnostics.map(\.sentence) == [
                "Ingress shop/web metadata.annotations[nginx.ingress.kubernetes.io/ssl-redirct]: "
                    + "there is no such annotation; did you mean nginx.ingress.kubernetes.io/ssl-redirect? (AnnotationUnknown)"
            ])
        #expect(found.diagnostics.first?.severity == .warning)
        #expect(found.failure == nil)
        #expect(
            reading(["something-else-altogether": "1"]).diagnostics.first?.message
                == "there is no such annotation")
    }

    @Test("an empty value counts as absent", arguments: ["", " ", "\n"])
    func empty(value: String) {
        let found = reading(["permanent-redirect": value, "no-such-thing": value, "auth-url": value])
        #expect(found.diagnostics == [])
        #expect(found.values == AnnotationValues())
    }

    @Test(
        "an invalid value takes the whole Ingress out",
        arguments: [
            ("ssl-redirect", "maybe"), ("force-ssl-redirect", "2"), ("permanent-redirect", "https://a/$host"),
            ("permanent-redirect", "a\nb"), ("temporal-redirect", "/relative"),
            ("temporal-redirect", "ftp://a"),
            ("temporal-redirect", "https://"), ("allowlist-source-range", "10.0.0.0/33"),
            ("denylist-source-range", "10.0.0.0/8,somebody"),
        ])
    func invalid(name: String, value: String) {
        let found = reading([name: value])
        #expect(found.failure == .leavesIngressOut)
        #expect(found.diagnostics.map(\.reason) == ["AnnotationInvalid"])
        #expect(found.diagnostics.first?.severity == .error)
        #expect(found.diagnostics.first?.message.contains("\n") == false)
    }

    @Test(
        "where ingress-nginx falls back to its default, so does this",
        arguments: [
            ("permanent-redirect-code", "200"), ("temporal-redirect-code", "308"), ("proxy-body-size", "15r"),
        ])
    func fallsBack(name: String, value: String) {
        let found = reading([name: value])
        #expect(found.failure == nil)
        #expect(found.values == AnnotationValues())
        #expect(found.diagnostics.map(\.severity) == [.warning])
    }

    @Test(
        "snippets are never run: the paths are answered 503",
        arguments: ["configuration-snippet", "server-snippet", "stream-snippet", "auth-snippet"])
    func snippets(name: String) {
        let found = reading([name: "\n  more_set_headers \"X: y\";\n"])
        #expect(found.failure == .refusesPaths)
        #expect(found.diagnostics.map(\.reason) == ["AnnotationRefused"])
        #expect(found.diagnostics.first?.message.contains("line 2 is \"more_set_headers") == true)
    }

    @Test("what only embellishes and is refused is told, and no more")
    func embellishing() {
        let found = reading(["enable-modsecurity": "true"])
        #expect(found.failure == nil)
        #expect(found.diagnostics.map(\.reason) == ["AnnotationRefused"])
        #expect(found.diagnostics.allSatisfy { $0.severity == .warning })
    }
}
