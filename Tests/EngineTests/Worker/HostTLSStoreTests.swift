import Model
import Testing
import Wire

@testable import Engine

@Suite("TLS under server names")
struct HostTLSStoreTests {
    private let shop = HostPattern.exact("shop.test")
    private let wild = HostPattern.wildcard("shop.test")

    private func settings(_ version: TLSParameters.Version) -> HostTLS {
        var settings = HostTLS()
        var parameters = TLSParameters()
        parameters.minimum = version
        settings.parameters = parameters
        return settings
    }

    @Test("what operators say of names holds until they take it back, or the configuration is read again")
    func edits() throws {
        var (store, table) = (HostTLSStore(AuthorityStore()), CertificateTable())
        #expect(store.apply([shop: settings(.tls12)], to: &table).isEmpty)
        try store.add(settings(.tls13), for: [shop, wild], to: &table)
        #expect(store.settings(of: shop) == settings(.tls12) && store.settings(of: wild) == settings(.tls13))
        #expect(table.count == 2)
        store.remove([shop, wild], from: &table)
        #expect(store.settings(of: shop) == nil && store.settings(of: wild) == nil && table.count == 0)
        try store.add(settings(.tls13), for: [wild], to: &table)
        let isRestored = store.restore(to: &table)
        let isRestoredAgain = store.restore(to: &table)
        #expect(isRestored && !isRestoredAgain)
        #expect(store.settings(of: shop) == settings(.tls12) && store.settings(of: wild) == nil)
        #expect(table.count == 1)
    }

    @Test("what can not be used changes nothing")
    func unusable() {
        var (store, table) = (HostTLSStore(AuthorityStore()), CertificateTable())
        var wrong = settings(.tls12)
        wrong.parameters?.curves = "no-such-curve"
        #expect(throws: TLSSettingsError.self) { try store.add(wrong, for: [shop], to: &table) }
        #expect(store.settings(of: shop) == nil && table.count == 0)
    }
}
