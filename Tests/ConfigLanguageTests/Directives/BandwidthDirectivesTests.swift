import Model
import Testing

@testable import ConfigLanguage

@Suite("Limits of bandwidth")
struct BandwidthDirectivesTests {
    private static let filters =
        " filter bwlim-out down default-limit 1m default-period 2s min-size 4k\n filter bwlim-in up default-limit 5 default-period 1s\n"

    private func rules(_ lines: String) -> HTTPRules {
        let text = read("backend b\n mode http\n\(Self.filters)\(lines)")
        #expect(text.diagnostics.filter { $0.severity == .error } == [])
        return text.configuration.backends[BackendName("b")]?.rules ?? HTTPRules()
    }

    private func told(_ text: String) -> [String] {
        read(text).diagnostics.filter { $0.severity == .error }.map(\.message)
    }

    private var down: BandwidthLimit {
        var limit = BandwidthLimit(section: "backend b", name: "down", .answer, bytes: 1 << 20, period: 2_000)
        limit.leastPiece = 4_096
        return limit
    }

    @Test("a rule has the limit that its section declares, also further down")
    func named() {
        let up = BandwidthLimit(section: "backend b", name: "up", .request, bytes: 5, period: 1_000)
        let found = rules(" http-request set-bandwidth-limit up\n http-response set-bandwidth-limit down\n")
        #expect(found.request.map(\.action) == [.limitBandwidth(up)])
        #expect(found.response.map(\.action) == [.limitBandwidth(down)])
        let text = read(
            "backend b\n mode http\n http-request set-bandwidth-limit up if TRUE\n\(Self.filters)")
        #expect(text.diagnostics.filter { $0.severity == .error } == [])
    }

    @Test("a limit and a period of its own: constants and samples")
    func chosen() throws {
        var limit = down
        limit.chosenBytes = Expression(integer: 8_192)
        limit.chosenPeriod = Expression(integer: 3_000)
        #expect(
            rules(" http-request set-bandwidth-limit down limit 8k period 3s\n").request.map(\.action)
                == [.limitBandwidth(limit)])
        limit.chosenPeriod = nil
        limit.chosenBytes = try Expression(.requestField(FieldPick("x-limit")))
        #expect(
            rules(" http-request set-bandwidth-limit down limit req.hdr(x-limit) if TRUE\n").request.map(
                \.action)
                == [.limitBandwidth(limit)])
    }

    @Test("connections of mode tcp have limits too")
    func sessions() {
        let text = read(
            """
            frontend f
             mode tcp
             filter bwlim-in up default-limit 1k default-period 1s
             tcp-request content set-bandwidth-limit up
            """)
        let limit = BandwidthLimit(section: "frontend f", name: "up", .request, bytes: 1_024, period: 1_000)
        #expect(text.diagnostics.filter { $0.severity == .error } == [])
        #expect(text.configuration.frontends.first?.sessionRules.map(\.action) == [.limitBandwidth(limit)])
    }

    private static let table =
        "backend t\n stick-table type ip size 10 store bytes_out_rate(3s)\nbackend u\n stick-table type integer size 10\n"

    @Test("a limit that is shared has a key, a table and the period of what that stores")
    func shared() throws {
        let text = read(
            Self.table
                + "backend b\n mode http\n stick-table type ip size 10 store bytes_in_rate(5s)\n"
                + " filter bwlim-out a limit 1k key src table t min-size 5\n filter bwlim-in c key src limit 2\n"
                + " http-request set-bandwidth-limit a\n http-response set-bandwidth-limit c\n")
        #expect(text.diagnostics.filter { $0.severity == .error } == [])
        let rules = text.configuration.backends[BackendName("b")]?.rules
        let source = try Expression(.ofClient(.source))
        var limit = BandwidthLimit(section: "backend b", name: "a", .answer, bytes: 1_024, period: 3_000)
        limit.leastPiece = 5
        limit.sharing = .init(by: source, in: TableName("t"))
        #expect(rules?.request.map(\.action) == [.limitBandwidth(limit)])
        var other = BandwidthLimit(section: "backend b", name: "c", .request, bytes: 2, period: 5_000)
        other.sharing = .init(by: source, in: TableName("b"))
        #expect(rules?.response.map(\.action) == [.limitBandwidth(other)])
        #expect(RoundTrip.differences(text, read(text.printed.text)) == [])
    }

    @Test(
        "a limit that can not be shared is told",
        arguments: [
            ("filter bwlim-out a limit 5 key src table t", "request", " limit 5", "is shared"),
            ("filter bwlim-in a limit 5 key src table t", "request", "", "does not store bytes_in_rate"),
            ("filter bwlim-out a limit 5 key src table x", "request", "", "is called 'x'"),
            ("filter bwlim-out a limit 5 key src table u", "request", "", "does not store bytes_out_rate"),
            (
                "filter bwlim-out a limit 5 key ssl_fc table t", "request", "",
                "can not be a key of the table 't'"
            ),
            ("filter bwlim-out a limit 5 key hdr(x) table t", "response", "", "needs a request"),
        ])
    func wronglyShared(filter: String, kind: String, more: String, expected: String) {
        let found = told(
            Self.table + "backend b\n mode http\n \(filter)\n http-\(kind) set-bandwidth-limit a\(more)\n")
        #expect(found.count == 1)
        #expect(found.first?.contains(expected) == true, "\(found)")
    }

    @Test(
        "what is wrong is told",
        arguments: [
            ("filter bwlim-out", "the name of the limit is missing"),
            ("filter bwlim-out a default-limit 1k", "'default-period' and a time is missing"),
            ("filter bwlim-out a default-period 1s", "'default-limit' and a number of bytes is missing"),
            ("filter bwlim-out a default-limit 0", "expected at least a byte"),
            (
                "filter bwlim-out a default-limit 1k default-period 1s\n filter bwlim-in a",
                "was declared before"
            ),
            ("filter bwlim-out a key src", "'limit' and a number of bytes is missing"),
            ("filter bwlim-out a limit 1m", "'key' and a sample such as src is missing"),
            ("filter bwlim-out a key src default-limit 1m", "a limit of each stream"),
            ("filter bwlim-out a default-period 1s limit 5", "a limit of each stream"),
            ("http-request set-bandwidth-limit dwon", "called 'dwon'; did you mean 'down'?"),
        ])
    func wrong(line: String, expected: String) {
        let found = told("backend b\n mode http\n\(Self.filters) \(line)\n")
        #expect(found.count == 1)
        #expect(found.first?.contains(expected) == true, "\(found)")
    }
}
