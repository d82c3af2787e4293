import Model
import Testing

@testable import Engine

@Suite("Servers that follow others", .serialized)
struct FollowingTests {
    private static let followers = BackendName("shop/followers:80")
    private static let chain = BackendName("shop/chain:80")

    private func backend(_ follows: ServerReference, port: UInt16) -> Backend {
        var pool = Backend(
            servers: [Server(address: "127.0.0.1", port: port, name: "f")], origin: TestEngine.origin)
        pool.servers[0].check = ServerCheck(nil)
        pool.servers[0].check?.follows = follows
        return pool
    }

    private func isUp(_ engine: TestEngine, _ name: BackendName) -> Bool? {
        engine.engine.servers().first { $0.backend == name.description }?.health?.isUp
    }

    @Test("they go down and come up with it, and whoever follows them", arguments: [1, 2])
    func together(workers: Int) throws {
        let (asked, one, two) = (try TestBackend("asked"), try TestBackend("one"), try TestBackend("two"))
        defer { [asked, one, two].forEach { $0.stop() } }
        asked.setHealth("200 OK")
        let notices = TestNotices()
        let engine = try TestEngine(workers: workers, notices: notices)
        #expect(
            engine.serve([asked]) {
                $0.servers[0].check = .quick(.http(HTTPProbe(method: "GET", uri: "/health")))
            })
        var change = Change()
        change.backends = [
            Self.chain: backend(ServerReference(backend: Self.followers, server: "f"), port: two.port),
            Self.followers: backend(
                ServerReference(backend: TestEngine.backend, server: "asked"), port: one.port),
        ]
        let route = Route(path: "/", match: .prefix, target: .backend(Self.chain), origin: TestEngine.origin)
        change.routes = [.exact("chain.example"): HostRoutes([route])]
        #expect(engine.publish(change))
        #expect(engine.connect().get("/", host: "chain.example")?.body == "two")
        asked.setHealth("503 No")
        #expect(eventually { engine.connect().get("/", host: "chain.example")?.status == 503 })
        // Workers know before anyone is told.
        #expect(isUp(engine, Self.followers) == false)
        #expect(eventually { notices.has("Server shop/followers:80/f is DOWN via shop/web:80/asked.") })
        #expect(eventually { notices.has("Server shop/chain:80/f is DOWN via shop/followers:80/f.") })
        asked.setHealth("200 OK")
        #expect(eventually { engine.connect().get("/", host: "chain.example")?.body == "two" })
        #expect(isUp(engine, Self.chain) == true)
    }

    @Test("who follows from now on is what the other one is already; without one it is up")
    func late() throws {
        let (asked, one) = (try TestBackend("asked"), try TestBackend("one"))
        defer { [asked, one].forEach { $0.stop() } }
        asked.setHealth("503 No")
        let engine = try TestEngine()
        let isServing = engine.serve([asked]) {
            $0.servers[0].check = .quick(.http(HTTPProbe(method: "GET", uri: "/health")))
        }
        #expect(isServing)
        #expect(eventually { isUp(engine, TestEngine.backend) == false })
        let reference = ServerReference(backend: TestEngine.backend, server: "asked")
        var change = Change()
        change.backends = [Self.followers: backend(reference, port: one.port)]
        change.fallback = .backend(Self.followers)
        #expect(engine.publish(change))
        #expect(eventually { engine.connect().get("/", host: "f.example")?.status == 503 })
        // The one that is asked goes; who followed it is taken to be up.
        #expect(engine.swap(to: [one]))
        #expect(eventually { engine.connect().get("/", host: "f.example")?.body == "one" })
    }
}
