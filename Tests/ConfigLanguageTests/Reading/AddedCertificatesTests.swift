import Model
import Testing

@testable import ConfigLanguage

@Suite("Lines that are added to lists of certificates")
struct AddedCertificatesTests {
    private let added: AddedCertificates

    init() {
        let pair = Array("-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----".utf8)
        let files: [String: FileContent] = [
            "a.pem": .file(pair), "ca.pem": .file(Array("ca".utf8)), "list": .file(Array("a.pem\n".utf8)),
        ]
        let surroundings = Surroundings(
            environment: [:], read: { files[$0] ?? .unreadable("no such file") }, resolve: { _ in nil })
        let text = """
            frontend f
                mode http
                timeout client 1s
                bind :443 ssl crt-list list ssl-min-ver TLSv1.2 ca-file ca.pem
            """
        added =
            ConfigurationText.read(
                [ConfigurationFile(name: "t.cfg", bytes: Array(text.utf8))], surroundings
            ).addedCertificates
    }

    private func line(_ text: String) -> AddedCertificates.Line? {
        if case .line(let line) = added.read(Array(text.utf8), of: "list") { return line }
        return nil
    }

    private func refusal(_ text: String) -> String {
        if case .refused(let why) = added.read(Array(text.utf8), of: "list") { return why }
        return ""
    }

    @Test("a certificate alone is for its own names, and so is one with exceptions alone")
    func alone() {
        let plain = line("x.pem")
        #expect(plain?.certificate == "x.pem" && plain?.hosts == nil && plain?.options == nil)
        #expect(plain?.tls == nil && plain?.names == [])
        let without = line(" x.pem  !old.test")
        #expect(without?.hosts == nil && without?.exceptions == [.exact("old.test")])
    }

    @Test("what names that nobody has are served is said in the file")
    func defaults() {
        #expect(refusal("x.pem *").contains("'*' stands in the file"))
        #expect(refusal("x.pem a.test *").contains("'*' stands in the file"))
        #expect(line("x.pem !*") != nil)
    }

    @Test("names, exceptions and options are those of a file's lines, on top of what the bind has")
    func whole() {
        let found = line(
            "x.pem [ssl-max-ver TLSv1.3 alpn http/1.1 verify required] *.a.test !b.a.test c.test\r")
        #expect(found?.options == ["ssl-max-ver", "TLSv1.3", "alpn", "http/1.1", "verify", "required"])
        #expect(found?.names == ["*.a.test", "!b.a.test", "c.test"])
        #expect(found?.hosts == [.wildcard("a.test"), .exact("c.test")])
        #expect(found?.exceptions == [.exact("b.a.test")])
        #expect(found?.tls?.parameters?.minimum == .tls12 && found?.tls?.parameters?.maximum == .tls13)
        #expect(found?.tls?.speaksHTTP2 == false)
        guard case .own(let demand)? = found?.tls?.demand else {
            Issue.record("nothing is demanded")
            return
        }
        #expect(demand.authorities.certificatesFile == "ca.pem")
    }

    @Test(
        "what is wrong with a line is said",
        arguments: [
            ("", "a certificate is expected"), ("# x.pem", "a certificate is expected"),
            ("x.pem [colour blue]", "colour"), ("x.pem [alpn h2", "']'"),
            ("x.pem a.test [alpn h2]", "one pair"),
            ("x.pem not/a/name", "a server name"), ("x.pem [ca-file none.pem] a.test", "no such file"),
        ])
    func wrong(text: String, expected: String) {
        #expect(refusal(text).contains(expected), "\(refusal(text))")
    }
}
