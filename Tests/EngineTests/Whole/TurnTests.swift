import Glibc
import Model
import Synchronization
import Testing
import Wire

@testable import Engine

@Suite("Turns", .serialized)
struct TurnTests {
    /// A client that sends `text` again and again as fast as it is taken and reads whatever comes, on two threads.
    private final class Flood: Sendable {
        private let connection: TestConnection
        private let isOver = Atomic<Bool>(false)
        private let taken = Atomic<Int>(0)
        private let threads = Mutex<[Wire.Thread]>([])

        init(_ connection: TestConnection, _ text: String) {
            self.connection = connection
            let many = String(repeating: text, count: 65_536 / text.utf8.count)
            let sender = Wire.Thread(name: "flood") { [self] in
                while !isOver.load(ordering: .relaxed), connection.send(many) {}
            }
            let reader = Wire.Thread(name: "drain") { [self] in
                var waste = [UInt8](repeating: 0, count: 1 << 20)
                while !isOver.load(ordering: .relaxed) {
                    var entry = pollfd(fd: connection.descriptor, events: Int16(POLLIN), revents: 0)
                    guard poll(&entry, 1, 20) > 0 else { continue }
                    let count = recv(connection.descriptor, &waste, waste.count, 0)
                    if count > 0 { taken.wrappingAdd(count, ordering: .relaxed) }
                }
            }
            threads.withLock { $0 = [sender, reader].compactMap { $0 } }
        }

        /// Whether it is being answered.
        var isAnswered: Bool { taken.load(ordering: .relaxed) > 1 << 20 }

        func stop() {
            isOver.store(true, ordering: .relaxed)
            shutdown(connection.descriptor, Int32(SHUT_RDWR))
            threads.withLock { $0 }.forEach { $0.join() }
        }
    }

    @Test("a client that asks without end for what is not there does not keep the others waiting")
    func endlessRequests() throws {
        let backend = try TestBackend("served")
        defer { backend.stop() }
        let engine = try TestEngine()
        #expect(engine.serve([backend]))
        let flood = Flood(engine.connect(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        defer { flood.stop() }
        #expect(eventually { flood.isAnswered })
        for _ in 0..<20 { #expect(engine.connect().get("/")?.status == 200) }
    }

    @Test("many requests that come at once are answered in several rounds, all and in order")
    func severalTurns() throws {
        let engine = try TestEngine()
        #expect(engine.serve([]))
        let client = engine.connect()
        client.ask("/", host: "nobody.example")
        #expect(client.answer()?.status == 404)
        let before = loops(of: engine)
        let requests = (0..<600).map { i in
            "\(i % 50 == 0 ? "GET" : "HEAD") /\(i) HTTP/1.1\r\nHost: a\r\n\r\n"
        }
        client.send(requests.joined())
        for i in 0..<600 {
            #expect(client.read(through: "\r\n\r\n")?.hasPrefix("HTTP/1.1 404 ") == true)
            if i % 50 == 0 { #expect(client.read(through: "</html>\n") != nil) }
        }
        #expect(loops(of: engine) - before >= 600 / UInt64(Sizes.requestTurn))
        client.ask("/", host: "nobody.example")
        #expect(client.answer()?.status == 404)
    }

    @Test("requests that a client pipelines to a server have a round each")
    func pipelinedToServer() throws {
        let backend = try TestBackend("served")
        defer { backend.stop() }
        let engine = try TestEngine()
        #expect(engine.serve([backend]))
        let client = engine.connect()
        #expect(client.get("/")?.status == 200)
        let before = loops(of: engine)
        client.send(String(repeating: "GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n", count: 300))
        for _ in 0..<300 { #expect(client.answer() == TestAnswer(status: 200, body: "served")) }
        // The others have their turn between any two.
        #expect(loops(of: engine) - before >= 299)
    }

    private func loops(of engine: TestEngine) -> UInt64 {
        engine.engine.metrics().workers.reduce(0) { $0 + $1.loops }
    }

    @Test("downloads of a kept answer share a turn, however many they are")
    func keptDownloads() throws {
        let size = 1 << 22
        let backend = try TestBackend(
            "web",
            answer: "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: \(size)\r\n\r\n"
                + String(repeating: "x", count: size))
        defer { backend.stop() }
        let engine = try TestEngine()
        var cache = Cache(name: "large", totalSize: 4 * size)
        cache.maxObjectSize = 2 * size
        #expect(engine.serve([backend]) { $0.cache = CacheUse(cache) })
        #expect(engine.connect().get("/")?.status == 200)
        let before = loops(of: engine)
        let clients = (0..<24).map { _ in engine.connect() }
        let readers = clients.compactMap { client in
            Wire.Thread(name: "reader") {
                client.ask("/")
                var waste = [UInt8](repeating: 0, count: 1 << 20)
                var rest = size
                while rest > 0, client.wait(for: POLLIN) {
                    let count = recv(client.descriptor, &waste, waste.count, 0)
                    guard count > 0 else { break }
                    rest -= count
                }
                #expect(rest <= 0)
            }
        }
        readers.forEach { $0.join() }
        #expect(backend.requests == 1)
        // A round has two parts; each ends with the piece that makes it full. The first piece of an answer does not count.
        let most = 2 * (Sizes.turn + Sizes.read)
        #expect(loops(of: engine) - before >= clients.count * (size - Sizes.read) / most)
    }

    @Test("a client's streams that end with its connection leave the others their turns")
    func manyStreamsEnd() throws {
        let backend = try TestBackend("slow")
        defer { backend.stop() }
        let engine = try TestEngine()
        #expect(engine.serve([backend]))
        let client = try #require(TestHTTP2(engine))
        let count = 90
        for _ in 0..<count { _ = client.ask("/hold") }
        #expect(eventually { backend.held == count })
        let before = loops(of: engine)
        client.connection.close()
        #expect(eventually { engine.engine.openConnections == 0 })
        // Each ends at least one more.
        let rounds = Int(loops(of: engine) - before)
        backend.letGo()
        #expect(rounds >= count / (2 * (Sizes.turn / Sizes.endedStream + 1)))
        #expect(engine.connect().get("/")?.status == 200)
    }

    @Test("a client that leaves before its next turn is forgotten")
    func leavesBetweenTurns() throws {
        let engine = try TestEngine()
        #expect(engine.serve([]))
        for _ in 0..<50 {
            let client = engine.connect()
            client.send(String(repeating: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", count: 500))
            client.close()
        }
        #expect(eventually { engine.engine.openConnections == 0 })
        #expect(engine.connect().get("/", host: "nobody.example")?.status == 404)
    }
}
