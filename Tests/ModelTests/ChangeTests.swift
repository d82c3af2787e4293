import Model
import Testing

@Suite("Changes")
struct ChangeTests {
    private let origin = Origin(namespace: "shop", name: "web")
    private let name = BackendName("shop/web:80")
    private let certificate = CertificateName("shop/cert")
    private let host = HostPattern.exact("a.example")

    @Test("a new change changes nothing")
    func empty() {
        var configuration = Configuration()
        configuration.apply(Change())
        #expect(Change().isEmpty && configuration == Configuration())
    }

    @Test("every part of a change is applied, and its removal takes it away again")
    func roundTrip() {
        var change = Change()
        change.frontends = [Frontend(name: "http", binds: [Bind(port: 80)])]
        change.routes = [host: HostRoutes([])]
        change.fallback = .backend(name)
        change.backends = [name: Backend(servers: [], origin: origin)]
        change.certificates = [certificate: Certificate(chainPEM: [1], keyPEM: [2])]
        change.serverNames = [host: [certificate]]
        change.defaultCertificates = [certificate]
        var configuration = Configuration()
        configuration.apply(change)
        #expect(configuration.routes.count == 1 && configuration.backends.count == 1)
        #expect(configuration.certificates.count == 1 && configuration.serverNames.count == 1)
        #expect(configuration.fallback != nil && configuration.defaultCertificates == [certificate])

        var removal = Change()
        removal.frontends = []
        removal.routes.updateValue(nil, forKey: host)
        removal.fallback = .some(nil)
        removal.backends.updateValue(nil, forKey: name)
        removal.certificates.updateValue(nil, forKey: certificate)
        removal.serverNames.updateValue(nil, forKey: host)
        removal.defaultCertificates = []
        configuration.apply(removal)
        #expect(configuration == Configuration())
    }

    @Test("to take the fallback or the default certificates away is a change, to leave them is none")
    func outerNil() {
        var change = Change()
        #expect(change.isEmpty)
        change.fallback = .some(nil)
        #expect(!change.isEmpty && change.kind == .routes)
        change = Change()
        change.defaultCertificates = []
        #expect(!change.isEmpty && change.kind == .certificates)
    }

    @Test("a removal alone is a change")
    func removal() {
        var change = Change()
        change.backends.updateValue(nil, forKey: name)
        #expect(!change.isEmpty && change.kind == .pools)
    }

    @Test("the kind is that of the slowest part")
    func kind() {
        var change = Change()
        change.backends.updateValue(nil, forKey: name)
        change.serverNames.updateValue(nil, forKey: host)
        #expect(change.kind == .certificates)
        change.routes.updateValue(nil, forKey: host)
        #expect(change.kind == .routes)
    }

    @Test("when it was received does not make a change")
    func receivedAt() {
        var change = Change()
        change.receivedAt = 5
        #expect(change.isEmpty)
    }
}
