import Basics
import Testing

@testable import Wire

@Suite("BodyDecoder")
struct BodyDecoderTests {
    // MARK: Other framings

    @Test("no body leaves all bytes behind it", arguments: [BodyFraming.none, .length(0)])
    func noBody(framing: BodyFraming) {
        let reading = BodyReading(framing, "GET /")
        #expect(reading.progress == .complete && reading.content == [] && reading.restText == "GET /")
        #expect(BodyDecoder(framing).isComplete)
    }

    @Test("a length takes so many bytes at every cut", arguments: 0...8)
    func length(cut: Int) {
        let reading = BodyReading(.length(5), "helloGET", cuts: [cut])
        #expect(reading.progress == .complete)
        #expect(reading.text == "hello" && reading.restText == "GET")
        #expect(BodyReading(.length(9), "helloGET", cuts: [cut]).progress == .more)
    }

    @Test("a length without end or sense never traps", arguments: [Int64.max, Int64.max - 1, Int64.min, -1])
    func extremeLength(length: Int64) {
        let reading = BodyReading(.length(length), "hello")
        #expect(reading.progress == (length > 0 ? .more : .complete))
        #expect(reading.text == (length > 0 ? "hello" : ""))
    }

    @Test("everything until the connection closes is content")
    func untilClose() {
        let reading = BodyReading(.untilClose, "hello", cuts: [2])
        #expect(reading.progress == .more && reading.text == "hello")
        #expect(BodyDecoder(.untilClose).endsWithConnection && !BodyDecoder(.chunked).endsWithConnection)
    }

    @Test("says how much may still come")
    func mostBytes() {
        #expect(BodyDecoder(.length(5)).mostBytes == 5)
        #expect(BodyDecoder(.length(.max)).mostBytes == Int.max)
        #expect(BodyDecoder(.chunked).mostBytes == Int.max)
    }

    // MARK: Chunks

    static let chunked: [(String, String, String, String)] = [
        ("0\r\n\r\n", "", "", ""),
        ("5\r\nhello\r\n0\r\n\r\nGET /next", "hello", "", "GET /next"),
        ("1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", "abc", "", ""),
        ("a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n0", "01234567890123456789", "", "0"),
        ("0005\r\nhello\r\n000\r\n\r\n", "hello", "", ""),
        ("5;a=b\r\nhello\r\n0;c\r\n\r\n", "hello", "", ""),
        ("5 ; a = b ;c\r\nhello\r\n0\t;\r\n\r\n", "hello", "", ""),
        ("5;a=\"x;\\\"y\\\\\"\r\nhello\r\n0\r\n\r\n", "hello", "", ""),
        ("2\r\n\r\n\r\n0\r\n\r\n", "\r\n", "", ""),
        ("7\r\n0\r\n\r\nGE\r\n0\r\n\r\nT", "0\r\n\r\nGE", "", "T"),
        ("1\r\na\r\n0\r\nX-Sum: 1\r\nY:2 \r\n\r\nrest", "a", "X-Sum: 1\r\nY:2 \r\n", "rest"),
        (
            "0\r\nHost: x\r\nX: 1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "", "X: 1\r\n",
            ""
        ),
        (
            "0\r\nCookie: x\r\nAuthorization: x\r\nTrailer: X\r\nset-cookie: x\r\nContent-Encoding: x\r\n\r\n",
            "", "", ""
        ),
        ("0\r\nConnection: close\r\nTE: x\r\nX-Forwarded-For: 1\r\nExpect: 1\r\n\r\n", "", "", ""),
    ]

    @Test("chunks are taken apart alike at every cut and byte by byte", arguments: chunked)
    func everyCut(text: String, content: String, trailers: String, rest: String) {
        let bytes = Array(text.utf8)
        let whole = BodyReading(.chunked, bytes)
        #expect(whole.progress == .complete)
        #expect(whole.text == content && whole.trailers == trailers && whole.restText == rest)
        for cut in 0...bytes.count {
            #expect(BodyReading(.chunked, bytes, cuts: [cut]) == whole, "cut at \(cut)")
            for second in cut...bytes.count {
                #expect(
                    BodyReading(.chunked, bytes, cuts: [cut, second]) == whole, "cut at \(cut), \(second)")
            }
        }
        #expect(BodyReading(.chunked, bytes, cuts: Array(0...bytes.count)) == whole)
    }

    @Test("chunks are incomplete until the last byte has come", arguments: chunked)
    func everyPrefix(text: String, content: String, trailers: String, rest: String) {
        let bytes = Array(text.utf8.dropLast(rest.utf8.count))
        for count in 0..<bytes.count {
            #expect(BodyReading(.chunked, Array(bytes.prefix(count))).progress == .more, "\(count) bytes")
        }
    }

    @Test(
        "framing that two readers could take differently is refused",
        arguments: [
            "\r\n", "\n", " 5\r\nhello\r\n", "g\r\n", "0x5\r\nhello\r\n", "-5\r\n", "+5\r\n", ";a\r\n",
            "5\nhello\r\n",
            "5\rhello", "5 \r\nhello\r\n", "5 5\r\n", "5\t\r\n", "5,\r\n", "5\u{0}\r\n", "5\r\nhelloo\r\n",
            "5\r\nhello\n0\r\n\r\n", "5\r\nhello0\r\n\r\n", "5\r\nhello\r0\r\n\r\n", "5;a\nhello\r\n",
            "5;a\rb\r\n",
            "5;a\u{0}\r\n", "5;a=\"\r\n\"\r\n", "5;a=\"\\\r\n", "5;\u{7F}\r\n", "5;a=\"\u{1}\"\r\n",
            "0\r\n\rX", "5\r\r\n",
            "5;a\r\r\n",
        ])
    func malformed(text: String) {
        let bytes = Array(text.utf8)
        #expect(BodyReading(.chunked, bytes).refusal == .badChunk)
        for cut in 0...bytes.count { #expect(BodyReading(.chunked, bytes, cuts: [cut]).refusal == .badChunk) }
        #expect(BodyReading(.chunked, bytes, cuts: Array(0...bytes.count)).refusal == .badChunk)
    }

    @Test(
        "trailers that are no header lines are refused",
        arguments: [
            (HeadError.bareLineEnd, "0\r\n\n"), (.bareLineEnd, "0\r\nX: 1\n\r\n"),
            (.badHeaderValue, "0\r\nX\r\n\r\n"),
            (.badHeaderValue, "0\r\nX : 1\r\n\r\n"), (.badHeaderValue, "0\r\n: 1\r\n\r\n"),
            (.badHeaderValue, "0\r\nX: 1\r\n folded\r\n\r\n"), (.badHeaderValue, "0\r\nX: \u{0}\r\n\r\n"),
            (.badHeaderValue, "0\r\nX: a\rb\r\n\r\n"), (.badHeaderValue, "0\r\nX: \u{7F}\r\n\r\n"),
            (.badHeaderValue, "0\r\nHost : x\r\n\r\n"),
        ])
    func badTrailers(error: HeadError, text: String) {
        let bytes = Array(text.utf8)
        for cut in 0...bytes.count { #expect(BodyReading(.chunked, bytes, cuts: [cut]).refusal == error) }
    }

    // MARK: Bounds

    @Test("sizes are counted up to 2^60 and refused beyond")
    func hugeSizes() {
        #expect(BodyReading(.chunked, "fffffffffffffff\r\nhello").text == "hello")
        for size in ["1000000000000000", "ffffffffffffffff", "10000000000000000", "80000000000000000000"] {
            #expect(BodyReading(.chunked, "\(size)\r\nhello").refusal == .badChunk, "\(size)")
        }
    }

    @Test("zeros in front of a size are bounded, for each chunk anew")
    func leadingZeros() {
        let sixteen = "0000000000000001\r\nx\r\n"
        #expect(BodyReading(.chunked, sixteen + sixteen + "0\r\n\r\n").text == "xx")
        #expect(BodyReading(.chunked, "00000000000000001\r\nx\r\n").refusal == .badChunk)
        #expect(BodyReading(.chunked, sixteen + String(repeating: "0", count: 17)).refusal == .badChunk)
    }

    @Test("extensions and blanks are bounded for the whole body")
    func extensions() {
        let long = String(repeating: "x", count: 4095)
        #expect(BodyReading(.chunked, "1;\(long)").progress == .more)
        #expect(BodyReading(.chunked, "1;\(long)x").refusal == .badChunk)
        #expect(BodyReading(.chunked, "1" + String(repeating: " ", count: 4097)).refusal == .badChunk)
        let many = String(repeating: "1;abcdefg\r\nx\r\n", count: 600)
        #expect(BodyReading(.chunked, many).refusal == .badChunk)
    }

    @Test("trailers are bounded by their memory")
    func longTrailers() {
        #expect(BodyReading(.chunked, "0\r\nX: 1234\r\n\r\n", trailerRoom: 9).trailers == "X: 1234\r\n")
        #expect(BodyReading(.chunked, "0\r\nX: 12345\r\n\r\n", trailerRoom: 9).refusal == .headTooLong)
        let dropped = BodyReading(.chunked, "0\r\nHost: 1\r\nX: 1234\r\n\r\n", trailerRoom: 9)
        #expect(dropped.progress == .complete && dropped.trailers == "X: 1234\r\n")
    }

    @Test("trailers that are not passed on are bounded too")
    func droppedTrailers() {
        let line = "Cookie: \(String(repeating: "x", count: 90))\r\n"
        #expect(BodyReading(.chunked, "0\r\n" + String(repeating: line, count: 40)).progress == .more)
        #expect(BodyReading(.chunked, "0\r\n" + String(repeating: line, count: 41)).refusal == .headTooLong)
    }

    @Test("a body of random chunks comes out as it went in, however it is cut", arguments: 0..<30)
    func randomChunks(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var (content, coded): ([UInt8], [UInt8]) = ([], [])
        for _ in 0..<Int.random(in: 0...8, using: &random) {
            let chunk = (0..<Int.random(in: 1...300, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            content += chunk
            coded += Array(String(chunk.count, radix: 16, uppercase: Bool.random(using: &random)).utf8)
            coded += Array("\(Bool.random(using: &random) ? ";e" : "")\r\n".utf8) + chunk + Array("\r\n".utf8)
        }
        coded += Array("0\r\n\r\n!".utf8)
        let cuts = (0..<10).map { _ in Int.random(in: 0...coded.count, using: &random) }.sorted()
        let reading = BodyReading(.chunked, coded, cuts: cuts)
        #expect(reading.progress == .complete)
        #expect(reading.content == content && reading.restText == "!")
    }
}
