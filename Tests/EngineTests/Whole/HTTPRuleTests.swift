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
}
