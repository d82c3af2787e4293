import Model
import Testing

@testable import ConfigLanguage

@Suite("TLS of haproxy.cfg")
struct TLSKeywordsTests {
    private let head = """
        defaults
            mode http
            timeout client 10s
            timeout connect 1s
            timeout server 20s

        """
    private let files: [String: FileContent] = [
        "ca.pem": .file(Array("-----BEGIN CERTIFICATE-----".utf8)), "crl.pem": .file(Array("list".utf8)),
        "/base/ca.pem": .file(Array("based".utf8)),
        "client.pem": .file(Array("-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----".utf8)),
    ]

    private func server(_ keywords: String, before: String = "", default defaults: String = "") -> (
        ServerTLS?, [String]
    ) {
        let text = read(
            before + head + "backend b\n \(defaults)\n server s 127.0.0.1:1 \(keywords)\n", files: files)
        return (
            text.configuration.backends[BackendName("b")]?.servers.first?.tls,
            text.diagnostics.map(\.description)
        )
    }

    @Test(
        "without ssl there is no TLS, whatever else is said; with it a server is verified unless it is said not"
    )
    func verification() {
        #expect(server("").0 == nil)
        #expect(server("verify none sni str(a)").0 == nil)
        #expect(server("ssl verify none").0 == ServerTLS())
        let bundle = AuthorityBundle(
            certificatesPEM: Array("-----BEGIN CERTIFICATE-----".utf8), certificatesFile: "ca.pem")
        #expect(server("ssl ca-file ca.pem").0 == ServerTLS(trusting: bundle))
        #expect(server("ssl verify required ca-file ca.pem").0 == ServerTLS(trusting: bundle))
        #expect(server("ca-file ca.pem verify none ssl").0 == ServerTLS())
        #expect(server("ssl").1.first?.contains("say who signs") == true)
        #expect(server("ssl", default: "default-server verify none").0 == ServerTLS())
        #expect(server("no-ssl", default: "default-server ssl verify none").0 == nil)
    }

    @Test("'ssl-server-verify' says what holds for servers that say nothing")
    func verificationByDefault() {
        let none = "global\n ssl-server-verify none\n"
        let bundle = AuthorityBundle(
            certificatesPEM: Array("-----BEGIN CERTIFICATE-----".utf8), certificatesFile: "ca.pem")
        #expect(server("ssl", before: none).0 == ServerTLS())
        #expect(server("ssl", before: none).1.isEmpty)
        let (unverified, told) = server("ssl ca-file ca.pem", before: none)
        #expect(unverified == ServerTLS())
        #expect(told.count == 1 && told[0].contains("warning") && told[0].contains("not verified"))
        #expect(
            server("ssl verify required ca-file ca.pem", before: none).0 == ServerTLS(trusting: bundle))
        #expect(server("ssl verify required", before: none).1.first?.contains("say who signs") == true)
        let required = "global\n ssl-server-verify required\n"
        #expect(server("ssl", before: required).1.first?.contains("say who signs") == true)
        #expect(server("ssl ca-file ca.pem", before: required).0 == ServerTLS(trusting: bundle))
        #expect(
            server("ssl", before: "global\n ssl-server-verify maybe\n").1.contains { $0.contains("error") })
        #expect(server("ssl", before: "global\n ssl-server-verify\n").1.contains { $0.contains("error") })
    }

    @Test("files are read where they are said to be")
    func paths() {
        let before = "global\n ca-base /base\n"
        let based = AuthorityBundle(certificatesPEM: Array("based".utf8), certificatesFile: "/base/ca.pem")
        #expect(server("ssl ca-file ca.pem", before: before).0 == ServerTLS(trusting: based))
        let (tls, _) = server("ssl ca-file ca.pem crl-file crl.pem crt client.pem")
        guard case .required(let bundle) = tls?.verification else {
            Issue.record("not verified")
            return
        }
        #expect(bundle.revocationsPEM == Array("list".utf8))
        #expect(tls?.clientCertificate != nil)
        #expect(server("ssl ca-file none.pem").1.first?.contains("none.pem") == true)
    }

    @Test("names, protocols, versions and ciphers")
    func settings() throws {
        func tls(_ keywords: String) -> ServerTLS? { server("ssl verify none " + keywords).0 }
        #expect(tls("sni str(web.example)")?.serverName == .fixed("web.example"))
        #expect(tls("sni req.hdr(host)")?.serverName == .requestHost)
        #expect(try tls("sni ssl_fc_sni")?.serverName == .sample(Expression(.ofClient(.serverName))))
        #expect(server("ssl verify none sni src").1.first?.contains("a name") == true)
        #expect(server("ssl verify none sni res.hdr(a)").0 == nil)
        #expect(tls("ws auto") != nil)
        #expect(server("ssl verify none ws h2").1.first?.contains("'ws h2' needs 'proto h2'") == true)
        #expect(tls("verifyhost web.example")?.verifiedName == "web.example")
        #expect(tls("alpn h2,http/1.1")?.protocols == ["h2", "http/1.1"])
        #expect(tls("no-ssl-reuse")?.reusesSessions == false)
        #expect(tls("ssl-min-ver TLSv1.3")?.parameters.minimum == .tls13)
        #expect(tls("ssl-max-ver TLSv1.2")?.parameters.maximum == .tls12)
        #expect(tls("force-tlsv12")?.parameters.maximum == .tls12)
        #expect(tls("no-tlsv12")?.parameters.minimum == .tls13)
        #expect(tls("ciphers A:B ciphersuites C curves D")?.parameters.ciphers == "A:B")
        #expect(server("ssl verify none ssl-min-ver TLSv1.0").1.first?.contains("the least") == true)
    }

    @Test("a bind has versions, ciphers and strict names of its own")
    func binds() {
        func bind(_ keywords: String) -> Bind? {
            read(head + "listen l\n bind :443 ssl \(keywords)\n server s 127.0.0.1:1\n").configuration
                .frontends.first?.binds.first
        }
        #expect(bind("")?.tlsParameters == nil)
        #expect(bind("ssl-min-ver TLSv1.3 curves X25519")?.tlsParameters?.minimum == .tls13)
        #expect(bind("ssl-min-ver TLSv1.3 curves X25519")?.tlsParameters?.curves == "X25519")
        #expect(bind("prefer-client-ciphers")?.tlsParameters?.followsClients == true)
        #expect(bind("ssl-min-ver TLSv1.2")?.tlsParameters?.followsClients == nil)
        #expect(bind("strict-sni")?.isStrictSNI == true)
        #expect(bind("ecdhe P-256")?.tlsParameters?.curves == "P-256")
        #expect(bind("curves X25519 ecdhe P-256")?.tlsParameters?.curves == "X25519")
        #expect(bind("strict-sni no-strict-sni")?.isStrictSNI == false)
    }
}
