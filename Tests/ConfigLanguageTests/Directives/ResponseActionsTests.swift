import Model
import Testing

@testable import ConfigLanguage

@Suite("Rules about answers in the configuration language")
struct ResponseActionsTests {
    private func rules(_ lines: String) throws -> HTTPRules {
        let text = read(
            "frontend f\n mode http\n bind :80\n\(lines)\n", files: ["body": .file(Array("a %[path]".utf8))])
        #expect(text.diagnostics.filter { $0.severity == .error } == [])
        return try #require(text.configuration.frontends.first).rules
    }

    private func told(_ line: String) -> String? {
        read("frontend f\n mode http\n \(line)\n").diagnostics.first { $0.location?.line == 3 }?.message
    }

    private func format(_ text: String) -> FormatString { FormatString([.text(Array(text.utf8))]) }

    @Test("an answer gets another status, a line another level")
    func statuses() throws {
        let rules = try rules(
            " http-response set-status 503 reason \"Slow Down\"\n http-response set-status 404\n"
                + " http-response set-log-level silent\n http-request set-log-level warning")
        #expect(
            rules.response.map(\.action) == [
                .setStatus(503, reason: "Slow Down"), .setStatus(404, reason: ""), .setLogLevel(nil),
            ])
        #expect(rules.request.first?.action == .setLogLevel(.warning))
    }

    @Test("rules about all answers are a list of their own")
    func afterwards() throws {
        let rules = try rules(
            " http-after-response set-header X-A 1 if { status 200 }\n http-after-response allow\n"
                + " http-after-response set-var(txn.a) status\n http-after-response set-status 404")
        #expect(rules.response.isEmpty && rules.afterResponse.count == 4)
        #expect(rules.afterResponse.first?.action == .change(.setField("X-A", format("1"))))
    }

    @Test("an answer is written by formats where it says so, else it is the same for everybody")
    func composed() throws {
        let path = FormatString([.sample(try Expression(.ofRequest(.path)), .encoded)])
        let rules = try rules(
            " http-request return content-type text/plain lf-string %[path] hdr X-A 1\n"
                + " http-request return content-type text/plain lf-file body\n"
                + " http-request deny status 429 hdr X-A %[path]\n http-request return hdr X-A 50%%")
        let body = FormatString([.text(Array("a ".utf8))] + path.parts)
        #expect(
            rules.request.map(\.action) == [
                .answer(
                    .composed(
                        .init(
                            status: 200, contentType: "text/plain", fields: [.init("X-A", format("1"))],
                            body: path))),
                .answer(.composed(.init(status: 200, contentType: "text/plain", fields: [], body: body))),
                .deny(
                    .composed(
                        .init(
                            status: 429, contentType: "", fields: [.init("X-A", path)],
                            body: FormatString([.text([])])))),
                .answer(.own(page("X-A", "50%"), loggedAs: 200)),
            ])
    }

    private func page(_ name: String, _ value: String) -> ErrorPage {
        var page = ErrorPage(status: 200, contentType: "", body: [])
        page.fields = [.init(name, value)]
        return page
    }

    @Test(
        "lines that can not be",
        arguments: [
            ("http-response set-status 204", "'204' at column 27"), ("http-response set-status 99", "'99'"),
            ("http-response set-status 200 why", "if, unless"),
            ("http-response redirect prefix /x", "redirect prefix"),
            ("http-response set-log-level loud", "'loud'"), ("http-after-response deny", "deny"),
            ("http-after-response set-header X-A %[path]", "needs a request"),
            ("http-request return lf-string a", "content-type"),
            ("http-request return status 204 content-type a/b lf-string a", "has no body"),
            ("http-request return content-type a/b lf-string a string b", "one body"),
            ("http-error status 404 lf-string %[path]", "content-type"),
            ("http-request return content-type a/b lf-string %[nothing]", "nothing"),
        ])
    func refusals(line: String, expected: String) throws {
        let message = try #require(told(line))
        #expect(message.contains(expected), "\(message)")
    }
}
