import Testing

@testable import Wire

/// Heads that nobody would write by hand: sound ones with something changed, and lines put together at random. Nothing traps, and
/// however the bytes are cut, what they come to is the same. `Tests/Fuzz` looks further; these run with every test.
@Suite("Random heads")
struct RandomHeadTests {
    private static let requests = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST http://b:8080/p/../q?x=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n",
        "PUT /a%2fb HTTP/1.1\r\nHost: [::1]:80\r\nTransfer-Encoding: chunked\r\nConnection: close, x\r\nX: \r\n\r\n",
        "OPTIONS * HTTP/1.0\r\nConnection: keep-alive\r\nCookie: a=b; c=\"d\"\r\n\r\n",
        "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x==\r\n\r\n",
    ]
    private static let answers = [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nServer: x\r\n\r\n",
        "HTTP/1.0 404 \r\nConnection: keep-alive, x\r\nX:y\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nSet-Cookie: a=b\r\nTrailer: T\r\n\r\n",
        "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        "HTTP/1.1 103 Early\r\nLink: </x>\r\n\r\n",
    ]
    /// What attacks are made of.
    private static let pieces = [
        "\r\n", "\n", "\r", " ", "\t", ":", ",", ";", "\0", "\u{7F}", "\u{E9}", "%2e", "..", "/", "//", "\\",
        "?", "#", "@",
        "*", "0", "-1", "+5", "18446744073709551616", "chunked", "chunked, chunked", "identity",
        "Host: b\r\n",
        "Content-Length: 5\r\n", "Content-Length: 5, 5\r\n", "Transfer-Encoding: chunked\r\n",
        "Connection: host\r\n",
        "Transfer-Encoding:\u{B}chunked\r\n", " folded\r\n", "Content_Length: 1\r\n", "HTTP/1.1", "HTTP/2.0",
        "GET ",
        "\r\n\r\n", ": \r\n", "X-Forwarded-For: 1\r\n",
    ]

    /// One sound head with one to four changes: a byte, a piece put in, a range taken out or doubled.
    private static func mutated(_ sound: [String], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = Array((sound.randomElement(using: &random) ?? "").utf8)
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let at = Int.random(in: 0...bytes.count, using: &random)
            let end = min(bytes.count, at + Int.random(in: 1...12, using: &random))
            switch Int.random(in: 0..<4, using: &random) {
            case 0: if at < bytes.count { bytes[at] = UInt8.random(in: 0...255, using: &random) }
            case 1: bytes.insert(contentsOf: Array((pieces.randomElement(using: &random) ?? "").utf8), at: at)
            case 2: bytes.removeSubrange(at..<end)
            default: bytes.insert(contentsOf: bytes[at..<end], at: at)
            }
        }
        return bytes
    }

    /// Pieces one after the other, behind a start line more often than not.
    private static func composed(_ start: String, _ random: inout SeededRandom) -> [UInt8] {
        let lines = (0..<Int.random(in: 1...12, using: &random)).map { _ in
            pieces.randomElement(using: &random) ?? ""
        }
        return Array(((random.next() % 4 > 0 ? start : "") + lines.joined()).utf8)
    }

    @Test("a request is read alike however it is cut, or refused", arguments: 0..<20)
    func requests(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<100 {
            let bytes =
                random.next() % 3 == 0
                ? Self.composed("GET / HTTP/1.1\r\nHost: a\r\n", &random)
                : Self.mutated(Self.requests, &random)
            let received = ReceivedBytes(bytes)
            let whole = RequestReading(received)
            for cut in 0...bytes.count {
                guard !RequestReading(received, cuts: [cut]).means(whole) else { continue }
                Issue.record("cut at \(cut): \(String(decoding: bytes, as: UTF8.self).debugDescription)")
                return
            }
            #expect(RequestReading(received, cuts: Array(0...bytes.count)).means(whole))
            guard whole.isComplete, whole.target == whole.path else { continue }
            #expect(RequestReading(whole.rewritten).isComplete, "what was understood can be written")
        }
    }

    @Test("an answer is read alike however it is cut, or refused", arguments: 0..<20)
    func answers(seed: UInt64) {
        var random = SeededRandom(seed: seed &+ 1_000)
        for _ in 0..<100 {
            let bytes =
                random.next() % 3 == 0
                ? Self.composed("HTTP/1.1 200 OK\r\n", &random) : Self.mutated(Self.answers, &random)
            let received = ReceivedBytes(bytes)
            let whole = ResponseReading(received)
            for cut in 0...bytes.count {
                guard !ResponseReading(received, cuts: [cut]).means(whole) else { continue }
                Issue.record("cut at \(cut): \(String(decoding: bytes, as: UTF8.self).debugDescription)")
                return
            }
            #expect(ResponseReading(received, cuts: Array(0...bytes.count)).means(whole))
        }
    }
}

extension RequestReading {
    /// Whether both come to the same. The reason of a refusal may differ: a piece may show another fault first.
    fileprivate func means(_ other: RequestReading) -> Bool {
        refusal != nil && other.refusal != nil || self == other
    }
}

extension ResponseReading {
    fileprivate func means(_ other: ResponseReading) -> Bool {
        refusal != nil && other.refusal != nil || self == other
    }
}
