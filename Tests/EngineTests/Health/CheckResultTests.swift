import Testing

@testable import Engine

@Suite("Health: results")
struct CheckResultTests {
    @Test(
        "the reason is HAProxy's sentence",
        arguments: [
            (CheckResult(.connected), "Layer4 check passed, check duration: 0ms"),
            (
                CheckResult(.connectFailed, info: "Connection refused"),
                "Layer4 connection problem, info: \"Connection refused\", check duration: 0ms"
            ),
            (
                CheckResult(.wrongStatus, code: 500, info: "Internal Server Error"),
                "Layer7 wrong status, code: 500, info: \"Internal Server Error\", check duration: 0ms"
            ),
            (CheckResult(.passed, code: 200), "Layer7 check passed, code: 200, check duration: 0ms"),
            (
                CheckResult(.passed, info: "Redis server is ok"),
                "Layer7 check passed, code: 0, info: \"Redis server is ok\", check duration: 0ms"
            ),
            (CheckResult(.answerTimeout), "Layer7 timeout, check duration: 0ms"),
            (CheckResult(.badAnswer, code: 9), "Layer7 invalid response, check duration: 0ms"),
        ])
    func reason(result: CheckResult, expected: String) {
        #expect(result.reason(milliseconds: 0) == expected)
    }

    @Test("what a server says cannot break a log line nor fill the log")
    func printable() {
        let info = CheckResult(.wrongStatus, info: "a\"b\r\nc\u{7F}\u{E9}<d").info
        #expect(info == "a<22>b<D><A>c<7F><E9><3C>d")
        #expect(CheckResult(.badAnswer, info: String(repeating: "x", count: 9_999)).info.count == 128)
    }

    @Test("every status has a code of its own and a sentence")
    func statuses() {
        #expect(Set(CheckStatus.allCases.map(\.rawValue)).count == CheckStatus.allCases.count)
        #expect(CheckStatus.allCases.allSatisfy { !$0.meaning.isEmpty })
    }
}
