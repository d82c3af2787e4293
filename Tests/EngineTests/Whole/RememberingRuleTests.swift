import Basics
import Model
import Testing
import Wire

@testable import Engine

/// What the scenarios do not tell: HTTP/2, and memory.
@Suite("Rules that remember, in the whole engine", .serialized)
struct RememberingRuleTests {
    private let count = Variable(.session, "n")

    private func sample(_ fetch: Fetch, _ converters: [Converter] = []) throws -> FormatString {
        FormatString([.sample(try Expression(fetch, converters), .encoded)])
    }

    private func countingRules() throws -> [HTTPRule] {
        let next = try Expression(.variable(count, else: Array("0".utf8)), [.arithmetic(.add, 1)])
        let page = ComposedPage(
            status: 200, contentType: "text/plain", fields: [],
            body: try sample(.variable(count, else: nil)))
        return [HTTPRule(.variable(.set(count, [], next))), HTTPRule(.answer(.composed(page)))]
    }

    @Test("streams share their connection's variables, and connections do not share any")
    func streams() throws {
        let rules = try countingRules()
        let engine = try TestEngine { $0.rules.request = rules }
        #expect(engine.serve([]))
        let client = try #require(TestHTTP2(engine))
        for _ in 0..<3 { #expect(client.ask("/") != nil) }
        #expect(client.read { client.endings.count == 3 })
        #expect(Set(client.bodies.values.map { String(decoding: $0, as: UTF8.self) }) == ["1", "2", "3"])
        let other = engine.connect()
        #expect(other.get("/")?.body == "1")
        #expect(other.get("/")?.body == "2")
    }

    @Test("rules about all answers see ours on streams too, with a body or without")
    func afterwards() throws {
        let status = try sample(.status)
        let rules = [
            HTTPRule(.change(.setField("X-Status", status))),
            HTTPRule(.change(.removeFields(.text(.exact, "server")))),
            HTTPRule(.setStatus(418, reason: "Tea")),
        ]
        let engine = try TestEngine { frontend in
            frontend.rules.request = [HTTPRule(.deny(.page(403)))]
            frontend.rules.afterResponse = rules
        }
        #expect(engine.serve([]))
        let client = try #require(TestHTTP2(engine))
        #expect(client.ask("/") != nil)
        #expect(client.read { client.endings.count == 1 })
        #expect(client.statuses == [1: 418])
        #expect(client.heads[1]?.contains("x-status: 403") == true)
        #expect(client.heads[1]?.contains("server:") == false)
        #expect(String(decoding: client.bodies[1] ?? [], as: UTF8.self).contains("403 Forbidden"))
        let other = engine.connect()
        #expect(other.get("/")?.head.hasPrefix("HTTP/1.1 418 Tea\r\n") == true)
        #expect(other.get("/")?.body.contains("403 Forbidden") == true)
    }

    @Test("interim answers of rules come before the answer on streams too")
    func hints() throws {
        let engine = try TestEngine { frontend in
            frontend.rules.request = [
                HTTPRule(.earlyHint("Link", FormatString([.text(Array("</x>".utf8))]))),
                HTTPRule(.answer(.page(200))),
            ]
        }
        #expect(engine.serve([]))
        let client = try #require(TestHTTP2(engine))
        #expect(client.ask("/") != nil)
        #expect(client.read { client.endings.count == 1 })
        #expect(client.statuses == [1: 200])
    }
}
