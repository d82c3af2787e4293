import Basics
import Model
import Testing
import Wire

@testable import Engine

@Suite("Routes of first messages")
struct HelloTableTests {
    /// A table whose routes are named by their backend.
    private func table(_ routes: [(String, String?, String)]) throws -> HelloTable {
        let routes = try routes.map { host, offering, backend in
            HelloRoute(
                host: try #require(HostPattern(host)), offering: offering, backend: BackendName(backend))
        }
        return try #require(
            HelloTable(routes) {
                CompiledRoute(
                    backend: nil, status: 503, origin: Origin(namespace: "", name: $0.description))
            })
    }

    /// The backend for a name and offered protocols, by way of a real message.
    private func backend(_ table: HelloTable, _ name: String?, _ protocols: [String] = []) -> String? {
        let bytes = TestHello.message(name: name, protocols: protocols)
        var hello = ClientHello()
        var message = Buffer(capacity: ClientHello.limit)
        return bytes.withView { view in
            guard hello.parse(view, message: &message) == .complete else { return "unreadable" }
            let found = table.route(
                hello.serverName.map { message.view[$0] } ?? .empty,
                offering: hello.protocols(in: message.view))
            return found?._withUnsafeGuaranteedRef { $0.name.view.string }
        }
    }

    @Test("no routes are no table")
    func none() {
        #expect(
            HelloTable([]) { _ in CompiledRoute(backend: nil, status: 503, origin: TestEngine.origin) } == nil
        )
    }

    @Test(
        "an exact name wins over a wildcard, a wildcard over any",
        arguments: [
            ("db.example.com", "exact"), ("DB.Example.COM", "exact"), ("db.example.com.", "exact"),
            ("x.example.com", "wildcard"), ("X.EXAMPLE.com", "wildcard"), ("a.b.example.com", "any"),
            ("example.com", "any"), ("other", "any"), (nil, "any"), (".example.com", "any"),
        ] as [(String?, String)])
    func precedence(name: String?, expected: String) throws {
        let table = try table([
            ("", nil, "any"), ("*.example.com", nil, "wildcard"), ("db.example.com", nil, "exact"),
        ])
        #expect(backend(table, name) == expected)
    }

    @Test(
        "what nobody has a route for has none", arguments: ["other", "xdb.example.com", "example.com", nil])
    func miss(name: String?) throws {
        #expect(backend(try table([("db.example.com", nil, "exact")]), name) == nil)
    }

    @Test(
        "of one name's routes the first counts whose protocol is offered",
        arguments: [
            (["h2"], "h2"), (["http/1.1", "h2"], "h2"), (["h2", "acme-tls/1"], "acme"),
            (["http/1.1"], "rest"), ([], "rest"), (["h2c"], "rest"), (["h"], "rest"),
        ])
    func offering(protocols: [String], expected: String) throws {
        let table = try table([
            ("a", "acme-tls/1", "acme"), ("a", "h2", "h2"), ("a", nil, "rest"), ("a", "http/1.1", "never"),
        ])
        #expect(backend(table, "a", protocols) == expected)
    }

    @Test("a name whose protocols are not offered leaves the connection to less exact names")
    func next() throws {
        let table = try table([
            ("a.example", "h2", "exact"), ("*.example", "h3", "wildcard"), ("", nil, "any"),
        ])
        #expect(backend(table, "a.example", ["h2"]) == "exact")
        #expect(backend(table, "a.example", ["h3"]) == "wildcard")
        #expect(backend(table, "a.example", ["http/1.1"]) == "any")
    }

    @Test("many names are all found")
    func many() throws {
        let table = try table((0..<2_000).map { ("h\($0).example", nil, "b\($0)") })
        for i in stride(from: 0, to: 2_000, by: 37) { #expect(backend(table, "H\(i).example") == "b\(i)") }
        #expect(backend(table, "h2000.example") == nil)
    }
}

/// ClientHellos by hand.
enum TestHello {
    /// One in one record, with SNI and ALPN if there are any.
    static func message(name: String?, protocols: [String] = []) -> [UInt8] {
        var extensions: [UInt8] = []
        if let name {
            let entry = [0] + sized(Array(name.utf8))
            extensions += [0, 0] + sized(sized(entry))
        }
        if !protocols.isEmpty {
            let names = protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
            extensions += [0, 16] + sized(sized(names))
        }
        let hello: [UInt8] =
            [3, 3] + [UInt8](repeating: 7, count: 32) + [0] + [0, 2, 0x13, 0x01] + [1, 0]
            + sized(extensions)
        let handshake: [UInt8] = [1, 0] + sized(hello)
        return [22, 3, 1] + sized(handshake)
    }

    private static func sized(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8(bytes.count >> 8), UInt8(bytes.count & 255)] + bytes
    }
}
