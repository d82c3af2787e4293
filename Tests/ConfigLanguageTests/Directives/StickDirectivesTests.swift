import Model
import Testing

@testable import ConfigLanguage

@Suite("stick lines of the configuration language")
struct StickDirectivesTests {
    private static let table = "backend t\n mode http\n stick-table type string size 9\n"

    private func rules(_ lines: String) -> [StickRule]? {
        let text = read("\(Self.table)backend b\n mode http\n stick-table type ip size 5\n \(lines)\n")
        return text.isUsable ? text.configuration.backends[BackendName("b")]?.persistence.stickRules : nil
    }

    private func told(_ line: String) -> String? {
        read("backend b\n mode http\n stick-table type ip size 5\n \(line)\n\(Self.table)").diagnostics
            .first { $0.location?.line == 4 }?.message
    }

    @Test("a line may have a condition")
    func conditions() throws {
        let found = try #require(
            rules("stick on src if { path / }\n stick store-response src unless { status 500 }"))
        #expect(found.map { $0.condition?.isNegated } == [false, true])
        #expect(found.map(\.action) == [.matchAndStore, .storeAnswer])
    }

    @Test(
        "what they do",
        arguments: [
            ("on", StickRule.Action.matchAndStore), ("match", .match), ("store-request", .store),
            ("store-response", .storeAnswer),
        ])
    func actions(word: String, action: StickRule.Action) throws {
        let source = try Expression(.ofClient(.source))
        #expect(rules("stick \(word) src") == [StickRule(action, source, in: TableName("b"))])
        #expect(rules("stick \(word) src table t") == [StickRule(action, source, in: TableName("t"))])
    }

    @Test("they keep their order, and tables may come later")
    func order() throws {
        let text = read(
            "backend b\n mode http\n stick match req.hdr(a) table t\n stick on src,lower table t\n\(Self.table)"
        )
        let rules = try #require(text.configuration.backends[BackendName("b")]).persistence.stickRules
        #expect(text.isUsable)
        #expect(rules.map(\.action) == [.match, .matchAndStore])
    }

    @Test("tables that rules are about hold servers")
    func stored() {
        let text = read(
            "backend b\n mode http\n stick-table type ip size 5 store gpc0\n stick on src\n\(Self.table)")
        let tables = text.configuration.tables.mapValues { $0.stored.map(\.kind) }
        #expect(tables[TableName("b")] == [.gpc0, .serverID, .serverKey])
        #expect(tables[TableName("t")] == [])
    }

    @Test("servers that are not to be remembered")
    func nonStick() {
        let text = read(
            "backend b\n mode http\n default-server non-stick\n server s 127.0.0.1:1\n server t 127.0.0.1:2 stick\n"
        )
        let servers = text.configuration.backends[BackendName("b")]?.servers ?? []
        #expect(servers.map(\.isRemembered) == [false, true])
    }

    @Test(
        "what is wrong is told",
        arguments: [
            ("stick on", "missing"), ("stick on src table", "missing"),
            ("stick on src table tt", "did you mean 't'"),
            ("stick on src bogus", "expected if, unless"), ("stick on nosuch", "nosuch"),
            ("stick on src if", "condition"), ("stick match src unless nothing", "nothing"),
            ("stick on src if { status 200 }", "an answer"),
            ("stick store-response src if { path / }", "a request"),
            ("stick store-response req.hdr(a)", "it needs a request"),
            ("stick on bin(00) ", "can not be a key"),
        ])
    func refused(line: String, why: String) {
        #expect(rules(line) == nil)
        #expect(told(line)?.contains(why) == true, "\(told(line) ?? "nothing")")
    }

    @Test("in mode tcp a key of requests is warned about")
    func tcp() {
        let text = read("backend b\n stick-table type string size 5\n stick on req.hdr(a)\n")
        #expect(text.isUsable)
        #expect(text.diagnostics.contains { $0.message.contains("mode tcp") })
    }
}
