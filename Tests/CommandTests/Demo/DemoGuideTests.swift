import Kubernetes
import Testing

@testable import Command

@Suite("What the demo prints")
struct DemoGuideTests {
    private let admin = Endpoint(address: "127.0.0.1", port: 10255)

    @Test("it names every port that listens")
    func complete() {
        let text = DemoGuide(httpPort: 81, httpsPort: 82, opsPort: 83, admin: admin, folder: "/t/x").text
        for part in [
            "http://demo.localhost:81/", "--cacert /t/x/ca.pem https://secure.localhost:82/",
            "localhost:83/metrics",
            "http://127.0.0.1:10255/",
        ] { #expect(text.contains(part)) }
    }

    @Test("it does not speak of listeners that are off")
    func off() {
        let none = Endpoint(address: "127.0.0.1", port: 0)
        let text = DemoGuide(httpPort: 0, httpsPort: 0, opsPort: 0, admin: none, folder: "/t").text
        #expect(!text.contains(":0") && !text.contains("curl"))
    }
}

@Suite("The certificate of the demo")
struct DemoCertificateTests {
    @Test("it is the Secret the example names, and prints without its key")
    func secret() throws {
        let certificate = try DemoCertificate.make()
        let manifest = try #require(DemoManifests.files.first { $0.name == "secure.yaml" }?.text)
        #expect(manifest.contains("secretName: \(certificate.secret.meta.name)"))
        #expect(manifest.contains("namespace: \(certificate.secret.meta.namespace)"))
        #expect(manifest.contains("hosts: [secure.localhost]"))
        #expect(
            String(decoding: certificate.authorityPEM, as: UTF8.self).hasPrefix("-----BEGIN CERTIFICATE-----")
        )
        #expect(!"\(certificate.secret)".contains("PRIVATE"))
    }
}
