import Testing

@testable import Wire

@Suite("Certificate tables")
struct CertificateTableTests {
    private let a: CertifiedKey
    private let b: CertifiedKey
    private let fallback: CertifiedKey

    init() throws {
        a = try Keys.ecdsa("a")
        b = try Keys.ecdsa("b")
        fallback = try Keys.ecdsa("default")
    }

    private func table(_ names: [String: CertifiedKey]) -> CertificateTable {
        var table = CertificateTable(defaultKeys: [fallback])
        for (name, key) in names { table.setKeys([key], for: name) }
        return table
    }

    @Test(
        "an exact name wins over a wildcard, a wildcard stands for one label, everything else gets the default"
    )
    func precedence() {
        let table = table(["shop.example": a, "*.shop.example": b, "x.shop.example": a])
        #expect(table.keys(forServerName: "shop.example").first === a)
        #expect(table.keys(forServerName: "x.shop.example").first === a)
        #expect(table.keys(forServerName: "y.shop.example").first === b)
        for name in ["y.x.shop.example", "example", "", "xshop.example", "shop.example.org"] {
            #expect(table.keys(forServerName: name).first === fallback, "\(name)")
        }
    }

    @Test("case and one trailing dot do not matter on either side")
    func folding() {
        let table = table(["Shop.Example.": a, "*.Wild.Example": b])
        #expect(table.keys(forServerName: "SHOP.EXAMPLE").first === a)
        #expect(table.keys(forServerName: "shop.example.").first === a)
        #expect(table.keys(forServerName: "X.wild.EXAMPLE.").first === b)
        #expect(table.keys(forServerName: "shop.example..").first === fallback)
    }

    @Test("names a client should not send get the default")
    func hostileNames() {
        let table = table(["*.example": a])
        for name in [
            ".example", "..example", ".", "*", String(repeating: "a", count: 300) + ".example", "\0",
        ] {
            #expect(table.keys(forServerName: name).first === fallback, "\(name)")
        }
        let longest = String(repeating: "a", count: 247) + ".example"
        #expect(table.keys(forServerName: longest).first === a)
    }

    @Test(
        "patterns that are no server name are ignored",
        arguments: ["", ".", "*", "*.", "a.*", ".a", "**.a", "*a.b"])
    func badPatterns(pattern: String) {
        #expect(table([pattern: a]).count == 0)
    }

    @Test("a copy keeps what it had")
    func values() {
        let before = table(["a.example": a])
        var after = before
        after.setKeys([b], for: "a.example")
        after.setKeys([b], for: "b.example")
        #expect(before.keys(forServerName: "a.example").first === a)
        #expect(before.keys(forServerName: "b.example").first === fallback)
        #expect(after.keys(forServerName: "a.example").first === b)
        after.setKeys([], for: "A.example")
        #expect(after.keys(forServerName: "a.example").first === fallback)
        #expect(after.count == 1)
        after.setKeys([], for: "never.there")
        #expect(after.count == 1)
    }

    @Test("of two keys of one type the first is served")
    func onePerType() throws {
        let rsa = try Keys.rsa("a")
        var table = CertificateTable()
        table.setKeys([a, rsa, b], for: "a.example")
        let served = table.keys(forServerName: "a.example")
        #expect(served.count == 2)
        #expect(served.contains { $0 === a } && served.contains { $0 === rsa })
    }

    @Test("ten thousand names are all found, and removed again")
    func many() {
        var table = CertificateTable(defaultKeys: [fallback])
        for i in 0..<10_000 { table.setKeys([i % 2 == 0 ? a : b], for: "host-\(i).example") }
        #expect(table.count == 10_000)
        for i in 0..<10_000 {
            #expect(table.keys(forServerName: "host-\(i).example").first === (i % 2 == 0 ? a : b))
        }
        for i in 0..<10_000 { table.setKeys([], for: "host-\(i).example") }
        #expect(table.count == 0)
        #expect(table.keys(forServerName: "host-1.example").first === fallback)
    }

    @Test("an empty table serves nothing")
    func empty() {
        #expect(CertificateTable().keys(forServerName: "a").isEmpty)
    }
}
