import Testing

@testable import Wire

@Suite("RequestHead")
struct RequestHeadTests {
    static let sound: [String] = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "get /x?y=z&w HTTP/1.1\r\nhost:a\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET /%00%0d%0a HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET //a/./../b%2e HTTP/1.1\r\nHost: a.b.c:8080\r\nX:\r\nY: \t \r\nZ:\tv\t\r\n\r\n",
        "HEAD / HTTP/1.1\r\nHost: [::1]:80\r\nAccept: */*\r\nCookie: \u{FC}=\"\u{20AC}\"\r\n\r\n",
        "POST /f HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\nExpect: 100-continue\r\n\r\n",
        "POST /f HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTE: trailers\r\n\r\n",
        "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http://b:81/p?q HTTP/1.1\r\nHost: a\r\nConnection: close, x-hop\r\nX-Hop: 1\r\n\r\n",
        "M-SEARCH!#$%&'*+-.^_`|~0 / HTTP/1.1\r\nHost: a\r\n!#$%&'*+-.^_`|~: v\r\n\r\n",
    ]

    @Test("is read alike at every cut and byte by byte", arguments: sound)
    func everyCut(text: String) {
        let bytes = Array(text.utf8)
        let whole = RequestReading(bytes)
        #expect(whole.progress == .complete(count: bytes.count))
        for cut in 1..<bytes.count {
            #expect(RequestReading(bytes, cuts: [cut]) == whole, "cut at \(cut)")
        }
        #expect(RequestReading(bytes, cuts: Array(1..<bytes.count)) == whole)
    }

    @Test("is incomplete until its last byte has come", arguments: sound)
    func everyPrefix(text: String) {
        let bytes = Array(text.utf8)
        for count in 0..<bytes.count {
            #expect(RequestReading(Array(bytes.prefix(count))).progress == .incomplete, "\(count) bytes")
        }
    }

    @Test("ends where it ends, whatever follows", arguments: sound)
    func pipelined(text: String) {
        let reading = RequestReading(text + "GET /next HTTP/1.1\r\nHost: b\r\n\r\n")
        #expect(reading == RequestReading(text))
    }

    @Test("written anew from what was understood is understood alike", arguments: sound)
    func rewritten(text: String) {
        let reading = RequestReading(text)
        var again = RequestReading(reading.rewritten)
        again.progress = reading.progress
        #expect(again == reading)
    }

    @Test("begins anew after a reset")
    func reset() {
        var head = RequestHead()
        let tables = HeaderTablePool(keep: 1)
        tables.lend(to: &head.fields)
        let first = ReceivedBytes(Array(Self.sound[8].utf8))
        var isInRequestLine = [head.isInRequestLine]
        _ = head.parse(first.prefix(first.count))
        let wantedUpgrade = head.wantsUpgrade
        isInRequestLine.append(head.isInRequestLine)
        head.reset()
        let left = head.fields.count + head.count
        isInRequestLine.append(head.isInRequestLine)
        let second = ReceivedBytes(Array(Self.sound[2].utf8))
        let progress = head.parse(second.prefix(second.count))
        let (minor, isKept, wantsUpgrade, host) = (
            head.minorVersion, head.keepsAlive, head.wantsUpgrade, head.host
        )
        tables.takeBack(&head.fields)
        #expect(isInRequestLine == [true, false, true])
        #expect(wantedUpgrade && !wantsUpgrade && left == 0)
        #expect(progress == .complete(count: second.count))
        #expect(minor == 0 && !isKept && host.isEmpty)
    }

    @Test("without memory for fields refuses them instead of losing them")
    func noMemory() {
        var head = RequestHead()
        let bytes = ReceivedBytes(Array(Self.sound[0].utf8))
        let progress = head.parse(bytes.prefix(bytes.count))
        #expect(progress == .refused(.tooManyHeaders))
    }

    @Test("takes blanks off both ends of a value", arguments: ["v", " v", "\tv", "v ", " \t v \t ", "v\t"])
    func blanks(value: String) {
        let reading = RequestReading("GET / HTTP/1.1\r\nHost: a\r\nN:\(value)\r\n\r\n")
        #expect(reading.fields.last?.value == "v")
    }

    @Test("keeps tabs, spaces and bytes beyond ASCII within a value")
    func innerBytes() {
        let reading = RequestReading("GET / HTTP/1.1\r\nHost: a\r\nN: a\t b\u{80}\u{FF}c\r\n\r\n")
        #expect(reading.fields.last?.value == "a\t b\u{80}\u{FF}c")
    }

    @Test("takes every printable byte but # in a target")
    func targetBytes() {
        let printable = (0x21...0x7E).filter { $0 != 0x23 }.map { Character(Unicode.Scalar(UInt8($0))) }
        let reading = RequestReading("GET /\(String(printable)) HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(reading.path == "/" + String(printable))
    }

    @Test("takes later minor versions as 1.1")
    func laterMinor() {
        let reading = RequestReading("GET / HTTP/1.7\r\nHost: a\r\n\r\n")
        #expect(reading.minorVersion == 1 && reading.keepsAlive)
    }

    // MARK: Targets

    @Test(
        "an absolute target overrides Host",
        arguments: [
            ("http://b/", "b", "/"), ("http://b:81/p?q", "b:81", "/p?q"), ("https://b", "b", ""),
            ("HTTP://B/x", "B", "/x"), ("http://[::1]:8/", "[::1]:8", "/"), ("http://b//c", "b", "//c"),
        ])
    func absolute(target: String, host: String, path: String) {
        let reading = RequestReading("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(reading.host == host)
        #expect(reading.path == path)
        #expect(!reading.isAsterisk)
    }

    @Test("OPTIONS of a whole server is an asterisk in both spellings", arguments: ["*", "http://a"])
    func asterisk(target: String) {
        let reading = RequestReading("OPTIONS \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(reading.isAsterisk && reading.host == "a")
    }

    @Test(
        "knows where dot segments may be",
        arguments: [
            ("/", false), ("/a/b", false), ("/a.b/c..", false), ("/a?x=.", false), ("/?/../", false),
            ("/.", true), ("/..", true), ("/a/./b", true), ("/a/../b", true), ("/a/%2e", true),
            ("/a/%2E%2e/b", true),
        ])
    func dotSegments(path: String, mayHold: Bool) {
        let reading = RequestReading("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(reading.hasDotSegments == mayHold)
    }

    @Test(
        "is idempotent by its method, whose case counts",
        arguments: [
            ("GET", true), ("HEAD", true), ("PUT", true), ("DELETE", true), ("OPTIONS", true),
            ("TRACE", true),
            ("POST", false), ("PATCH", false), ("get", false), ("LINK", false), ("PUTT", false),
        ])
    func idempotent(method: String, isIdempotent: Bool) {
        let reading = RequestReading("\(method) / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(reading.isIdempotent == isIdempotent)
        #expect(reading.isHead == (method == "HEAD"))
    }
}
