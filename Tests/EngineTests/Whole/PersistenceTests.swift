import Glibc
import Model
import Testing
import Wire

@testable import Engine

@Suite("Persistence cookies in the whole engine", .serialized)
struct PersistenceTests {
    private let backends: [TestBackend]
    private let engine: TestEngine

    init() throws {
        backends = try (0..<3).map { try TestBackend("s\($0)") }
        engine = try TestEngine(workers: 2)
    }

    /// Serves `backends` with a cookie that names them by their names.
    private func serve(
        _ backends: [TestBackend], _ mode: CookieMode, _ change: (inout PersistenceCookie) -> Void = { _ in },
        pool: (inout Backend) -> Void = { _ in }
    ) -> Bool {
        engine.serve(backends) { backend in
            var cookie = PersistenceCookie(name: "SRV", mode: mode)
            change(&cookie)
            backend.persistence.cookie = cookie
            for i in backend.servers.indices { backend.servers[i].cookie = backend.servers[i].name }
            pool(&backend)
        }
    }

    private func ask(_ cookie: String?, method: String = "GET") -> TestAnswer? {
        let client = engine.connect()
        let line = cookie.map { "Cookie: \($0)\r\n" } ?? ""
        client.send("\(method) / HTTP/1.1\r\nHost: shop.example\r\n\(line)\r\n")
        return client.answer()
    }

    private func setCookies(_ answer: TestAnswer?) -> [String] {
        (answer?.head ?? "").split(separator: "\r\n").filter { $0.hasPrefix("Set-Cookie: ") }
            .map { String($0.dropFirst("Set-Cookie: ".count)) }
    }

    private func cookies(at backend: TestBackend) -> [String] {
        backend.lastHead.split(separator: "\r\n").filter { $0.hasPrefix("Cookie: ") }
            .map { String($0.dropFirst("Cookie: ".count)) }
    }

    @Test("a client without the cookie is given one, and with it keeps its server, which never sees it")
    func insert() throws {
        defer { backends.forEach { $0.stop() } }
        #expect(serve(backends, .insert) { $0.isIndirect = true })
        let first = try #require(ask(nil))
        #expect(setCookies(first) == ["SRV=\(first.body); path=/"])
        for _ in 0..<6 {
            let again = ask("a=b; SRV=\(first.body); c=d")
            #expect(again?.body == first.body)
            #expect(setCookies(again) == [])
        }
        let server = try #require(backends.first { $0.name == first.body })
        #expect(cookies(at: server) == ["a=b; c=d"])
        #expect(backends.map(\.requests).reduce(0, +) == 7)
    }

    @Test("a cookie that names nobody is replaced", arguments: ["SRV=s9", "SRV=", "SRV=s0x", "srv=s0"])
    func unknown(cookie: String) throws {
        defer { backends.forEach { $0.stop() } }
        #expect(serve(backends, .insert))
        let answers = (0..<3).map { _ in ask(cookie) }
        #expect(Set(answers.map { $0?.body }) == ["s0", "s1", "s2"])
        for answer in answers { #expect(setCookies(answer) == ["SRV=\(answer?.body ?? ""); path=/"]) }
    }

    @Test("clients stay while servers come, go and change places, and leave when theirs goes")
    func publishes() throws {
        defer { backends.forEach { $0.stop() } }
        #expect(serve(backends, .insert) { $0.isIndirect = true })
        #expect(ask("SRV=s1")?.body == "s1")
        #expect(serve([backends[2], backends[1]], .insert) { $0.isIndirect = true })
        for _ in 0..<4 { #expect(ask("SRV=s1")?.body == "s1") }
        #expect(serve([backends[2]], .insert) { $0.isIndirect = true })
        let moved = ask("SRV=s1")
        #expect(moved?.body == "s2")
        #expect(setCookies(moved) == ["SRV=s2; path=/"])
    }

    @Test("a server of weight 0 keeps its clients and gets no new ones")
    func draining() throws {
        defer { backends.forEach { $0.stop() } }
        #expect(serve(backends, .insert, { $0.isIndirect = true }) { $0.servers[0].weight = 0 })
        for _ in 0..<4 { #expect(ask("SRV=s0")?.body == "s0") }
        #expect(Set((0..<6).map { _ in ask(nil)?.body }) == ["s1", "s2"])
    }

    @Test("a server that can not be reached loses its client to another, which is told so")
    func unreachable() throws {
        defer { backends.forEach { $0.stop() } }
        let closed = try TestEngine()
        let port = closed.port
        closed.engine.stop()
        #expect(serve(backends, .insert, { $0.isIndirect = true }) { $0.servers[1].port = port })
        let answer = try #require(ask("SRV=s1"))
        #expect(answer.status == 200 && answer.body != "s1")
        #expect(setCookies(answer) == ["SRV=\(answer.body); path=/"])
    }

    /// All servers take one request at a time.
    private func limited(_ pool: inout Backend) {
        for i in pool.servers.indices { pool.servers[i].maxConnections = 1 }
    }

    private func hold(_ cookie: String) -> TestConnection {
        let holder = engine.connect()
        holder.send("GET /hold HTTP/1.1\r\nHost: shop.example\r\nCookie: \(cookie)\r\n\r\n")
        return holder
    }

    @Test("a client waits for the server its cookie names, and for no other")
    func waits() throws {
        defer { backends.forEach { $0.stop() } }
        #expect(serve(backends, .insert, pool: limited))
        let holders = (0..<4).map { _ in hold("SRV=s1") }
        #expect(eventually { engine.engine.activeExchanges == 4 })
        #expect(eventually { backends[1].held == 1 })
        #expect(backends[0].requests + backends[2].requests == 0)
        #expect(ask("SRV=s2")?.body == "s2")
        backends[1].letGo()
        for holder in holders { #expect(holder.answer()?.body == "s1") }
        #expect(backends[1].mostHeld == 1)
        #expect(eventually { engine.engine.activeExchanges == 0 })
    }

    @Test("with as many waiting as it may have, a server loses further clients to another")
    func lineIsFull() throws {
        defer { backends.forEach { $0.stop() } }
        #expect(
            serve(
                backends, .insert,
                pool: { pool in
                    limited(&pool)
                    for i in pool.servers.indices { pool.servers[i].maxQueue = 1 }
                }))
        let holders = (0..<2).map { _ in hold("SRV=s1") }
        #expect(eventually { engine.engine.activeExchanges == 2 })
        #expect(eventually { backends[1].held == 1 })
        let answer = try #require(ask("SRV=s1"))
        #expect(answer.status == 200 && answer.body != "s1")
        #expect(setCookies(answer) == ["SRV=\(answer.body); path=/"])
        backends[1].letGo()
        for holder in holders { #expect(holder.answer()?.body == "s1") }
    }

    @Test("without redispatch it refuses them")
    func refuses() throws {
        defer { backends.forEach { $0.stop() } }
        #expect(
            serve(
                backends, .insert,
                pool: { pool in
                    limited(&pool)
                    pool.redispatch = false
                    for i in pool.servers.indices { pool.servers[i].maxQueue = 1 }
                }))
        let holders = (0..<2).map { _ in hold("SRV=s1") }
        #expect(eventually { engine.engine.activeExchanges == 2 })
        #expect(eventually { backends[1].held == 1 })
        #expect(ask("SRV=s1")?.status == 503)
        backends[1].letGo()
        for holder in holders { #expect(holder.answer()?.body == "s1") }
    }

    @Test("the server's own cookie is taken over", arguments: [CookieMode.rewrite, .prefix])
    func servers(mode: CookieMode) throws {
        backends.forEach { $0.stop() }
        let backend = try TestBackend(
            "own", fields: "Set-Cookie: SRV=abc; path=/x\r\nSet-Cookie: other=1\r\n")
        defer { backend.stop() }
        #expect(serve([backend], mode))
        let value = mode == .prefix ? "own~abc" : "own"
        #expect(setCookies(ask(nil)) == ["SRV=\(value); path=/x", "other=1"])
        _ = ask("a=1; SRV=\(value)")
        #expect(cookies(at: backend) == ["a=1; SRV=\(mode == .prefix ? "abc" : "own")"])
    }

    @Test("a value made from the address is the same for every engine, and leads back")
    func dynamic() throws {
        defer { backends.forEach { $0.stop() } }
        #expect(
            serve(backends, .insert, { $0.dynamicKey = "secret" }) { pool in
                for i in pool.servers.indices { pool.servers[i].cookie = "" }
            })
        let first = try #require(ask(nil))
        let cookie = try #require(setCookies(first).first?.prefix { $0 != ";" })
        #expect(cookie.count == "SRV=".count + 16)
        for _ in 0..<4 { #expect(ask(String(cookie))?.body == first.body) }
    }

    @Test("an answer that a cache could keep is marked private when a cookie goes along")
    func cacheable() throws {
        backends.forEach { $0.stop() }
        let backend = try TestBackend("kept", fields: "ETag: \"1\"\r\n")
        defer { backend.stop() }
        #expect(serve([backend], .insert) { $0.marksPrivate = true })
        #expect(ask(nil)?.head.contains("Cache-Control: private\r\n") == true)
        #expect(ask("SRV=kept")?.head.contains("Cache-Control") == false, "no cookie goes along")
        #expect(ask(nil, method: "POST")?.head.contains("Cache-Control") == false)
    }

    @Test("settings that could break a header line keep nobody")
    func flawed() throws {
        defer { backends.forEach { $0.stop() } }
        #expect(serve(backends, .insert) { $0.attributes = ["X\r\nEvil: 1"] })
        #expect(setCookies(ask(nil)) == [])
        #expect(Set((0..<3).map { _ in ask("SRV=s0")?.body }) == ["s0", "s1", "s2"])
    }

    @Test("the log tells what became of the cookies, in HAProxy's letters")
    func letters() throws {
        let pipe = try TestPipe()
        let engine = try TestEngine(accessLog: pipe.writing)
        defer { backends.forEach { $0.stop() } }
        #expect(
            engine.serve(backends) { backend in
                var cookie = PersistenceCookie(name: "SRV", mode: .insert)
                cookie.isIndirect = true
                backend.persistence.cookie = cookie
                backend.servers[0].cookie = "s0"
            })
        let client = engine.connect()
        for cookie in ["SRV=s0", "SRV=nobody", "other=1"] {
            client.send("GET / HTTP/1.1\r\nHost: shop.example\r\nCookie: \(cookie)\r\n\r\n")
            #expect(client.answer()?.status == 200)
        }
        engine.engine.stop()
        let log = pipe.readWhatIsThere()
        #expect(log.split(separator: "\n").map { $0.split(separator: " ")[9] } == ["--VN", "--II", "--NI"])
    }
}
