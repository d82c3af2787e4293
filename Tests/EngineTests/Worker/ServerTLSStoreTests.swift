import Model
import Testing
import Wire

@testable import Engine

@Suite("Contexts of servers")
struct ServerTLSStoreTests {
    @Test("equal settings share a context; those that nobody has any more go")
    func sharing() throws {
        var store = ServerTLSStore()
        var other = ServerTLS()
        other.parameters.minimum = .tls13
        var kept: [TLSClientContext] = []
        for settings in [ServerTLS(), ServerTLS(), other] { kept.append(try store.context(for: settings)) }
        #expect(kept[0] === kept[1])
        #expect(kept[0] !== kept[2])
        #expect(store.count == 2)
        kept.removeLast()
        store.freeUnused()
        #expect(store.count == 1)
        kept = []
        other.verifyDepth = 3
        _ = try store.context(for: other)
        #expect(store.count == 1)
    }

    @Test("names and addresses are a connection's: settings that differ by them share a context")
    func names() throws {
        var store = ServerTLSStore()
        var named = ServerTLS()
        (named.serverName, named.verifiedName) = (.fixed("a.example"), "b.example")
        let context = try store.context(for: ServerTLS())
        #expect(try store.context(for: named) === context)
        named.protocols = ["http/1.1"]
        #expect(try store.context(for: named) !== context)
    }

    @Test("settings that can not be used are refused with their reason")
    func refused() {
        var store = ServerTLSStore()
        func reason(_ configure: (inout ServerTLS) -> Void) -> String? {
            var settings = ServerTLS()
            configure(&settings)
            do throws(TLSSettingsError) {
                _ = try store.context(for: settings)
                return nil
            } catch {
                return "\(error)"
            }
        }
        let text = Array("nothing".utf8)
        #expect(
            reason { $0.clientCertificate = Certificate(chainPEM: text, keyPEM: text) }?.contains("client")
                == true)
        #expect(reason { $0.verification = .required(AuthorityBundle(certificatesPEM: text)) } != nil)
        #expect(reason { $0.serverName = .fixed(String(repeating: "x", count: 256)) } != nil)
        #expect(
            reason {
                $0.parameters.minimum = .tls13
                $0.parameters.maximum = .tls12
            } != nil)
        #expect(reason { $0.protocols = ["h2", "http/1.1", "unheard"] } == nil)
        #expect(store.count == 1, "what is refused is not kept")
    }
}
