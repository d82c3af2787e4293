import Testing

@testable import Kubernetes

@Suite("Elections of several candidates")
struct ElectionSimulationTests {
    @Test("24 hours of renewals: one leader all the time", arguments: [true, false])
    func day(isWatched: Bool) {
        var simulation = ElectionSimulation(members: 3, seed: 1)
        simulation.isWatched = isWatched
        simulation.run(seconds: 86_400)
        #expect(!simulation.isShared)
        #expect(simulation.handovers == 1)
        #expect(Double(simulation.led) / 1e9 > 86_399)
        // One renewal every two seconds and the answers' time.
        #expect((43_000...43_200).contains(simulation.writes))
    }

    @Test("24 hours in which clocks of day jump and processes sleep: never two leaders", arguments: 1...4)
    func dayOfJumps(seed: UInt64) {
        var simulation = ElectionSimulation(members: 3, seed: seed)
        simulation.isWatched = seed % 2 == 0
        var (dice, asleep) = (seed, UInt64(0))
        for _ in 0..<288 {
            dice = dice &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let i = Int(dice >> 33) % 3
            // Up to nine hours ahead or back at once.
            simulation.members[i].dayOffset +=
                (Int64(dice >> 40 & 0xFFFF) - 0x8000) * Int64(ElectionSimulation.second)
            if dice >> 62 == 0 {
                let nap = 1 + dice >> 50 & 0x3F
                simulation.members[i].sleepsUntil = simulation.now + nap * ElectionSimulation.second
                asleep += 1
            }
            simulation.run(seconds: 300)
        }
        #expect(!simulation.isShared)
        #expect(asleep > 30 && simulation.handovers <= asleep + 1, "jumps alone change no leader")
        // While a sleeper's Lease runs out nobody leads; there is no other pause.
        #expect(Double(simulation.led) / 1e9 > 86_400 - 20 * Double(asleep + 1))
    }

    @Test("24 hours in which clocks of day jump: one leader all the time", arguments: 1...2)
    func jumpsAlone(seed: UInt64) {
        var simulation = ElectionSimulation(members: 3, seed: seed)
        for minute in 0..<1_440 {
            simulation.members[minute % 3].dayOffset +=
                (minute % 2 == 0 ? -7_200 : 3_601) * Int64(ElectionSimulation.second)
            simulation.run(seconds: 60)
        }
        #expect(!simulation.isShared)
        #expect(simulation.handovers == 1)
        #expect(Double(simulation.led) / 1e9 > 86_399)
    }

    @Test("a leader that dies is replaced within 20 seconds", arguments: 1...30, [true, false])
    func death(seed: UInt64, isWatched: Bool) {
        var simulation = ElectionSimulation(members: 3, seed: seed)
        simulation.isWatched = isWatched
        simulation.run(seconds: 60 + Double(seed) * 0.137)
        guard let leader = simulation.leaders.first else {
            Issue.record("nobody leads")
            return
        }
        simulation.members[leader].isDead = true
        #expect(simulation.runUntilLed(limit: 60) <= 20)
        #expect(!simulation.isShared)
    }

    @Test("a leader that leaves in order is replaced within a second", arguments: 1...30)
    func leaving(seed: UInt64) {
        var simulation = ElectionSimulation(members: 3, seed: seed)
        simulation.run(seconds: 60 + Double(seed) * 0.137)
        guard let leader = simulation.leaders.first else {
            Issue.record("nobody leads")
            return
        }
        simulation.take(.release, leader)
        #expect(simulation.runUntilLed(limit: 60) <= 1)
        #expect(simulation.leaders != [leader])
        #expect(!simulation.isShared)
    }

    @Test("a leader that is cut off stops before another one begins", arguments: 1...30, [true, false])
    func partition(seed: UInt64, isWatched: Bool) {
        var simulation = ElectionSimulation(members: 3, seed: seed)
        simulation.isWatched = isWatched
        simulation.run(seconds: 60)
        guard let leader = simulation.leaders.first else {
            Issue.record("nobody leads")
            return
        }
        simulation.members[leader].isCutOff = true
        simulation.run(seconds: 60)
        #expect(simulation.leaders.count == 1 && simulation.leaders != [leader])
        simulation.members[leader].isCutOff = false
        simulation.run(seconds: 60)
        #expect(!simulation.isShared)
    }

    @Test("a leader that was stopped for a while does not lead when it wakes", arguments: 1...30)
    func stopped(seed: UInt64) {
        var simulation = ElectionSimulation(members: 3, seed: seed)
        simulation.run(seconds: 60 + Double(seed) * 0.31)
        guard let leader = simulation.leaders.first else {
            Issue.record("nobody leads")
            return
        }
        simulation.members[leader].sleepsUntil = simulation.now + 40 * ElectionSimulation.second
        simulation.run(seconds: 39)
        #expect(simulation.leaders.count == 1 && simulation.leaders != [leader])
        simulation.run(seconds: 60)
        #expect(simulation.leaders.count == 1 && simulation.leaders != [leader])
        #expect(!simulation.isShared)
    }

    @Test("an API server that is away for all leaves nobody leading, and comes back to one leader")
    func outage() {
        var simulation = ElectionSimulation(members: 3, seed: 5)
        simulation.run(seconds: 60)
        for i in simulation.members.indices { simulation.members[i].isCutOff = true }
        simulation.run(seconds: 30)
        #expect(simulation.leaders == [])
        for i in simulation.members.indices { simulation.members[i].isCutOff = false }
        simulation.run(seconds: 30)
        #expect(simulation.leaders.count == 1)
        #expect(!simulation.isShared)
    }

    @Test("an hour of deaths, cuts and sleep never has two leaders", arguments: 1...20)
    func storm(seed: UInt64) {
        var simulation = ElectionSimulation(members: 5, seed: seed)
        simulation.isWatched = seed % 2 == 0
        simulation.latency = 5_000_000 * (1 + seed % 7 * 100)
        var dice = seed
        for _ in 0..<120 {
            dice = dice &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let i = Int(dice >> 33) % 5
            switch dice >> 60 {
            case 0...3: simulation.members[i].isCutOff.toggle()
            case 4...7:
                simulation.members[i].sleepsUntil =
                    simulation.now + (dice >> 40) % 40 * ElectionSimulation.second
            default: break
            }
            simulation.run(seconds: 30)
        }
        #expect(!simulation.isShared)
        #expect(simulation.handovers > 1)
    }

    @Test("a lone candidate that starts again waits for the Lease of its former life")
    func restart() {
        var simulation = ElectionSimulation(members: 1, seed: 3)
        simulation.run(seconds: 30)
        let lease = simulation.lease
        simulation = ElectionSimulation(members: 1, seed: 4)
        simulation.lease = lease.map { .held(by: "before", renewed: $0.renewTime, version: "0") }
        let waited = simulation.runUntilLed(limit: 60)
        #expect(waited >= 15 && waited < 16)
    }
}
