import Testing

@testable import Command

@Suite("Requests of the demo")
struct DemoRequestTests {
    @Test("a head is read once it is complete")
    func head() throws {
        let text = "GET /a?b=c HTTP/1.1\r\nHost: x\r\nAccept:  y \r\n\r\nrest"
        #expect(DemoRequest.parse(Array(text.utf8.prefix(30))) == nil)
        let (request, length) = try #require(DemoRequest.parse(text.utf8))
        #expect(length == text.utf8.count - 4)
        #expect(request.path == "/a")
        #expect(request.header("accept") == "y")
        #expect(request.framing == .length(0))
    }

    @Test(
        "what is no request is not read",
        arguments: ["\r\n\r\n", "GET /\r\n\r\n", "\r\n\r\n\r\n", "a b c d\r\n\r\n"])
    func nonsense(text: String) {
        #expect(DemoRequest.parse(text.utf8) == nil)
    }

    @Test(
        "the connection is kept as the version and the header say",
        arguments: [
            ("HTTP/1.1", "x: y", true), ("HTTP/1.1", "Connection: close", false), ("HTTP/1.0", "x: y", false),
            ("HTTP/1.0", "Connection: keep-alive", true),
        ])
    func keepAlive(version: String, header: String, expected: Bool) throws {
        let (request, _) = try #require(DemoRequest.parse("GET / \(version)\r\n\(header)\r\n\r\n".utf8))
        #expect(request.keepsAlive == expected)
    }

    @Test(
        "the path chooses the answer",
        arguments: [
            ("/", .echo), ("/echo", .echo), ("/shop/cart", .echo), ("/stream", .stream),
            ("/slow", .slow(1_000)),
            ("/slow?a=b&ms=20", .slow(20)), ("/slow?ms=-1", .slow(1_000)),
            ("/slow?ms=99999999", .slow(1_000)),
            ("/ws", .upgradeRequired),
        ] as [(String, DemoAnswer)])
    func answers(target: String, expected: DemoAnswer) {
        #expect(
            DemoAnswer(to: DemoRequest(method: "GET", target: target, version: "HTTP/1.1", headers: []))
                == expected)
    }

    @Test("a browser gets the page")
    func page() {
        let accept = DemoRequest.Header(name: "Accept", value: "text/html,*/*")
        let request = DemoRequest(method: "GET", target: "/", version: "HTTP/1.1", headers: [accept])
        #expect(DemoAnswer(to: request) == .page)
        #expect(DemoPage.html.contains("</html>"))
    }

    @Test("the echo tells the request as it arrived")
    func echo() {
        let request = DemoRequest(
            method: "POST", target: "/echo", version: "HTTP/1.1", headers: [.init(name: "X-A", value: "1")],
            body: [97])
        let text = DemoAnswer.echo(request, server: "echo-1")
        for part in [
            #""server": "echo-1""#, #""method": "POST""#, #""X-A""#, #""bodyBytes": 1"#, #""body": "a""#,
        ] {
            #expect(text.contains(part))
        }
    }
}
