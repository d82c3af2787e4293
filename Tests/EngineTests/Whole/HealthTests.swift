import Glibc
import Model
import Testing
import Wire

@testable import Engine

@Suite("Health checks", .serialized)
struct HealthTests {
    private static let http = HealthProbe.http(HTTPProbe(method: "GET", uri: "/health"))

    /// Two backends behind one engine, both asked for `/health`.
    private func pair(
        _ engine: TestEngine, _ one: TestBackend, _ two: TestBackend,
        _ configure: (inout Backend) -> Void = { _ in }
    ) -> Bool {
        engine.serve([one, two]) { pool in
            for i in pool.servers.indices { pool.servers[i].check = .quick(Self.http) }
            configure(&pool)
        }
    }

    private func health(_ engine: TestEngine, _ name: String) -> HealthReport? {
        engine.engine.servers().first { $0.name == name }?.health
    }

    @Test(
        "a server that fails its check gets no more requests, and gets them again when it is well",
        arguments: [1, 2])
    func downAndUp(workers: Int) throws {
        let (one, two) = (try TestBackend("one"), try TestBackend("two"))
        defer { [one, two].forEach { $0.stop() } }
        let notices = TestNotices()
        let engine = try TestEngine(workers: workers, notices: notices)
        one.setHealth("500 Internal Server Error")
        two.setHealth("200 OK")
        #expect(pair(engine, one, two))
        #expect(eventually { health(engine, "one")?.isUp == false && health(engine, "two")?.state == "UP" })
        #expect(eventually { notices.has("Server shop/web:80/one is DOWN") })
        for _ in 0..<20 { #expect(engine.connect().get("/")?.body == "two") }
        one.setHealth("200 OK")
        #expect(eventually { health(engine, "one")?.isUp == true })
        #expect(eventually { Set((0..<4).map { _ in engine.connect().get("/")?.body }) == ["one", "two"] })
        #expect(
            notices.has(
                "reason: Layer7 wrong status, code: 500, info: \"Internal Server Error\", check duration: "))
        #expect(
            notices.has(
                "1 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue."))
        #expect(eventually { notices.has("2 active and 0 backup servers online.") })
        #expect(
            notices.has(
                "Server shop/web:80/one is UP, reason: Layer7 check passed, code: 200, check duration: "))
    }

    @Test("when all are down requests are answered 503, and it is said once")
    func allDown() throws {
        let (one, two) = (try TestBackend("one"), try TestBackend("two"))
        defer { [one, two].forEach { $0.stop() } }
        let notices = TestNotices()
        let engine = try TestEngine(notices: notices)
        [one, two].forEach { $0.setHealth("503 No") }
        #expect(pair(engine, one, two))
        #expect(eventually { engine.connect().get("/")?.status == 503 })
        #expect(eventually { notices.has("backend shop/web:80 has no server available!") })
        #expect(eventually { notices.all.filter { $0.level == .emergency }.count == 1 })
        #expect(eventually { notices.all.filter { $0.level == .alert }.count == 2 })
    }

    @Test("a backup server takes over, and gives back")
    func backup() throws {
        let (one, two) = (try TestBackend("one"), try TestBackend("two"))
        defer { [one, two].forEach { $0.stop() } }
        let notices = TestNotices()
        let engine = try TestEngine(notices: notices)
        one.setHealth("503 No")
        two.setHealth("200 OK")
        #expect(pair(engine, one, two) { $0.servers[1].isBackup = true })
        #expect(eventually { notices.has("0 active and 1 backup servers left. Running on backup.") })
        #expect(eventually { engine.connect().get("/")?.body == "two" })
        one.setHealth("200 OK")
        #expect(eventually { engine.connect().get("/")?.body == "one" })
    }

    @Test("a server nobody listens at is down; one that listens is up")
    func connectOnly() throws {
        let (one, two) = (try TestBackend("one"), try TestBackend("two"))
        defer { two.stop() }
        one.stop()
        let notices = TestNotices()
        let engine = try TestEngine(notices: notices)
        #expect(
            engine.serve([two]) { pool in
                pool.servers.append(Server(address: "127.0.0.1", port: 1, name: "gone"))
                for i in pool.servers.indices { pool.servers[i].check = .quick() }
            })
        #expect(eventually { health(engine, "gone")?.isUp == false && health(engine, "two")?.state == "UP" })
        #expect(health(engine, "gone")?.status == .connectFailed)
        #expect(health(engine, "gone")?.info == "Connection refused")
        #expect(health(engine, "two")?.status == .connected)
    }

    @Test("running requests finish at a server that goes down, unless they are to end")
    func runningRequests() throws {
        for ends in [false, true] {
            let (one, two) = (try TestBackend("one"), try TestBackend("two"))
            defer { [one, two].forEach { $0.stop() } }
            let engine = try TestEngine()
            [one, two].forEach { $0.setHealth("200 OK") }
            #expect(
                pair(engine, one, two) { pool in
                    pool.servers[0].check?.endsSessionsWhenDown = ends
                    pool.servers[1].isBackup = true
                })
            #expect(eventually { health(engine, "one")?.state == "UP" })
            let client = engine.connect()
            client.ask("/hold")
            #expect(eventually { one.held == 1 })
            one.setHealth("503 No")
            #expect(eventually { health(engine, "one")?.isUp == false })
            if ends {
                #expect(client.answer() == nil)
                one.letGo()
            } else {
                one.letGo()
                #expect(client.answer()?.body == "one")
            }
        }
    }

    @Test("sessions on backup servers end when a better one is back, if that is wanted")
    func backupSessions() throws {
        let (one, two) = (try TestBackend("one"), try TestBackend("two"))
        defer { [one, two].forEach { $0.stop() } }
        let engine = try TestEngine()
        one.setHealth("503 No")
        two.setHealth("200 OK")
        #expect(
            pair(engine, one, two) { pool in
                pool.servers[0].check?.endsBackupSessionsWhenUp = true
                pool.servers[1].isBackup = true
            })
        #expect(eventually { engine.connect().get("/")?.body == "two" })
        let client = engine.connect()
        client.ask("/hold")
        #expect(eventually { two.held == 1 })
        one.setHealth("200 OK")
        #expect(client.answer() == nil)
        two.letGo()
    }

    @Test("idle connections to a server that goes down are closed")
    func idleConnections() throws {
        let (one, two) = (try TestBackend("one"), try TestBackend("two"))
        defer { [one, two].forEach { $0.stop() } }
        let engine = try TestEngine()
        let other = try TestBackend("health")
        defer { other.stop() }
        other.setHealth("200 OK")
        #expect(
            engine.serve([one, two]) { pool in
                pool.servers[1].isBackup = true
                pool.servers[0].check = .quick(Self.http)
                pool.servers[0].check?.port = other.port
            })
        #expect(engine.connect().get("/")?.body == "one")
        #expect(eventually { one.open == 1 })
        other.setHealth("503 No")
        #expect(eventually { one.open == 0 })
    }

    @Test("requests that wait for a server that goes down go to another")
    func queued() throws {
        let (one, two) = (try TestBackend("one"), try TestBackend("two"))
        defer { [one, two].forEach { $0.stop() } }
        let engine = try TestEngine()
        [one, two].forEach { $0.setHealth("200 OK") }
        #expect(
            pair(engine, one, two) { pool in
                pool.servers[0].maxConnections = 1
                pool.servers[1].isBackup = true
            })
        #expect(eventually { health(engine, "one")?.state == "UP" })
        let (first, second) = (engine.connect(), engine.connect())
        first.ask("/hold")
        #expect(eventually { one.held == 1 })
        second.ask("/")
        #expect(eventually { engine.engine.activeExchanges == 2 })
        one.setHealth("503 No")
        #expect(second.answer()?.body == "two")
        one.letGo()
        #expect(first.answer()?.body == "one")
    }

    @Test("what is known of a server survives a publish; changed settings begin a check anew")
    func publishes() throws {
        let (one, two) = (try TestBackend("one"), try TestBackend("two"))
        defer { [one, two].forEach { $0.stop() } }
        let notices = TestNotices()
        let engine = try TestEngine(notices: notices)
        one.setHealth("503 No")
        two.setHealth("200 OK")
        #expect(pair(engine, one, two))
        #expect(eventually { health(engine, "one")?.isUp == false })
        #expect(pair(engine, one, two) { $0.retries = 1 })
        #expect(health(engine, "one")?.isUp == false)
        for _ in 0..<5 { #expect(engine.connect().get("/")?.body == "two") }
        #expect(pair(engine, one, two) { $0.servers[0].check?.rise = 7 })
        #expect(health(engine, "one")?.isUp == false)
        for _ in 0..<5 { #expect(engine.connect().get("/")?.body == "two") }
        one.setHealth("200 OK")
        #expect(eventually { health(engine, "one")?.isUp == true })
        #expect(eventually { notices.all.filter { $0.level == .alert }.count == 1 })
    }

    @Test("a server that is checked no more takes requests again")
    func noLongerChecked() throws {
        let one = try TestBackend("one")
        defer { one.stop() }
        let engine = try TestEngine()
        one.setHealth("503 No")
        #expect(engine.serve([one]) { $0.servers[0].check = .quick(Self.http) })
        #expect(eventually { engine.connect().get("/")?.status == 503 })
        #expect(engine.swap(to: [one]))
        #expect(engine.connect().get("/")?.body == "one")
        #expect(health(engine, "one") == nil)
    }

    @Test("a conditional check lets a server keep its clients and get no others")
    func drains() throws {
        let (one, two) = (try TestBackend("one"), try TestBackend("two"))
        defer { [one, two].forEach { $0.stop() } }
        let notices = TestNotices()
        let engine = try TestEngine(notices: notices)
        [one, two].forEach { $0.setHealth("200 OK") }
        var probe = HTTPProbe(method: "GET", uri: "/health")
        probe.drainsOn404 = true
        #expect(
            engine.serve([one, two]) { pool in
                pool.persistence.cookie = PersistenceCookie(name: "S", mode: .insert)
                for i in pool.servers.indices {
                    pool.servers[i].cookie = pool.servers[i].name
                    pool.servers[i].check = .quick(.http(probe))
                }
            })
        one.setHealth("404 Not Found")
        #expect(eventually { health(engine, "one")?.state == "NOLB" })
        #expect(eventually { notices.has("Server shop/web:80/one is stopping") })
        for _ in 0..<5 { #expect(engine.connect().get("/")?.body == "two") }
        let client = engine.connect()
        client.send("GET / HTTP/1.1\r\nHost: shop.example\r\nCookie: S=one\r\n\r\n")
        #expect(client.answer()?.body == "one")
    }

    @Test("checks of a PROXY server begin with a header that names no client")
    func proxyHeader() throws {
        let one = try TestBackend("one", proxyVersion: 1)
        defer { one.stop() }
        let engine = try TestEngine()
        #expect(
            engine.serve([one]) { pool in
                pool.servers[0].sentProxyHeader = .text
                pool.servers[0].check = .quick(Self.http)
            })
        #expect(eventually { health(engine, "one")?.status == .passed })
        #expect(one.announced.first.map { String(decoding: $0.header, as: UTF8.self) } == "PROXY UNKNOWN\r\n")
    }

    @Test("a silent server fails its check in time, one that only listens too")
    func silence() throws {
        let listener = try Listener(
            SocketAddress("127.0.0.1", port: 0) ?? SocketAddress(), v6Only: true, deferAccept: false)
        let engine = try TestEngine()
        var change = Change()
        var pool = Backend(
            servers: [Server(address: "127.0.0.1", port: listener.address.port, name: "silent")],
            origin: TestEngine.origin)
        pool.servers[0].check = .quick(Self.http)
        pool.servers[0].check?.timeout = 30
        change.backends = [TestEngine.backend: pool]
        #expect(engine.publish(change))
        #expect(eventually { health(engine, "silent")?.status == .answerTimeout })
        #expect(eventually { health(engine, "silent")?.isUp == false })
    }

    @Test("an engine with running checks stops")
    func stops() throws {
        let one = try TestBackend("one")
        defer { one.stop() }
        let engine = try TestEngine()
        #expect(engine.serve([one]) { $0.servers[0].check = .quick(Self.http) })
        #expect(eventually { one.requests > 0 })
        engine.engine.stop()
        #expect(engine.engine.servers().isEmpty)
    }
}
