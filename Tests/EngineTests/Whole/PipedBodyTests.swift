import Glibc
import Model
import Testing

@testable import Engine

/// Bodies that pass through within the kernel.
@Suite("Large bodies", .serialized)
struct PipedBodyTests {
    /// Every line tells where it stands.
    private func body(_ size: Int) -> String {
        var text = ""
        text.reserveCapacity(size + 16)
        while text.utf8.count < size { text += "\(text.utf8.count) of \(size)\n" }
        return String(text.prefix(size))
    }

    private func answer(_ body: String, behind: String = "") -> String {
        "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body + behind
    }

    @Test(
        "they arrive as they were sent, and the server's connection is used again",
        arguments: [
            Sizes.leastPiped - 1, Sizes.leastPiped, Sizes.leastPiped + Sizes.read,
            Sizes.leastPiped + Sizes.read + 1,
            Sizes.piped + Sizes.pipedTail, 3_000_017,
        ])
    func sizes(size: Int) throws {
        let text = body(size)
        let backend = try TestBackend("web", answer: answer(text))
        defer { backend.stop() }
        let engine = try TestEngine()
        #expect(engine.serve([backend]))
        let client = engine.connect()
        for _ in 0..<3 {
            let found = try #require(client.get("/"))
            #expect(found.status == 200)
            #expect(found.body == text)
        }
        #expect(eventually { backend.requests == 3 && backend.open == 1 })
    }

    @Test("a client that reads little at a time gets them whole, and nobody else gets any of it")
    func slowReader() throws {
        let text = body(12_000_000)
        let backend = try TestBackend("web", answer: answer(text))
        defer { backend.stop() }
        let engine = try TestEngine()
        #expect(engine.serve([backend]))
        let slow = engine.connect()
        slow.ask("/")
        #expect(slow.read(through: "\r\n\r\n") != nil)
        #expect(slow.read(count: 1000) == String(text.prefix(1000)))
        #expect(engine.connect().get("/")?.body == text)
        var read = 1000
        while read < text.utf8.count {
            guard let bytes = slow.readSome() else { break }
            #expect(bytes.elementsEqual(text.utf8.dropFirst(read).prefix(bytes.count)))
            read += bytes.count
        }
        #expect(read == text.utf8.count)
        slow.ask("/")
        #expect(slow.answer()?.body == text)
    }

    @Test("a client that leaves in the middle takes nothing of the next one's with it")
    func leaving() throws {
        let text = body(12_000_000)
        let backend = try TestBackend("web", answer: answer(text))
        defer { backend.stop() }
        let engine = try TestEngine()
        #expect(engine.serve([backend]))
        for _ in 0..<4 {
            let client = engine.connect()
            client.ask("/")
            #expect(client.read(count: 300_000) != nil)
            client.close()
            #expect(engine.connect().get("/")?.body == text)
        }
        #expect(eventually { engine.engine.activeExchanges == 0 })
    }

    @Test("a server that ends in the middle cuts the answer")
    func cut() throws {
        let text = body(600_000)
        let backend = try TestBackend(
            "web", answer: "HTTP/1.1 200 OK\r\nContent-Length: 600001\r\n\r\n" + text)
        defer { backend.stop() }
        let engine = try TestEngine()
        #expect(engine.serve([backend]))
        let client = engine.connect()
        client.ask("/last")
        #expect(client.read(through: "\r\n\r\n")?.hasPrefix("HTTP/1.1 200 ") == true)
        #expect(client.read(count: 600_000) == text)
        #expect(client.isEndedByPeer)
    }

    @Test("bytes behind a body are nobody's, and the server's connection is not used again")
    func stray() throws {
        let text = body(600_000)
        let backend = try TestBackend("web", answer: answer(text, behind: "HTTP/1.1 200 OK\r\n"))
        defer { backend.stop() }
        let engine = try TestEngine()
        #expect(engine.serve([backend]))
        let client = engine.connect()
        for _ in 0..<2 { #expect(client.get("/")?.body == text) }
        #expect(eventually { backend.open == 0 })
    }
}
