import Testing

@testable import Wire

/// RFC 9113 as a table: what a server may answer.
@Suite("HTTP/2 conformance, client")
struct AnswerConformanceTests {
    @Test("answers to GET are judged as the RFC says", arguments: AnswerRows.toGet)
    func toGet(_ row: ConformanceRow) throws { try judge(row, "GET") }

    @Test("answers to HEAD are judged as the RFC says", arguments: AnswerRows.toHead)
    func toHead(_ row: ConformanceRow) throws { try judge(row, "HEAD") }

    private func judge(_ row: ConformanceRow, _ method: String) throws {
        // The request stays open so that an end of the answer alone does not close the stream.
        for cuts in [[], Array(1..<row.bytes.count)] {
            let client = try openClient()
            _ = try #require(client.request(method, hasBody: method == "GET"))
            client.send()
            #expect(row.outcome(at: client, cuts: cuts) == row.outcome)
        }
    }
}
