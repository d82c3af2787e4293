import Model
import Testing

@Suite("Retry conditions")
struct RetryConditionsTests {
    @Test("every word of retry-on is read, and is something of its own")
    func words() {
        let names = ["conn-failure", "empty-response", "junk-response", "response-timeout", "0rtt-rejected"]
        let words = names + RetryConditions.statuses.map { "\($0)" }
        let read = words.compactMap { RetryConditions(word: $0) }
        #expect(read.count == words.count)
        #expect(Set(read).count == words.count)
        #expect(RetryConditions(word: "none") == [])
    }

    @Test("all-retryable-errors is what HAProxy means by it")
    func all() {
        var expected: RetryConditions = [
            .connectionFailure, .emptyResponse, .junkResponse, .responseTimeout, .earlyDataRejected,
        ]
        for status in [500, 502, 503, 504] as [UInt16] { expected.formUnion(.status(status) ?? []) }
        #expect(RetryConditions(word: "all-retryable-errors") == expected)
        #expect(!expected.contains(.status(501) ?? []))
    }

    @Test(
        "nothing else is",
        arguments: ["", "all", "200", "0503", "5O3", " 503", "+50", "conn-failure ", "999"])
    func unknown(word: String) { #expect(RetryConditions(word: word) == nil) }
}
