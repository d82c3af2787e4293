import Model
import Testing

@testable import Engine

@Suite("Rates of connections")
struct AcceptanceRatesTests {
    private func rates(
        frontends: [Int] = [0], _ configure: (inout ProcessLimits) -> Void = { _ in }
    ) -> AcceptanceRates {
        var limits = ProcessLimits()
        configure(&limits)
        var rates = AcceptanceRates()
        rates.adopt(limits)
        rates.adopt(models(frontends))
        return rates
    }

    private func models(_ limits: [Int]) -> [Frontend] {
        limits.map { limit in
            var frontend = Frontend(name: "f", binds: [])
            frontend.maxSessionRate = limit
            return frontend
        }
    }

    /// How many of so many that come at once may begin.
    private func burst(
        _ rates: inout AcceptanceRates, of count: Int, at frontend: Int = 0, isTLS: Bool = false, now: UInt64
    ) -> Int {
        (0..<count).count { _ in rates.take(at: frontend, isTLS: isTLS, now: now) == 0 }
    }

    @Test("without limits nothing is counted, and nobody waits")
    func none() {
        var rates = rates()
        #expect(!rates.limitsProcess)
        #expect(burst(&rates, of: 1_000, now: 5) == 1_000)
        rates.adopt(models([2]))
        #expect(burst(&rates, of: 9, now: 5) == 2)
    }

    @Test("each limit is of its own kind of connection")
    func kinds() {
        for (configure, plain, encrypted) in [
            ({ $0.connectionRate = 4 }, 4, 4), ({ $0.sessionRate = 4 }, 4, 4),
            ({ $0.handshakeRate = 4 }, 9, 4),
        ] as [((inout ProcessLimits) -> Void, Int, Int)] {
            var one = rates(configure)
            #expect(one.limitsProcess)
            #expect(burst(&one, of: 9, now: 77_000) == plain)
            var other = rates(configure)
            #expect(burst(&other, of: 9, isTLS: true, now: 77_000) == encrypted)
        }
    }

    @Test("a frontend's limit is its own; the lowest of all that apply counts")
    func frontends() {
        var rates = rates(frontends: [3, 0, 8]) { $0.sessionRate = 9 }
        #expect(burst(&rates, of: 20, at: 0, now: 1_000) == 3)
        #expect(burst(&rates, of: 2, at: 1, now: 1_000) == 2)
        #expect(burst(&rates, of: 20, at: 2, now: 1_000) == 4)
    }

    @Test("at a constant pressure as many begin in each second as may", arguments: [1, 2, 7, 100, 1_000])
    func pace(limit: Int) {
        var rates = rates(frontends: [limit])
        var perSecond: [UInt64: Int] = [:]
        for now in 50_000..<60_000 as Range<UInt64> {
            while rates.take(at: 0, isTLS: false, now: now) == 0 { perSecond[now / 1_000, default: 0] += 1 }
        }
        #expect(perSecond[50] == limit)
        // After the first second, which takes a whole burst, they are spread.
        for second in 51..<60 as Range<UInt64> {
            #expect(abs((perSecond[second] ?? 0) - limit) <= max(1, limit / 50), "\(perSecond)")
        }
    }

    @Test("what is given back may be taken again")
    func givenBack() {
        var rates = rates(frontends: [1]) { $0.connectionRate = 2 }
        #expect(rates.take(at: 0, isTLS: false, now: 100) == 0)
        rates.giveBackConnection(at: 0, isTLS: false)
        #expect(rates.take(at: 0, isTLS: false, now: 100) == 0)
        rates.giveBackSession(at: 0, isTLS: false)
        #expect(rates.take(at: 0, isTLS: false, now: 100) == 0)
        rates.giveBackSession(at: 0, isTLS: false)
        #expect(rates.take(at: 0, isTLS: false, now: 100) > 0, "two connections were there")
    }

    @Test("a limit that changes goes on with what was counted")
    func changed() {
        var rates = rates(frontends: [5])
        #expect(burst(&rates, of: 9, now: 1_000) == 5)
        rates.adopt(models([7]))
        #expect(burst(&rates, of: 9, now: 1_000) == 2)
        rates.adopt(models([0]))
        #expect(burst(&rates, of: 9, now: 1_000) == 9)
    }
}
