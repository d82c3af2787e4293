import Model
import Testing
import Wire

@testable import Engine

/// What the scenarios do not tell: HTTP/2, and tables that come and go while they are tracked in.
@Suite("Tracking in the whole engine", .serialized)
struct TrackingTests {
    private let table = TableName("t")

    private func model(_ type: TableKeyType = .ip) -> StickTable {
        StickTable(
            type: type, size: 100,
            stored: [StoredData(.requests), StoredData(.connections), StoredData(.openConnections)])
    }

    private func publish(_ model: StickTable?, _ engine: TestEngine) -> Bool {
        var change = Change()
        change.tables = [table: model]
        return engine.publish(change)
    }

    private func track() throws -> CounterAction {
        .track(0, key: try Expression(.ofClient(.source)), table: table)
    }

    /// Refuses whatever comes when a number is above `most`.
    private func limit(_ kind: StoredData.Kind, _ most: Int64) throws -> RuleCondition {
        let number = try Expression(.counter(CounterRead(.stored(kind), of: .tracked(0))))
        return RuleCondition([[.init([SampleTest(number, .number([most + 1...Int64.max]))])]])
    }

    @Test("streams count for the connection that carries them, and end with it")
    func streams() throws {
        let opening = SessionRule(.count(try track()))
        let refusal = HTTPRule(.deny(.page(429)), when: try limit(.requests, 2))
        let engine = try TestEngine { frontend in
            frontend.openingRules.session = [opening]
            frontend.rules.request = [refusal]
        }
        #expect(publish(model(), engine))
        #expect(engine.serve([]))
        let client = try #require(TestHTTP2(engine))
        for _ in 0..<4 { #expect(client.ask("/") != nil) }
        #expect(client.read { client.endings.count == 4 })
        #expect(client.statuses == [1: 503, 3: 503, 5: 429, 7: 429])
        #expect(engine.connect().get("/")?.head.hasPrefix("HTTP/1.1 429 ") == true)
    }

    @Test("a connection is refused before it has said anything")
    func refusal() throws {
        let rules = [
            SessionRule(.count(try track())), SessionRule(.reject, when: try limit(.connections, 1)),
        ]
        let engine = try TestEngine { $0.openingRules.connection = rules }
        #expect(publish(model(), engine))
        #expect(engine.serve([]))
        #expect(engine.connect().get("/")?.head.hasPrefix("HTTP/1.1 503 ") == true)
        #expect(engine.connect().get("/") == nil)
    }

    @Test(
        "a table that is replaced or goes is tracked in to the end, and then nobody's",
        arguments: [true, false])
    func publishes(isReplaced: Bool) throws {
        let opening = SessionRule(.count(try track()))
        let rules = [
            HTTPRule(.count(.track(1, key: try Expression(.ofClient(.source)), table: table))),
            HTTPRule(.deny(.page(429)), when: try limit(.requests, 2)),
        ]
        let engine = try TestEngine { frontend in
            frontend.openingRules.connection = [opening]
            frontend.rules.request = rules
        }
        #expect(publish(model(), engine))
        #expect(engine.serve([]))
        let old = engine.connect()
        #expect(old.get("/")?.head.hasPrefix("HTTP/1.1 503 ") == true)
        #expect(publish(isReplaced ? model(.ipv6) : nil, engine))
        let new = engine.connect()
        // Its request counts in the new table, if there is one: for itself and for its connection.
        #expect(new.get("/")?.head.hasPrefix("HTTP/1.1 503 ") == true)
        #expect(old.get("/")?.head.hasPrefix("HTTP/1.1 429 ") == true)
        old.close()
        new.close()
        #expect(eventually { engine.engine.openConnections == 0 })
        #expect(engine.connect().get("/") != nil)
    }
}
