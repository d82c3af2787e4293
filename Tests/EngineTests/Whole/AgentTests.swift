import Model
import Testing

@testable import Engine

@Suite("Agents and observed traffic", .serialized)
struct AgentTests {
    private func health(_ engine: TestEngine, _ name: String) -> HealthReport? {
        engine.engine.servers().first { $0.name == name }?.health
    }

    /// Serves two backends, the first with an agent.
    private func serve(
        _ engine: TestEngine, _ one: TestBackend, _ two: TestBackend, _ agent: TestAgent,
        _ configure: (inout Backend) -> Void = { _ in }
    ) -> Bool {
        engine.serve([one, two]) { pool in
            var check = ServerCheck(nil)
            check.agent = AgentCheck(port: agent.port)
            check.agent?.interval = 20
            pool.servers[0].check = check
            configure(&pool)
        }
    }

    private func bodies(_ engine: TestEngine, _ count: Int = 8) -> [String] {
        (0..<count).map { _ in engine.connect().get("/")?.body ?? "none" }
    }

    @Test("an agent takes its server down, out of service, and back")
    func downAndBack() throws {
        let (one, two) = (try TestBackend("one"), try TestBackend("two"))
        let agent = try TestAgent("up")
        defer {
            [one, two].forEach { $0.stop() }
            agent.stop()
        }
        let notices = TestNotices()
        let engine = try TestEngine(notices: notices)
        #expect(serve(engine, one, two, agent))
        #expect(eventually { health(engine, "one")?.agent == "via agent : up" })
        #expect(Set(bodies(engine)) == ["one", "two"])
        agent.say("down #upgrade")
        #expect(eventually { health(engine, "one")?.state == "DOWN (agent)" })
        #expect(
            eventually {
                notices.has(
                    "one is DOWN, reason: Layer7 wrong status, code: 0, info: \"via agent : down (upgrade)\"")
            })
        #expect(Set(bodies(engine)) == ["two"])
        agent.say("up")
        #expect(eventually { Set(bodies(engine, 2)).contains("one") })
        agent.say("maint")
        #expect(eventually { notices.has("one is going DOWN for maintenance.") })
        #expect(eventually { health(engine, "one")?.state == "MAINT" })
        #expect(Set(bodies(engine)) == ["two"])
        agent.say("ready")
        #expect(eventually { Set(bodies(engine, 2)).contains("one") })
    }

    @Test("an agent drains its server, and changes its weight")
    func drainAndWeight() throws {
        let (one, two) = (try TestBackend("one"), try TestBackend("two"))
        let agent = try TestAgent("drain")
        defer {
            [one, two].forEach { $0.stop() }
            agent.stop()
        }
        let notices = TestNotices()
        let engine = try TestEngine(notices: notices)
        #expect(
            serve(engine, one, two, agent) { pool in
                for i in pool.servers.indices { pool.servers[i].weight = 10 }
            })
        #expect(eventually { health(engine, "one")?.state == "DRAIN" })
        #expect(eventually { notices.has("one enters drain state") })
        #expect(Set(bodies(engine)) == ["two"])
        agent.say("ready 300%")
        #expect(eventually { bodies(engine, 8).count { $0 == "one" } == 6 })
        agent.say("0%")
        #expect(eventually { Set(bodies(engine, 4)) == ["two"] })
        #expect(health(engine, "one")?.isUp == true)
    }

    @Test("an agent that cannot be asked changes nothing")
    func unreachable() throws {
        let (one, two) = (try TestBackend("one"), try TestBackend("two"))
        defer { [one, two].forEach { $0.stop() } }
        let engine = try TestEngine()
        #expect(
            engine.serve([one, two]) { pool in
                pool.servers[0].check = .quick()
                pool.servers[0].check?.agent = AgentCheck(port: 1)
                pool.servers[0].check?.agent?.interval = 10
            })
        #expect(eventually { health(engine, "one")?.status == .connected })
        #expect(Set(bodies(engine)) == ["one", "two"])
    }

    @Test("answers of 500 take a server down without any failed check")
    func observedAnswers() throws {
        let one = try TestBackend("one", answer: "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")
        let two = try TestBackend("two")
        defer { [one, two].forEach { $0.stop() } }
        let notices = TestNotices()
        let engine = try TestEngine(notices: notices)
        #expect(
            engine.serve([one, two]) { pool in
                var check = ServerCheck.quick()
                check.interval = 60_000
                check.observation = ServerObservation(.answers)
                check.observation?.errorLimit = 3
                check.observation?.consequence = .down
                pool.servers[0].check = check
            })
        #expect(eventually { health(engine, "one")?.state == "UP" })
        #expect(eventually { !bodies(engine, 1).isEmpty && health(engine, "one")?.isUp == false })
        let notice =
            "reason: Health analyze, info: \"Detected 3 consecutive errors, last one was: Wrong http response\". 1"
        #expect(eventually { notices.has(notice) })
        #expect(one.requests >= 3)
        #expect(health(engine, "one")?.status == .observed)
    }

    @Test("refused connections count, and the next check comes soon")
    func observedConnections() throws {
        let two = try TestBackend("two")
        let other = try TestBackend("health")
        defer { [two, other].forEach { $0.stop() } }
        let notices = TestNotices()
        let engine = try TestEngine(notices: notices)
        #expect(
            engine.serve([two]) { pool in
                var check = ServerCheck.quick(rise: 1, fall: 1)
                check.interval = 60_000
                check.fastInterval = 10
                check.downInterval = 60_000
                check.port = other.port
                check.observation = ServerObservation(.connections)
                check.observation?.errorLimit = 1
                check.observation?.consequence = .failedCheck
                pool.servers.append(Server(address: "127.0.0.1", port: 1, name: "gone"))
                pool.servers[1].check = check
            })
        #expect(eventually { health(engine, "gone")?.state == "UP" })
        #expect(
            eventually { !bodies(engine, 1).isEmpty && notices.has("gone is DOWN, reason: Health analyze") })
        #expect(eventually { notices.has("gone is UP, reason: Layer4 check passed") })
    }

    @Test("what is observed no more does not count")
    func observedNoMore() throws {
        let one = try TestBackend("one", answer: "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")
        defer { one.stop() }
        let engine = try TestEngine()
        var check = ServerCheck.quick()
        check.interval = 60_000
        check.observation = ServerObservation(.answers)
        check.observation?.errorLimit = 1
        #expect(engine.serve([one]) { $0.servers[0].check = check })
        check.observation = nil
        #expect(engine.swap(to: [one]) { $0.servers[0].check = check })
        for _ in 0..<5 { #expect(engine.connect().get("/")?.status == 500) }
        #expect(health(engine, "one")?.isUp == true)
    }
}
