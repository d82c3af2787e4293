import Testing

@testable import Wire

/// RFC 9113 as a table: what a client may send to a server, what it may not, and what it is told.
@Suite("HTTP/2 conformance, server")
struct ConformanceTests {
    @Test("frames are judged as the RFC says", arguments: FrameRows.all)
    func frames(_ row: ConformanceRow) throws { try judge(row) }

    @Test("streams and compressed fields are judged as the RFCs say", arguments: StreamRows.all)
    func streams(_ row: ConformanceRow) throws { try judge(row) }

    @Test("messages are judged as the RFC and HTTP/1's parser say", arguments: MessageRows.all)
    func messages(_ row: ConformanceRow) throws { try judge(row) }

    /// At once, and byte by byte.
    private func judge(_ row: ConformanceRow) throws {
        #expect(row.outcome(at: try openServer(), cuts: []) == row.outcome)
        guard row.bytes.count < 2_000 else { return }
        #expect(row.outcome(at: try openServer(), cuts: Array(1..<row.bytes.count)) == row.outcome)
    }

    @Test("the table has a row for everything that can go wrong")
    func tableIsLarge() {
        #expect(
            FrameRows.all.count + StreamRows.all.count + MessageRows.all.count + AnswerRows.all.count >= 200)
    }
}
