import Model
import Testing
import Wire

@testable import Engine

@Suite("Certificate store")
struct CertificateStoreTests {
    private let authority: GeneratedAuthority
    private let selfSigned: CertifiedKey
    private static let now: Int64 = 1_750_000_000

    init() throws {
        authority = try GeneratedAuthority(commonName: "tests", now: Self.now)
        selfSigned = try SelfSigned.make(commonName: "default", names: ["default.test"], now: Self.now)
    }

    private func certificate(_ names: String..., servesSubjectNames: Bool = false) throws -> Certificate {
        let leaf = try authority.issue(names: names, now: Self.now)
        return Certificate(
            chainPEM: leaf.chainPEM, keyPEM: leaf.keyPEM, servesSubjectNames: servesSubjectNames)
    }

    private func served(_ store: CertificateStore, _ name: String) -> [String] {
        store.table.keys(forServerName: name).first?.subjectNames ?? []
    }

    private func change(
        _ certificates: [String: Certificate?] = [:], names: [(HostPattern, [String]?)] = []
    ) -> Change {
        var change = Change()
        for (name, certificate) in certificates {
            change.certificates.updateValue(certificate, forKey: CertificateName(name))
        }
        for (host, listed) in names {
            change.serverNames.updateValue(listed?.map { CertificateName($0) }, forKey: host)
        }
        return change
    }

    @Test("a certificate serves the names it is listed for, the default everything else")
    func listed() throws {
        var store = CertificateStore(selfSigned: selfSigned)
        let problems = store.apply(
            change(
                ["shop/a": try certificate("a.test")],
                names: [(.exact("a.test"), ["shop/a"]), (.wildcard("w.test"), ["shop/a"])]))
        #expect(problems.isEmpty)
        #expect(served(store, "a.test") == ["a.test"])
        #expect(served(store, "x.w.test") == ["a.test"])
        #expect(served(store, "other.test") == ["default.test"])
        #expect(store.expiry.keys.map(\.description) == ["shop/a"])
    }

    @Test("operators list certificates for names and take them from them, until all of that ends")
    func edited() throws {
        var store = CertificateStore(selfSigned: selfSigned)
        _ = store.apply(
            change(
                ["a": try certificate("a.test", servesSubjectNames: true), "b": try certificate("b.test")],
                names: [(.exact("b.test"), ["b"]), (.exact("x.test"), ["b"])]))
        let leaf = try authority.issue(names: ["new.test"], now: Self.now)
        let key = try CertifiedKey(chainPEM: leaf.chainPEM, keyPEM: leaf.keyPEM)
        store.list(key, as: CertificateName("new"), .init(hosts: [.exact("new.test"), .exact("x.test")]))
        #expect(served(store, "new.test") == ["new.test"])
        // Who served a name before still does.
        #expect(served(store, "x.test") == ["b.test"])
        store.unlist(CertificateName("b"), .init(hosts: [.exact("x.test")]))
        #expect(served(store, "x.test") == ["new.test"])
        #expect(served(store, "b.test") == ["b.test"])
        store.unlist(CertificateName("a"), .init(hosts: [.exact("a.test")]))
        #expect(served(store, "a.test") == ["default.test"])
        #expect(store.keys[CertificateName("a")] != nil)
        store.unlist(CertificateName("new"), .init(hosts: [.exact("new.test"), .exact("x.test")]))
        #expect(store.keys[CertificateName("new")] == nil)
        store.list(key, as: CertificateName("new"), .init(hosts: [.exact("new.test")]))
        let isRestored = store.restoreLists()
        let isRestoredAgain = store.restoreLists()
        #expect(isRestored)
        #expect(!isRestoredAgain)
        #expect(
            ["a.test", "b.test", "x.test", "new.test"].map { served(store, $0) }
                == [["a.test"], ["b.test"], ["b.test"], ["default.test"]])
        #expect(store.keys.count == 2)
    }

    @Test("who is left out of a wildcard that operators list is served the defaults while it is listed")
    func exceptions() throws {
        var store = CertificateStore(selfSigned: selfSigned)
        var naming = Change()
        naming.defaultCertificates = [CertificateName("first")]
        _ = store.apply(naming)
        _ = store.apply(change(["first": try certificate("first.test"), "b": try certificate("b.test")]))
        let key = try #require(store.keys[CertificateName("b")])
        let listing = CertificateListing(hosts: [.wildcard("b.test")], exceptions: [.exact("old.b.test")])
        store.list(key, as: CertificateName("b"), listing)
        #expect(served(store, "a.b.test") == ["b.test"])
        #expect(served(store, "old.b.test") == ["first.test"])
        store.unlist(CertificateName("b"), listing)
        #expect(served(store, "a.b.test") == ["first.test"])
        #expect(!store.serves(.exact("old.b.test")))
    }

    @Test(
        "a name that two listed certificates are not for stays out of both, and one that is mapped stays mapped"
    )
    func commonExceptions() throws {
        var store = CertificateStore(selfSigned: selfSigned)
        var naming = Change()
        naming.defaultCertificates = [CertificateName("first")]
        _ = store.apply(naming)
        _ = store.apply(
            change(
                ["first": try certificate("first.test"), "b": try certificate("b.test")],
                names: [(.exact("fixed.b.test"), ["first"])]))
        let key = try #require(store.keys[CertificateName("b")])
        let listing = CertificateListing(
            hosts: [.wildcard("b.test")], exceptions: [.exact("old.b.test"), .exact("fixed.b.test")])
        store.list(key, as: CertificateName("b"), listing)
        store.list(key, as: CertificateName("c"), listing)
        store.unlist(CertificateName("b"), listing)
        #expect(store.serves(.exact("old.b.test")))
        #expect(served(store, "old.b.test") == ["first.test"])
        store.unlist(CertificateName("c"), listing)
        #expect(!store.serves(.exact("old.b.test")))
        #expect(store.serves(.exact("fixed.b.test")))
    }

    @Test("the names may come before the certificate, and outlive it")
    func order() throws {
        var store = CertificateStore(selfSigned: selfSigned)
        _ = store.apply(change(names: [(.exact("a.test"), ["shop/a"])]))
        #expect(served(store, "a.test") == ["default.test"])
        _ = store.apply(change(["shop/a": try certificate("a.test")]))
        #expect(served(store, "a.test") == ["a.test"])
        _ = store.apply(change(["shop/a": nil]))
        #expect(served(store, "a.test") == ["default.test"])
        #expect(store.expiry.isEmpty)
        _ = store.apply(change(["shop/a": try certificate("a.test", "b.test")]))
        #expect(served(store, "a.test") == ["a.test", "b.test"])
        _ = store.apply(change(names: [(.exact("a.test"), nil)]))
        #expect(served(store, "a.test") == ["default.test"])
    }

    @Test("a bad certificate is refused with its reason and the previous one goes on serving")
    func bad() throws {
        var store = CertificateStore(selfSigned: selfSigned)
        let good = try certificate("a.test", servesSubjectNames: true)
        _ = store.apply(change(["shop/a": good]))
        let other = try certificate("b.test")
        let bads = [
            Certificate(chainPEM: [], keyPEM: []),
            Certificate(chainPEM: Array("nonsense".utf8), keyPEM: good.keyPEM),
            Certificate(chainPEM: good.chainPEM, keyPEM: other.keyPEM),
            Certificate(chainPEM: good.keyPEM, keyPEM: good.chainPEM),
            Certificate(chainPEM: good.chainPEM.dropLast(200) + [], keyPEM: good.keyPEM.dropLast(40) + []),
        ]
        for bad in bads {
            let problems = store.apply(change(["shop/a": bad]))
            #expect(problems.count == 1)
            #expect(problems.first?.severity == .error)
            #expect(problems.first?.object == Origin(namespace: "shop", name: "a"))
            #expect(problems.first?.message.hasSuffix("the previous one goes on serving") == true)
            #expect(served(store, "a.test") == ["a.test"])
        }
        let first = store.apply(change(["shop/new": bads[0]]))
        #expect(first.first?.message.hasSuffix("the default certificate is served") == true)
    }

    @Test("names inside a certificate are served if it asks for that, and follow it")
    func subjectNames() throws {
        var store = CertificateStore(selfSigned: selfSigned)
        _ = store.apply(
            change(["shop/a": try certificate("a.test", "*.b.test", servesSubjectNames: true)]))
        #expect(served(store, "a.test") == ["a.test", "*.b.test"])
        #expect(served(store, "x.b.test") == ["a.test", "*.b.test"])
        _ = store.apply(change(["shop/a": try certificate("c.test", servesSubjectNames: true)]))
        #expect(served(store, "a.test") == ["default.test"])
        #expect(served(store, "x.b.test") == ["default.test"])
        #expect(served(store, "c.test") == ["c.test"])
        _ = store.apply(change(["shop/a": try certificate("c.test")]))
        #expect(served(store, "c.test") == ["default.test"])
    }

    @Test("a listed certificate wins over one that merely holds the name; of two listed the first")
    func several() throws {
        var store = CertificateStore(selfSigned: selfSigned)
        _ = store.apply(
            change([
                "shop/inside": try certificate("a.test", "inside.test", servesSubjectNames: true),
                "shop/one": try certificate("a.test", "one.test"),
                "shop/two": try certificate("a.test", "two.test"),
            ]))
        #expect(served(store, "a.test") == ["a.test", "inside.test"])
        _ = store.apply(change(names: [(.exact("a.test"), ["shop/missing", "shop/two", "shop/one"])]))
        #expect(served(store, "a.test") == ["a.test", "two.test"])
        _ = store.apply(change(["shop/two": nil]))
        #expect(served(store, "a.test") == ["a.test", "one.test"])
        _ = store.apply(change(["shop/one": nil]))
        #expect(served(store, "a.test") == ["a.test", "inside.test"])
    }

    @Test("the default certificate may come before or after its name, and the engine's own one stands in")
    func defaultCertificate() throws {
        var store = CertificateStore(selfSigned: selfSigned)
        var naming = Change()
        naming.defaultCertificates = [CertificateName("shop/default")]
        _ = store.apply(naming)
        #expect(served(store, "x.test") == ["default.test"])
        _ = store.apply(change(["shop/default": try certificate("ours.test")]))
        #expect(served(store, "x.test") == ["ours.test"])
        _ = store.apply(change(["shop/default": nil]))
        #expect(served(store, "x.test") == ["default.test"])
        _ = store.apply(change(["shop/default": try certificate("ours.test")]))
        naming.defaultCertificates = []
        _ = store.apply(naming)
        #expect(served(store, "x.test") == ["default.test"])
    }

    @Test("of several default certificates of one kind of key the first that is there is served")
    func defaultCertificates() throws {
        var store = CertificateStore(selfSigned: selfSigned)
        var naming = Change()
        naming.defaultCertificates = [CertificateName("one"), CertificateName("two")]
        _ = store.apply(naming)
        _ = store.apply(change(["two": try certificate("two.test")]))
        #expect(served(store, "x.test") == ["two.test"])
        _ = store.apply(change(["one": try certificate("one.test")]))
        #expect(served(store, "x.test") == ["one.test"])
        let leaf = try authority.issue(names: ["other.test"], now: Self.now)
        let other = try CertifiedKey(chainPEM: leaf.chainPEM, keyPEM: leaf.keyPEM)
        store.put(other, as: CertificateName("one"))
        #expect(served(store, "x.test") == ["other.test"])
    }

    @Test("hundreds of certificates at once are all parsed, good and bad")
    func many() throws {
        var store = CertificateStore(selfSigned: nil)
        let good = try certificate("a.test")
        let bad = Certificate(chainPEM: [], keyPEM: [])
        var certificates: [String: Certificate?] = [:]
        for i in 0..<300 { certificates["shop/\(i)"] = i % 10 == 3 ? bad : good }
        #expect(store.apply(change(certificates)).count == 30)
        #expect(store.expiry.count == 270)
    }
}
