import Basics
import Model
import Testing
import Wire

@testable import Engine

/// What the scenarios do not tell: HTTP/2, publishing, and rules nobody can write in a file.
@Suite("Rules about messages in the whole engine", .serialized)
struct HTTPRuleTests {
    private func path(_ path: String) -> RuleCondition {
        guard let fetch = try? Expression(.ofRequest(.path)) else { return RuleCondition([]) }
        return RuleCondition([
            [.init([SampleTest(fetch, .text(.exact, [Array(path.utf8)], ignoresCase: false))])]
        ])
    }

    private func own(_ status: UInt16, _ text: String) -> RuleAnswer {
        .own(ErrorPage(status: status, contentType: "text/plain", body: Array(text.utf8)), loggedAs: status)
    }

    @Test("a frontend's rules come before its backend's, and a publish changes both")
    func order() throws {
        let engine = try TestEngine {
            $0.rules.request = [HTTPRule(.answer(own(200, "front")), when: path("/f"))]
        }
        #expect(engine.serve([]) { $0.rules.request = [HTTPRule(.answer(own(200, "back")))] })
        let client = engine.connect()
        #expect(client.get("/f")?.body == "front")
        #expect(client.get("/x")?.body == "back")
        #expect(engine.publishFrontend { $0.rules.request = [] })
        #expect(client.get("/f")?.body == "back")
        #expect(
            engine.serve([]) { $0.rules.redirects = [HTTPRule(.redirect(Redirect(.location, to: "/y")))] })
        #expect(client.get("/f")?.head.contains("\r\nLocation: /y\r\n") == true)
    }

    @Test("one section's rules are asked once, with their own route or without")
    func listen() throws {
        let rules = [HTTPRule(.deny(.page(410)), when: path("/f"))]
        let engine = try TestEngine { frontend in
            frontend.name = TestEngine.backend.description
            frontend.isListen = true
        }
        #expect(engine.serve([]) { $0.rules.request = rules })
        // The backend's are the frontend's, which has none: nobody is refused twice, or by half.
        #expect(engine.connect().get("/f")?.body.contains("503") == true)
    }

    @Test("streams are answered, redirected, refused and tarpitted as connections are")
    func streams() throws {
        let engine = try TestEngine { frontend in
            frontend.timeouts.tarpit = 20
            frontend.rules.request = [
                HTTPRule(.answer(own(201, "hello")), when: path("/a")),
                HTTPRule(.redirect(Redirect(.scheme, to: "https")), when: path("/r")),
                HTTPRule(.tarpit(.page(429)), when: path("/t")),
                HTTPRule(.authenticate(realm: "all"), when: path("/p")),
                HTTPRule(.reject, when: path("/j")),
            ]
        }
        #expect(engine.serve([]))
        let client = try #require(TestHTTP2(engine))
        for path in ["/a", "/r", "/t", "/p", "/j"] { #expect(client.ask(path) != nil) }
        #expect(client.read { client.endings.count == 5 })
        #expect(client.statuses == [1: 201, 3: 302, 5: 429, 7: 401])
        #expect(client.bodies[1] == Array("hello".utf8))
        #expect(client.heads[3]?.contains("location: https://shop.example/r") == true)
        #expect(client.heads[7]?.contains("www-authenticate: Basic realm=\"all\"") == true)
        #expect(client.endings[9] != .complete)
    }

    @Test("a stream that is dropped in silence takes its connection along")
    func silence() throws {
        let engine = try TestEngine { $0.rules.request = [HTTPRule(.silentDrop, when: path("/s"))] }
        #expect(engine.serve([]))
        let client = try #require(TestHTTP2(engine))
        #expect(client.ask("/s") != nil)
        #expect(eventually { engine.engine.openConnections == 0 })
        #expect(engine.connect().get("/")?.body.contains("503") == true)
    }

    @Test("a tarpitted client that leaves is forgotten at once")
    func leaving() throws {
        let engine = try TestEngine { frontend in
            frontend.timeouts.tarpit = 60_000
            frontend.rules.request = [HTTPRule(.tarpit(.page(500)))]
        }
        #expect(engine.serve([]))
        let client = engine.connect()
        client.ask("/")
        #expect(eventually { engine.engine.openConnections == 1 })
        client.close()
        #expect(eventually { engine.engine.openConnections == 0 })
    }

    @Test("what can not be sent is a refusal, never a half answer")
    func unusable() throws {
        let engine = try TestEngine { frontend in
            frontend.rules.request = [
                HTTPRule(
                    .answer(own(200, String(repeating: "x", count: ErrorPage.longest + 1))),
                    when: path("/long")),
                HTTPRule(.deny(.page(99)), when: path("/status")),
            ]
        }
        #expect(engine.serve([]))
        #expect(engine.connect().get("/long")?.head.hasPrefix("HTTP/1.1 500 ") == true)
        #expect(engine.connect().get("/status")?.head.hasPrefix("HTTP/1.1 500 ") == true)
    }

    @Test("a condition that takes too long to decide lets nobody pass")
    func costly() throws {
        let fetch = try Expression(.ofRequest(.path))
        let costly = RuleCondition([[.init([SampleTest(fetch, .regex(["^/(a+)+$"], ignoresCase: false))])]])
        let engine = try TestEngine { $0.rules.request = [HTTPRule(.allow, when: costly)] }
        #expect(engine.serve([]))
        let answer = engine.connect().get("/" + String(repeating: "a", count: 64) + "!")
        #expect(answer?.head.hasPrefix("HTTP/1.1 500 ") == true)
    }

    // MARK: Changes

    private func text(_ text: String) -> FormatString { FormatString([.text(Array(text.utf8))]) }

    /// What the server is asked, by a client of either version; nil if it is not.
    private func forwarded(_ changes: [MessageChange], asking path: String = "/a", http2: Bool = false) throws
        -> (head: String, status: UInt16)
    {
        let engine = try TestEngine { $0.rules.request = changes.map { HTTPRule(.change($0)) } }
        let backend = try TestBackend("a")
        defer { backend.stop() }
        #expect(engine.serve([backend]))
        guard http2 else {
            let answer = engine.connect().get(path)
            let status = answer.flatMap { UInt16($0.head.dropFirst(9).prefix(3)) }
            return (backend.lastHead, status ?? 0)
        }
        let client = try #require(TestHTTP2(engine))
        #expect(client.ask(path) != nil)
        #expect(client.read { client.endings.count == 1 })
        return (backend.lastHead, client.statuses[1] ?? 0)
    }

    @Test("a request reaches its server changed, whichever version it came by", arguments: [false, true])
    func changes(http2: Bool) throws {
        let (head, status) = try forwarded(
            [
                .setField("X-A", text("1")), .addField("X-A", text("2")),
                .setField("Host", text("Shop.Example")),
                .setTarget(.path, text("/b/../c")), .setTarget(.query, text("q=1 2#")),
                .setMethod(text("PUT")),
                .replaceField("x-a", pattern: "^(.)$", text("<\\1>"), isEachValue: false),
            ], http2: http2)
        #expect(status == 200)
        // Dot segments are resolved again: routes were chosen, and servers are asked, by one path.
        #expect(head.hasPrefix("PUT /c?q=1%202%23 HTTP/1.1\r\nHost: Shop.Example\r\n"))
        #expect(head.contains("\r\nX-A: <1>\r\nX-A: <2>\r\n"))
    }

    @Test("a server that is asked for another host is told the client's", arguments: [false, true])
    func anotherHost(http2: Bool) throws {
        let changes: [MessageChange] = [
            .setField("Host", text("SHOP.example")), .setField("Host", text("Shop.Example")),
        ]
        let plain = try forwarded([.setField("X-A", text("1"))], http2: http2).head
        let host = try #require(plain.split(separator: "\r\n").first { $0.hasPrefix("X-Forwarded-Host: ") })
        let (head, _) = try forwarded(changes, http2: http2)
        #expect(head.contains("\r\nHost: Shop.Example\r\n") && head.contains("\r\n\(host)\r\n"))
    }

    @Test("fields that say how a message is delimited are never sent on a rule's word")
    func framing() throws {
        let (head, status) = try forwarded([
            .setField("Transfer-Encoding", text("chunked")), .addField("content-length", text("9")),
            .setField("Connection", text("x")),
        ])
        #expect(status == 200)
        #expect(!head.lowercased().contains("transfer-encoding"))
        #expect(!head.lowercased().contains("content-length"))
        #expect(!head.lowercased().contains("connection: x"))
    }

    @Test(
        "what can not be sent is refused, and nothing of it",
        arguments: [
            [.setField("X-A", FormatString([.text(Array("a\r\nX-B: 1".utf8))]))],
            [.setField("X A", FormatString([]))],
            [.setField("Host", FormatString([.text(Array("a b".utf8))]))],
            [.setMethod(FormatString([.text(Array("HEAD".utf8))]))],
            [.setMethod(FormatString([.text(Array("A B".utf8))]))],
            [.replaceTarget(.path, pattern: "(", FormatString([]))],
            [.setTarget(.path, FormatString([.text(Array("/..".utf8))]))],
            Array(repeating: .addField("X-A", FormatString([.text(Array("b".utf8))])), count: 128),
            Array(
                repeating: .addField("X-A", FormatString([.text(Array(repeating: 0x61, count: 9_000))])),
                count: 5),
            [.replaceTarget(.path, pattern: "^/(a+)+$", FormatString([]))],
        ] as [[MessageChange]])
    func impossible(changes: [MessageChange]) throws {
        let path = "/" + String(repeating: "a", count: 64) + "!"
        let (head, status) = try forwarded(changes, asking: path)
        #expect(head.isEmpty)
        #expect(status == 500)
    }

    // MARK: Answers

    @Test("an answer reaches its client changed, whichever version that speaks")
    func answers() throws {
        let status = try Expression(.status)
        let isFine = RuleCondition([[.init([SampleTest(status, .number([200...299]))])]])
        let engine = try TestEngine { frontend in
            frontend.rules.response = [
                HTTPRule(.change(.setField("X-A", FormatString([.sample(status, [])]))), when: isFine),
                HTTPRule(.change(.removeFields(.text(.prefix, "x-gone")))),
                HTTPRule(.change(.setField("Content-Length", text("9")))),
            ]
        }
        let backend = try TestBackend("a", fields: "X-Gone-One: 1\r\nX-A: old\r\n")
        defer { backend.stop() }
        #expect(
            engine.serve([backend]) { $0.rules.response = [HTTPRule(.change(.addField("X-B", text("2"))))] })
        let answer = try #require(engine.connect().get("/"))
        #expect(answer.head == "HTTP/1.1 200 OK\r\nX-B: 2\r\nX-A: 200\r\nContent-Length: 1\r\n\r\n")
        #expect(answer.body == "a")
        let client = try #require(TestHTTP2(engine))
        #expect(client.ask("/") != nil)
        #expect(client.read { client.endings.count == 1 })
        #expect(client.heads[1]?.contains("x-a: 200\r\n") == true)
        #expect(client.heads[1]?.contains("x-gone") == false)
    }

    @Test("an answer that is refused takes its server's connection along, and the client's goes on")
    func refusedAnswers() throws {
        let engine = try TestEngine { $0.rules.response = [HTTPRule(.deny(.page(502)))] }
        let backend = try TestBackend("a")
        defer { backend.stop() }
        #expect(engine.serve([backend]))
        let client = engine.connect()
        for _ in 0..<3 { #expect(client.get("/")?.body.contains("502") == true) }
        #expect(eventually { backend.open == 0 })
        #expect(backend.requests == 3)
    }

    @Test(
        "what an answer can not become is an error of ours",
        arguments: [
            .setField("X-A", FormatString([.text(Array("a\r\nb".utf8))])), .setField("X A", FormatString([])),
            .setMethod(FormatString([])),
            .replaceField("X-A", pattern: "(", FormatString([]), isEachValue: true),
            .addField("X-A", FormatString([.text(Array(repeating: 0x61, count: 40_000))])),
        ] as [MessageChange])
    func impossibleAnswers(change: MessageChange) throws {
        let engine = try TestEngine { $0.rules.response = [HTTPRule(.change(change))] }
        let backend = try TestBackend("a", fields: "X-A: 1\r\n")
        defer { backend.stop() }
        #expect(engine.serve([backend]))
        #expect(engine.connect().get("/")?.head.hasPrefix("HTTP/1.1 500 ") == true)
    }

    @Test("what is kept is what the server has sent; rules are asked each time it is given")
    func keptAnswers() throws {
        let engine = try TestEngine { $0.rules.response = [HTTPRule(.change(.setField("X-A", text("1"))))] }
        let backend = try TestBackend("a", fields: "Cache-Control: max-age=60\r\n")
        defer { backend.stop() }
        var cache = CacheUse(Cache(name: "c", totalSize: 1 << 20))
        cache.stores = true
        #expect(engine.serve([backend]) { $0.cache = cache })
        for _ in 0..<3 {
            let answer = engine.connect().get("/")
            #expect(answer?.head.contains("\r\nX-A: 1\r\n") == true)
            #expect(answer?.body == "a")
        }
        #expect(backend.requests == 1)
        #expect(engine.publishFrontend { $0.rules.response = [HTTPRule(.answer(own(200, "other")))] })
        #expect(engine.connect().get("/")?.body == "other")
        #expect(engine.publishFrontend { $0.rules.response = [] })
        #expect(engine.connect().get("/")?.head.contains("X-A") == false)
    }
}
