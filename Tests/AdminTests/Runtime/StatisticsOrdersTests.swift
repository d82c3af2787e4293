import Engine
import Model
import Testing

@testable import Admin

@Suite("Changes by the page of statistics")
struct StatisticsOrdersTests {
    private func request(_ fields: [String: String], host: String = "a.example:8404") -> ServiceRequest {
        var request = ServiceRequest(service: .statistics(StatisticsPage()), target: "/s", fields: fields)
        request.host = host
        return request
    }

    @Test(
        "another site's form is told by what browsers say of it",
        arguments: [
            ([:], true), (["origin": "http://a.example:8404"], true),
            (["origin": "https://A.example:8404"], true),
            (["origin": "http://a.example"], false), (["origin": "null"], false), (["origin": ""], false),
            (["origin": "http://b.example:8404"], false),
            (["origin": "http://a.example:8404, http://b.example"], false),
            (["origin": "http://b.example/?http://a.example:8404"], false),
            (["origin": "http://b.example", "referer": "http://a.example:8404/s"], false),
            (["referer": "http://a.example:8404/s"], true),
            (["referer": "http://b.example/a.example:8404"], false),
            (["referer": "http://a.example:8404@b.example/"], false),
            (["sec-fetch-site": "cross-site"], false), (["sec-fetch-site": "same-site"], false),
            (["sec-fetch-site": "same-origin", "origin": "http://a.example:8404"], true),
            (["sec-fetch-site": "none"], true),
        ] as [([String: String], Bool)])
    func sites(fields: [String: String], isOwn: Bool) {
        #expect(StatisticsOrders.isFromOwnPage(request(fields)) == isOwn)
    }

    @Test("nobody changes anything without leave, by a page elsewhere, or by what does not fit")
    func refusals() throws {
        let engine = Engine(EngineOptions(workers: 1))
        let orders = StatisticsOrders(engine: engine, scope: [])
        var asked = request([:])
        #expect(orders.outcome(of: asked) == .denied)
        asked.mayChange = true
        #expect(orders.outcome(of: asked) == .exceeded)
        asked.body = []
        #expect(orders.outcome(of: asked) == .unchanged)
        asked.body = Array("s=a&action=drain".utf8)
        #expect(orders.outcome(of: asked) == .unchanged)
        asked.body = Array("s=a&action=drain&b=none".utf8)
        #expect(orders.outcome(of: asked) == .broken)
        asked.body = Array("s=a&action=drain&b=%23x".utf8)
        #expect(orders.outcome(of: asked) == .broken)
        #expect(StatisticsOrders(engine: engine, scope: ["b"]).outcome(of: asked) == .denied)
    }
}
