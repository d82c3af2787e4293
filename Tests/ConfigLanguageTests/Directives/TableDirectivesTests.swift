import Model
import Testing

@testable import ConfigLanguage

@Suite("stick-table of the configuration language")
struct TableDirectivesTests {
    private func table(_ words: String) -> StickTable? {
        let text = read("backend b\n mode http\n stick-table \(words)\n")
        return text.isUsable ? text.configuration.tables[TableName("b")] : nil
    }

    private func told(_ words: String) -> String? {
        read("backend b\n stick-table \(words)\n").diagnostics.first { $0.location?.line == 2 }?.message
    }

    @Test(
        "types",
        arguments: [
            ("ip", TableKeyType.ip), ("ipv6", .ipv6), ("integer", .integer), ("string", .string(length: 31)),
            ("string len 20", .string(length: 20)), ("binary", .binary(length: 32)),
            ("binary len 4", .binary(length: 4)),
        ])
    func types(words: String, type: TableKeyType) { #expect(table("type \(words) size 10")?.type == type) }

    @Test("everything else")
    func settings() throws {
        let plain = try #require(table("type ip size 100k"))
        #expect(plain == StickTable(type: .ip, size: 102_400))
        let full = try #require(
            table("size 1m type ip srvkey addr nopurge expire 30s store gpc0 store conn_cnt"))
        #expect(
            full.size == 1 << 20 && full.expire == 30_000 && full.keepsEntries && full.serverKey == .address)
        #expect(full.stored == [StoredData(.gpc0), StoredData(.connections)])
    }

    @Test("what entries hold: all there is", arguments: StoredData.Kind.allCases)
    func stored(kind: StoredData.Kind) {
        let arguments = (kind.isArray ? ["3"] : []) + (kind.isRate ? ["10s"] : [])
        let word = kind.rawValue + (arguments.isEmpty ? "" : "(\(arguments.joined(separator: ",")))")
        let data = StoredData(kind, count: kind.isArray ? 3 : 1, period: kind.isRate ? 10_000 : 0)
        #expect(table("type ip size 5 store \(word)")?.stored == [data])
        #expect(table("type ip size 5 store sess_cnt,\(word),http_req_cnt")?.stored.contains(data) == true)
    }

    @Test("what is stored twice is warned about and stored once")
    func twice() {
        #expect(table("type ip size 5 store gpc0,gpc0")?.stored == [StoredData(.gpc0)])
        #expect(told("type ip size 5 store gpc0,gpc0")?.contains("stored already") == true)
    }

    @Test(
        "what is wrong is refused with what was expected",
        arguments: [
            ("", "'type' is missing"), ("type ip", "'size' is missing"), ("size 5", "'type' is missing"),
            ("type ip size 0", "from 1 to"), ("type mac size 5", "expected ip, ipv6"),
            ("type string len 0 size 5", "length"),
            ("type string len x size 5", "length"), ("type ip size 5 store gpc0(3)", "expected gpc0"),
            ("type ip size 5 store http_req_rate", "with a period"),
            ("type ip size 5 store http_req_rate(x)", "period"),
            ("type ip size 5 store gpc(3", "elements"), ("type ip size 5 store gpc(101)", "1 to 100"),
            ("type ip size 5 store gpc(0)", "1 to 100"),
            ("type ip size 5 store gpc_rate(2)", "elements and a period"),
            ("type ip size 5 store gpcc0", "did you mean 'gpc0'"), ("type ip size 5 store gpt,gpt0", "gpt"),
            ("type ip size 5 store gpt(2),gpt0", "together"),
            ("type ip size 5 store gpc1,gpc(2)", "together"),
            ("type ip size 5 peers", "name of a peers section"),
            ("type ip size 5 write-to t", "not here yet"),
            ("type ip size 5 store glitch_cnt", "not here yet"),
            ("type ip size 5 expire 90d", "24 days"), ("type ip size 5 store gpc0,", "unknown"),
            ("type ip size 5 sise 6", "expected type, size"), ("type ip size 5 srvkey id", "name, addr"),
        ])
    func refused(words: String, why: String) {
        #expect(table(words) == nil)
        #expect(told(words)?.contains(why) == true, "\(told(words) ?? "nothing")")
    }

    @Test("a table has the name of its section, whichever side it is of")
    func names() {
        let text = read(
            "frontend f\n mode http\n bind :80\n stick-table type ip size 5\nbackend b\n mode http\n stick-table type ip size 6\n"
        )
        #expect(text.configuration.tables.mapValues(\.size) == [TableName("f"): 5, TableName("b"): 6])
    }

    @Test("two sections of one name can not have a table each")
    func conflict() {
        let text = read(
            "frontend x\n mode http\n bind :80\n stick-table type ip size 5\nbackend x\n mode http\n stick-table type ip size 6\n"
        )
        #expect(text.diagnostics.contains { $0.message.contains("stick-table") && $0.severity == .error })
    }

    @Test("it can not stand in defaults")
    func defaults() { #expect(!read("defaults\n stick-table type ip size 5\n").isUsable) }
}
