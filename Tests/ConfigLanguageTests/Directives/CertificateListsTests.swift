import Model
import Testing

@testable import ConfigLanguage

@Suite("Certificates of bind lines")
struct CertificateListsTests {
    private static let pair = FileContent.file(
        Array("-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----".utf8))

    /// A file with one TLS bind, beside certificates `a.pem`, `b.pem` and `ca.pem` and the list.
    private func text(_ bind: String, list: String = "", names: [String] = []) -> ConfigurationText {
        let files: [String: FileContent] = [
            "a.pem": Self.pair, "b.pem": Self.pair, "c.pem.rsa": Self.pair, "c.pem.ecdsa": Self.pair,
            "ca.pem": .file(Array("ca".utf8)), "crl.pem": .file(Array("crl".utf8)),
            "list": .file(Array(list.utf8)),
        ]
        var surroundings = Surroundings(
            environment: [:], read: { files[$0] ?? .unreadable("no such file") }, resolve: { _ in nil })
        surroundings.certificateNames = { _ in names }
        let file = ConfigurationFile(
            name: "t.cfg",
            bytes: Array(
                "frontend f\n mode http\n timeout client 1s\n bind :443 ssl \(bind)\n".utf8))
        return ConfigurationText.read([file], surroundings)
    }

    private func refusals(_ bind: String, list: String = "") -> [String] {
        text(bind, list: list).diagnostics.map(\.description).filter { $0.contains("error") }
    }

    private func demand(_ bind: String) -> ClientAuthentication? {
        text("crt a.pem " + bind).configuration.frontends.first?.binds.first?.clientAuthentication
    }

    // MARK: verify

    @Test("a bind demands nothing unless verify says so")
    func nothing() {
        #expect(demand("") == nil)
        #expect(demand("ca-file ca.pem") == nil)
        #expect(demand("ca-file ca.pem verify required verify none") == nil)
    }

    @Test("verify, its authorities, lists of revocations and errors that do not count")
    func demands() {
        var expected = ClientAuthentication(
            authorities: AuthorityBundle(certificatesPEM: Array("ca".utf8), certificatesFile: "ca.pem"))
        expected.headers = .none
        #expect(demand("verify required ca-file ca.pem") == expected)
        expected.demand = .optional
        #expect(demand("ca-file ca.pem verify optional") == expected)
        expected.authorities = AuthorityBundle(
            certificatesPEM: Array("ca".utf8), revocationsPEM: Array("crl".utf8),
            certificatesFile: "ca.pem", revocationsFile: "crl.pem")
        (expected.ignoredErrors, expected.ignoredAuthorityErrors) = (.only([10, 20]), .all)
        let found = demand(
            "verify optional ca-file ca.pem crl-file crl.pem crt-ignore-err 10,20 ca-ignore-err all")
        #expect(found == expected)
    }

    @Test(
        "what is wrong with a demand is said",
        arguments: [
            ("crt a.pem verify required", "say who signs them by 'ca-file'"),
            ("crt a.pem verify sometimes", "expected one of none"),
            ("crt a.pem verify required ca-file x.pem", "no such file"),
            ("crt a.pem verify required ca-file ca.pem crt-ignore-err 10,x", "numbers or names of errors"),
            (
                "crt a.pem crt-ignore-err X509_V_ERR_CERT_HAS_EXPIRE",
                "did you mean 'X509_V_ERR_CERT_HAS_EXPIRED'?"
            ),
            ("crt a.pem ca-verify-file ca.pem", "not here yet"),
        ])
    func wrongDemands(bind: String, expected: String) {
        #expect(refusals(bind).contains { $0.contains(expected) }, "\(refusals(bind))")
    }

    // MARK: Lists

    @Test("what stands in lists is kept, each once")
    func kept() throws {
        let list = "# none\na.pem\n\nb.pem [alpn h2]  b.test !x.b.test\n"
        let lists = text("crt-list list crt-list list", list: list).sources.certificateLists
        #expect(lists.map(\.path) == ["list"])
        #expect(lists.first?.entries.map(\.line) == [2, 4])
        #expect(lists.first?.entries.map(\.certificate) == ["a.pem", "b.pem"])
        #expect(lists.first?.entries.map(\.options) == [nil, ["alpn", "h2"]])
        #expect(lists.first?.entries.last?.names == ["b.test", "!x.b.test"])
    }

    @Test("a list's names are those its certificates are served for, the first one for all others")
    func names() {
        let found = text("crt-list list", list: "# comment\n\na.pem\r\nb.pem shop.example *.shop.example\n")
            .configuration
        #expect(found.defaultCertificates == [CertificateName("a.pem")])
        #expect(found.certificates[CertificateName("a.pem")]?.servesSubjectNames == true)
        #expect(found.certificates[CertificateName("b.pem")]?.servesSubjectNames == false)
        #expect(
            found.serverNames == [
                .exact("shop.example"): [CertificateName("b.pem")],
                .wildcard("shop.example"): [CertificateName("b.pem")],
            ])
        #expect(found.hostTLS.isEmpty)
    }

    @Test("who is left out of a wildcard is served the first one; a star alone is no name")
    func exceptions() {
        let list = "a.pem\nb.pem *.shop.example !old.shop.example\na.pem *\n"
        let found = text("crt-list list", list: list).configuration
        #expect(found.serverNames[.exact("old.shop.example")] == [CertificateName("a.pem")])
        #expect(found.serverNames[.wildcard("shop.example")] == [CertificateName("b.pem")])
        #expect(found.serverNames.count == 2)
        #expect(found.hostTLS == [.exact("old.shop.example"): HostTLS()], "the wildcard's do not hold")
    }

    @Test("options hold for the names behind them, on top of what the bind has, wherever it says so")
    func options() {
        let list =
            "a.pem\nb.pem [ssl-max-ver TLSv1.2 alpn http/1.1] shop.example\na.pem[verify none]x.example\n"
        let found = text(
            "crt-list list ciphers A curves B verify required ca-file ca.pem", list: list
        ).configuration
        var expected = HostTLS()
        expected.parameters = TLSParameters()
        expected.parameters?.maximum = .tls12
        expected.parameters?.ciphers = "A"
        expected.parameters?.curves = "B"
        expected.speaksHTTP2 = false
        #expect(found.hostTLS[.exact("shop.example")] == expected)
        expected = HostTLS()
        expected.demand = .nothing
        #expect(found.hostTLS[.exact("x.example")] == expected)
        #expect(found.frontends[0].binds[0].clientAuthentication?.demand == .required)
    }

    @Test("a demand of a list may rest on the bind's authorities")
    func demandOfList() {
        let found = text("crt-list list ca-file ca.pem", list: "a.pem [verify optional] a.example\n")
            .configuration
        guard case .own(let demand)? = found.hostTLS[.exact("a.example")]?.demand else {
            Issue.record("no demand")
            return
        }
        #expect(demand.demand == .optional)
        #expect(demand.authorities.certificatesPEM == Array("ca".utf8))
        #expect(found.frontends[0].binds[0].clientAuthentication == nil)
        #expect(found.clientAuthentication.isEmpty)
    }

    @Test("options without names hold for those of the certificate")
    func ownNames() {
        let found = text(
            "crt-list list", list: "a.pem [no-tlsv12]\n", names: ["own.example", "*.own.example", "?"]
        ).configuration
        #expect(Set(found.hostTLS.keys) == [.exact("own.example"), .wildcard("own.example")])
        #expect(found.hostTLS.values.allSatisfy { $0.parameters?.minimum == .tls13 })
        #expect(found.serverNames.isEmpty)
    }

    @Test(
        "what is wrong with a list is said with its line",
        arguments: [
            ("", "there is no certificate in it"), ("a.pem\nnone.pem\n", "line 2: crt 'none.pem'"),
            ("a.pem [verify required] a.example\n", "line 1: 'verify' asks for certificates"),
            ("a.pem [alpn h2 a.example\n", "line 1: ']' is missing"),
            ("a.pem [a] [b]\n", "one pair of brackets"),
            ("a.pem a.example [alpn h2]\n", "one pair of brackets"),
            ("a.pem ] x\n", "one pair of brackets"), ("a.pem [colour blue]\n", "unknown keyword 'colour'"),
            ("a.pem [ocsp-update on]\n", "not here yet"), ("a.pem a..example\n", "expected a server name"),
            ("a.pem [ssl-min-ver 7] a.example\n", "expected TLSv1.2 or TLSv1.3"),
        ])
    func wrong(list: String, expected: String) {
        let found = refusals("crt-list list", list: list)
        #expect(found.contains { $0.contains(expected) && $0.contains("crt-list 'list'") }, "\(found)")
    }

    @Test("the same name with two kinds of options is told, and the first ones hold")
    func contradiction() {
        let list = "a.pem [no-tlsv12] a.example\nb.pem [no-tlsv13] a.example\n"
        let found = text("crt-list list", list: list)
        #expect(found.diagnostics.contains { $0.description.contains("were given before") })
        #expect(found.configuration.hostTLS[.exact("a.example")]?.parameters?.minimum == .tls13)
        #expect(found.configuration.serverNames[.exact("a.example")]?.count == 2)
    }

    @Test(
        "a star in a list makes a default beside the first one; who is left out of a wildcard gets all of them"
    )
    func defaults() {
        let list = "a.pem\nb.pem *.shop.example !old.shop.example\nc.pem.rsa * x.example\n"
        let found = text("crt-list list", list: list).configuration
        let defaults = [CertificateName("a.pem"), CertificateName("c.pem.rsa")]
        #expect(found.defaultCertificates == defaults)
        #expect(found.serverNames[.exact("old.shop.example")] == defaults)
        #expect(found.serverNames[.exact("x.example")] == [CertificateName("c.pem.rsa")])
    }

    @Test("of a list whose first certificate has two kinds of key the first file is a default")
    func bundleInAList() {
        let found = text("crt-list list", list: "c.pem\n").configuration
        #expect(found.defaultCertificates == [CertificateName("c.pem.ecdsa")])
    }

    @Test("a certificate of two kinds of key is two files, and both are defaults where it is the first")
    func bundle() {
        let found = text("crt c.pem").configuration
        #expect(Set(found.certificates.keys.map(\.description)) == ["c.pem.ecdsa", "c.pem.rsa"])
        #expect(found.defaultCertificates == [CertificateName("c.pem.ecdsa"), CertificateName("c.pem.rsa")])
    }
}
