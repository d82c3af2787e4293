/// Rows about the states of streams (RFC 9113 5) and about HPACK (RFC 7541), that a client sends to a server.
enum StreamRows {
    private typealias F = Frames
    private static let protocolError = ConformanceRow.Outcome.connection(Code.protocolError)
    private static let compression = ConformanceRow.Outcome.connection(Code.compression)
    private static let closed = ConformanceRow.Outcome.connection(Code.streamClosed)
    private static let openPost = F.headers(1, F.post, end: false)
    private static let ended = F.headers(1, F.get)

    private static func row(
        _ section: String, _ name: String, _ bytes: [UInt8], _ outcome: ConformanceRow.Outcome
    ) -> ConformanceRow { ConformanceRow(section, name, bytes, outcome) }

    static let all = states + hpack

    static let states = [
        row("5.1", "DATA of an idle stream", F.data(1, "x"), protocolError),
        row("5.1", "an idle stream's CONTINUATION", F.frame(.continuation, 4, 3, []), protocolError),
        row("5.1", "DATA behind the end", ended + F.data(1, "x"), closed),
        row("5.1", "HEADERS behind the end", ended + F.headers(1, F.get), closed),
        row("5.1", "PRIORITY behind the end", ended + F.frame(.priority, 0, 1, [0, 0, 0, 0, 1]), .accepted),
        row("5.1", "RST_STREAM behind the end", ended + F.reset(1), .accepted),
        row("5.1", "DATA behind a reset", openPost + F.reset(1) + F.data(1, "x"), .accepted),
        row("5.1", "RST_STREAM behind a reset", openPost + F.reset(1) + F.reset(1), .accepted),
        row("5.1", "WINDOW_UPDATE behind a reset", openPost + F.reset(1) + F.windowUpdate(1, 9), .accepted),
        row("5.1", "trailers behind a reset", openPost + F.reset(1) + F.headers(1, [("a", "b")]), .accepted),
        row("5.1.1", "a stream of an even number", F.headers(2, F.get), protocolError),
        row("5.1.1", "numbers left out", F.headers(1, F.get) + F.headers(99, F.get), .accepted),
        row("5.1.1", "the largest number", F.headers(0x7FFF_FFFF, F.get), .accepted),
        row("3.4", "a second preface", F.preface, .connection(Code.frameSize)),
    ]

    private static func head(_ block: [UInt8]) -> [UInt8] { F.frame(.headers, 5, 1, block) }
    /// GET, https, `/` by the static table, and the authority.
    private static let short: [UInt8] = [0x82, 0x87, 0x84, 0x41, 0x01, 0x61]

    static let hpack = [
        row("H2.3", "the static table", head(short), .accepted),
        row("H2.3.3", "index 0", head([0x80] + short), compression),
        row("H2.3.3", "an index behind both tables", head(short + [0xBF]), compression),
        row("H2.3.3", "a far index", head(short + [0xFF, 0xFF, 0x7F]), compression),
        row("H6.2.1", "a name of index 0 that is missing", head([0x40]), compression),
        row("H6.2.2", "a name behind both tables", head(short + [0x0F, 0x70, 0x01, 0x61]), compression),
        row(
            "H6.2.1", "an entry, used by the next head",
            head(short + [0x40, 1, 0x78, 1, 0x79]) + F.frame(.headers, 5, 3, short + [0xBE]), .accepted),
        row("H6.2.3", "a field never to be indexed", head(short + [0x10, 1, 0x78, 1, 0x79]), .accepted),
        row("H4.2", "a table size of 0", head([0x20] + short), .accepted),
        row("H4.2", "the table size as announced", head([0x3F, 0xE1, 0x1F] + short), .accepted),
        row("H4.2", "a table size beyond", head([0x3F, 0xE2, 0x1F] + short), compression),
        row("H4.2", "two table sizes", head([0x20, 0x3F, 0xE1, 0x1F] + short), .accepted),
        row("H4.2", "a table size behind a field", head(short + [0x20]), compression),
        row(
            "H4.2", "an entry dropped by a table size, used",
            head(short + [0x40, 1, 0x78, 1, 0x79])
                + F.frame(.headers, 5, 3, [0x20, 0x3F, 0xE1, 0x1F] + short + [0xC0]),
            compression),
        row("H5.1", "an integer without an end", head(short + [0xFF]), compression),
        row(
            "H5.1", "an integer beyond 32 bits", head(short + [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]),
            compression),
        row("H5.2", "a string longer than the block", head(short + [0x00, 5, 0x78]), compression),
        row("H5.2", "a name of one letter without its value", head(short + [0x00, 1, 0x78]), compression),
        row("H5.2", "a Huffman string", head(short + [0x00, 1, 0x78, 0x81, 0x1F]), .accepted),
        row(
            "H5.2", "Huffman padding of eight bits", head(short + [0x00, 1, 0x78, 0x82, 0x1F, 0xFF]),
            compression),
        row("H5.2", "Huffman padding of zeros", head(short + [0x00, 1, 0x78, 0x81, 0x18]), compression),
        row(
            "H5.2", "Huffman with the end of strings",
            head(short + [0x00, 1, 0x78, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]), compression),
        row(
            "4.3", "fields of a stream nobody wants are read all the same",
            openPost + F.reset(1)
                + F.frame(.headers, 5, 1, [0x40, 1, 0x78, 1, 0x79])
                + F.frame(.headers, 5, 3, short + [0xBE]),
            .accepted),
    ]
}
