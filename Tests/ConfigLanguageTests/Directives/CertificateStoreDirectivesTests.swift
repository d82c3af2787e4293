import Model
import Testing

@testable import ConfigLanguage

@Suite("crt-store")
struct CertificateStoreDirectivesTests {
    private static let certificate = "-----BEGIN CERTIFICATE-----\n"
    private static let key = "-----BEGIN PRIVATE KEY-----\n"

    private func read(_ text: String) -> ConfigurationText {
        var surroundings = Surroundings.nothing
        surroundings.read = { path in
            switch path.split(separator: ".").last {
            case "pem": .file(Array("\(Self.certificate)\(Self.key)\(path)".utf8))
            case "crt": .file(Array("\(Self.certificate)\(path)".utf8))
            case "key": .file(Array("\(Self.key)\(path)".utf8))
            case "ecdsa" where path.hasPrefix("bundle"), "rsa" where path.hasPrefix("bundle"):
                .file(Array("\(Self.certificate)\(Self.key)\(path)".utf8))
            case "d": .folder(["a.pem", "b.pem"])
            case "ocsp" where path.hasSuffix("empty.ocsp"): .file([])
            case "ocsp" where path.hasPrefix("/o"): .file(Array(path.utf8))
            default: .unreadable("no such file")
            }
        }
        return ConfigurationText.read(
            [ConfigurationFile(name: "t.cfg", bytes: Array(text.utf8))], surroundings)
    }

    private func certificates(
        _ stores: String, _ words: String, global: String = ""
    ) -> (found: [String: String], errors: [String]) {
        let text = read(
            "\(global)\(stores)\nfrontend f\n mode http\n timeout client 1s\n bind :443 ssl \(words)\n")
        let found = text.configuration.certificates.map { name, certificate in
            (name.description, String(decoding: certificate.chainPEM, as: UTF8.self))
        }
        let errors = text.diagnostics.filter { $0.severity == .error }.map(\.message)
        return (Dictionary(found) { first, _ in first }, errors)
    }

    @Test("certificates are known by their aliases, or by their files")
    func names() {
        let stores = """
            crt-store
                load crt a.crt key b.key alias first
                load crt c.pem
            crt-store web
                crt-base /certs
                key-base /keys
                load crt d.crt key d.key
                load crt e.pem alias fifth
            """
        let known = certificates(stores, "crt @/first crt c.pem crt @/c.pem crt @web/d.crt crt @web/fifth")
        #expect(known.errors == [])
        #expect(known.found["@/first"] == "\(Self.certificate)a.crt\n\(Self.key)b.key")
        #expect(
            known.found["c.pem"]?.hasSuffix("c.pem") == true && known.found["@/c.pem"] == known.found["c.pem"]
        )
        #expect(known.found["@web/d.crt"] == "\(Self.certificate)/certs/d.crt\n\(Self.key)/keys/d.key")
        #expect(known.found["@web/fifth"]?.hasSuffix("/certs/e.pem") == true)
        #expect(known.found.count == 5)
    }

    @Test("folders are those of 'global' where the section says none, and keys are found beside certificates")
    func bases() {
        let known = certificates(
            "crt-store\n load crt a.crt alias a\n load crt b.crt key b.key alias b", "crt @/a crt @/b",
            global: "global\n crt-base /c\n key-base /k\n")
        #expect(known.errors == [])
        #expect(known.found["@/a"] == "\(Self.certificate)/c/a.crt\n\(Self.key)/c/a.crt.key")
        #expect(known.found["@/b"] == "\(Self.certificate)/c/b.crt\n\(Self.key)/k/b.key")
    }

    @Test("a response of OCSP comes with it")
    func response() {
        let text = read(
            "crt-store\n load crt a.pem ocsp /o.ocsp alias a\nfrontend f\n mode http\n timeout client 1s\n bind :1 ssl crt @/a\n"
        )
        #expect(
            text.configuration.certificates[CertificateName("@/a")]?.ocspResponse == Array("/o.ocsp".utf8))
    }

    @Test(
        "what is wrong is said",
        arguments: [
            ("crt-store\n load crt /x.d alias a", "", "crt '/x.d': 'load' takes one certificate"),
            ("crt-store\n load crt bundle alias a", "", "crt 'bundle': 'load' takes one certificate"),
            ("crt-store\n load key a.key", "", "'crt' and a file is missing"),
            ("crt-store\n load crt a.none", "", "crt 'a.none': no such file"),
            ("crt-store\n load crt a.crt key a.crt", "", "key 'a.crt': no private key in this file"),
            ("crt-store\n load crt a.pem alias x/y", "", "a name without '/'"),
            ("crt-store\n load crt a.pem\n load crt a.pem", "", "'@/a.pem' was loaded already"),
            ("crt-store\n load crt a.pem ocsp-update on", "", "responses of OCSP come from files"),
            ("crt-store\n load crt a.pem acme x", "", "'load … acme' exists in HAProxy"),
            ("crt-store\n lode crt a.pem", "", "did you mean 'load'?"),
            ("crt-store a/b", "", "a name of letters"),
            ("crt-store web\n load crt a.pem alias first", "crt @web/frist", "did you mean '@web/first'?"),
            ("", "crt @/x", "no 'crt-store' before has it"),
        ])
    func refused(stores: String, words: String, why: String) {
        let errors = certificates(stores, words.isEmpty ? "crt z.pem" : words).errors
        #expect(errors.count == 1 && errors[0].contains(why), "\(errors)")
    }

    @Test("files beside a certificate's are those that are to be looked for")
    func extraFiles() {
        #expect(certificates("", "crt a.crt").errors == [])
        let none = certificates("", "crt a.crt", global: "global\n ssl-load-extra-files none\n")
        #expect(none.errors.count == 1 && none.errors[0].contains("no private key in this file"))
        #expect(
            certificates("", "crt a.crt", global: "global\n ssl-load-extra-files ocsp key\n").errors == [])
        let short = certificates("", "crt a.crt", global: "global\n ssl-load-extra-del-ext\n")
        #expect(short.found["a.crt"] == "\(Self.certificate)a.crt\n\(Self.key)a.key")
        let wrong = read("global\n ssl-load-extra-files keys\n").diagnostics
        #expect(wrong.contains { $0.message.contains("all, none, or some of bundle, key, ocsp") })
    }

    @Test("an empty file of a response is none yet")
    func emptyResponse() {
        let text = read(
            "crt-store\n load crt a.pem ocsp /empty.ocsp alias a\nfrontend f\n mode http\n timeout client 1s\n bind :1 ssl crt @/a\n"
        )
        let certificate = text.configuration.certificates[CertificateName("@/a")]
        #expect(certificate != nil && certificate?.ocspResponse == nil)
    }

    @Test(
        "responses are found beside certificates, with their ending or without",
        arguments: [("", "/o.crt.ocsp"), ("global\n ssl-load-extra-del-ext\n", "/o.ocsp")])
    func responseBeside(global: String, place: String) {
        let text = read("\(global)frontend f\n mode http\n timeout client 1s\n bind :1 ssl crt /o.crt\n")
        #expect(
            text.configuration.certificates[CertificateName("/o.crt")]?.ocspResponse == Array(place.utf8))
    }

    @Test(
        "the defaults are the first certificate and those of 'default-crt', in their order",
        arguments: [
            ("crt a.pem default-crt b.pem crt c.pem default-crt d.pem", ["a.pem", "b.pem", "d.pem"]),
            ("default-crt b.pem crt c.pem", ["b.pem"]), ("crt a.pem default-crt a.pem", ["a.pem"]),
            ("crt bundle crt c.pem", ["bundle.ecdsa", "bundle.rsa"]),
            ("crt c.pem default-crt bundle", ["c.pem", "bundle.ecdsa", "bundle.rsa"]),
            ("crt x.d default-crt c.pem", ["x.d/a.pem", "c.pem"]),
            ("crt c.pem default-crt x.d", ["c.pem"]),
        ])
    func defaultCertificates(words: String, expected: [String]) {
        let text = read("frontend f\n mode http\n timeout client 1s\n bind :1 ssl \(words)\n")
        #expect(text.configuration.defaultCertificates.map(\.description) == expected)
        #expect(text.diagnostics.isEmpty)
        let printed = ConfigurationPrinter.print(text.configuration, global: text.global, files: text.sources)
        #expect(RoundTrip.differences(text, read(printed.text)) == [], "\(printed.text)")
    }

    @Test("of two lines the first one's defaults count, and it is said")
    func defaultsOfTwoLines() {
        let text = read(
            "frontend f\n mode http\n timeout client 1s\n bind :1 ssl crt bundle\n bind :2 ssl crt b.pem\n"
        )
        #expect(text.configuration.defaultCertificates.map(\.description) == ["bundle.ecdsa", "bundle.rsa"])
        let warnings = text.diagnostics.filter { $0.severity == .warning }.map(\.message)
        #expect(warnings.contains { $0.contains("'bundle.ecdsa' and 'bundle.rsa'") }, "\(warnings)")
    }

    @Test(
        "where files are looked for needs no new process",
        arguments: [
            "crt-base /c", "key-base /k", "ca-base /a", "ssl-load-extra-files key", "ssl-load-extra-del-ext",
        ])
    func needsNoProcess(line: String) {
        let global = read("global\n \(line)\n").global
        #expect(global != read("global\n").global && global.ofProcess == read("global\n").global.ofProcess)
    }

    @Test("the text of sections and of what is said of signatures means the same")
    func printed() {
        let text = read(
            """
            global
                crt-base /c
                key-base /k
                ssl-load-extra-files key
                ssl-default-bind-sigalgs RSA+SHA256
                ssl-default-server-client-sigalgs ECDSA+SHA256
            crt-store
                load crt a.crt key b.key alias first
            crt-store web
                crt-base /certs
                load crt e.pem alias fifth
            frontend f
                mode http
                timeout client 1s
                bind :443 ssl crt @/first crt @web/fifth default-crt x.pem sigalgs ECDSA+SHA384 client-sigalgs RSA+SHA512
            """)
        #expect(text.diagnostics.isEmpty, "\(text.diagnostics)")
        let bind = text.configuration.frontends[0].binds[0]
        #expect(bind.tlsParameters?.signatures == "ECDSA+SHA384")
        #expect(bind.tlsParameters?.clientSignatures == "RSA+SHA512")
        let printed = ConfigurationPrinter.print(text.configuration, global: text.global, files: text.sources)
        #expect(RoundTrip.differences(text, read(printed.text)) == [], "\(printed.text)")
    }
}
