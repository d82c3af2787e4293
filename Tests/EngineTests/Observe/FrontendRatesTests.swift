import Testing

@testable import Engine

@Suite("Rates of frontends")
struct FrontendRatesTests {
    private static let second: UInt64 = 1_000_000_000

    @Test("what all workers have counted is added up, by the frontend's name")
    func sums() {
        let workers = [PublishedWorker(), PublishedWorker()]
        let traffic = workers.map { $0.keepTraffic(of: ["f", "g"]) }
        let rates = FrontendRates()
        rates.follow(workers)
        #expect(rates.connections(of: "f", now: Self.second) == 0)
        traffic[0][0].arriving.connections.add(3)
        traffic[1][0].arriving.connections.add(4)
        traffic[1][1].arriving.requests.add(9)
        #expect(rates.connections(of: "f", now: Self.second + 1) == 7)
        #expect(rates.requests(of: "f", now: Self.second + 1) == 0)
        #expect(rates.requests(of: "g", now: Self.second + 1) == 9)
        #expect(rates.requests(of: "none", now: Self.second + 1) == 0)
    }

    @Test("what is two seconds ago does not count any more")
    func old() {
        let worker = PublishedWorker()
        let traffic = worker.keepTraffic(of: ["f"])
        let rates = FrontendRates()
        rates.follow([worker])
        _ = rates.requests(of: "f", now: Self.second)
        traffic[0].arriving.requests.add(100)
        #expect(rates.requests(of: "f", now: 2 * Self.second) == 100)
        _ = rates.requests(of: "f", now: 3 * Self.second)
        #expect(rates.requests(of: "f", now: 4 * Self.second) == 0)
    }

    @Test("statistics and samples look at the same meter")
    func meters() {
        let rates = FrontendRates()
        #expect(
            rates.meter(of: "f") === rates.meter(of: "f") && rates.meter(of: "f") !== rates.meter(of: "g"))
    }
}
