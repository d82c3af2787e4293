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
            (
                "filter bwlim-out a key src limit 1m",
                "'filter bwlim-out … key' exists in HAProxy but not here yet"
            ),
            ("http-request set-bandwidth-limit dwon", "called 'dwon'; did you mean 'down'?"),
        ])
    func wrong(line: String, expected: String) {
        let found = told("backend b\n mode http\n\(Self.filters) \(line)\n")
        #expect(found.count == 1)
        #expect(found.first?.contains(expected) == true, "\(found)")
    }
}
