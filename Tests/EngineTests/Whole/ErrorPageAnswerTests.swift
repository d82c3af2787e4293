import Model
import Testing

@testable import Engine

@Suite("Error pages in the whole engine", .serialized)
struct ErrorPageAnswerTests {
    private func page(_ status: UInt16, _ text: String) -> ErrorPage {
        ErrorPage(status: status, reason: "Sorry", contentType: "text/plain", body: Array(text.utf8))
    }

    private func engine(_ pages: [UInt16: ErrorPage]) throws -> TestEngine {
        try TestEngine { frontend in
            frontend.errorPages = pages
            var limits = RequestLimits(name: "")
            limits.maxBodySize = 10
            frontend.fallbackLimits = limits
            frontend.timeouts.request = 2_000
        }
    }

    @Test("a frontend's page stands for its status alone, and the connection goes on")
    func frontend() throws {
        let engine = try engine([404: page(404, "nowhere")])
        #expect(engine.serve([]))
        let client = engine.connect()
        for _ in 0..<3 {
            let answer = try #require(client.get("/", host: "other.example"))
            #expect(
                answer.head.hasPrefix(
                    "HTTP/1.1 404 Sorry\r\nContent-Type: text/plain\r\nContent-Length: 7\r\n\r\n"))
            #expect(answer.body == "nowhere")
            #expect(client.get("/")?.body.contains("503 Service Unavailable") == true)
        }
    }

    @Test("a backend's page comes before the frontend's, and changes with a publish")
    func backend() throws {
        let engine = try engine([503: page(503, "frontend"), 404: page(404, "nowhere")])
        #expect(engine.serve([]) { $0.errorPages = [503: page(503, "backend")] })
        let client = engine.connect()
        #expect(client.get("/")?.body == "backend")
        #expect(client.get("/", host: "other.example")?.body == "nowhere")
        #expect(engine.serve([]) { $0.errorPages = [500: page(500, "else")] })
        #expect(client.get("/")?.body == "frontend")
        #expect(engine.publishFrontend { $0.errorPages = [:] })
        #expect(client.get("/")?.body.contains("<h1>503") == true)
    }

    @Test("the page's own status and fields are what the client sees")
    func file() throws {
        let file = "HTTP/1.0 200 Fine\nX-Why: because\nConnection: close\n\nall is well"
        let engine = try engine([503: try ErrorPage(file: Array(file.utf8))])
        #expect(engine.serve([]))
        let answer = try #require(engine.connect().get("/"))
        #expect(answer.head == "HTTP/1.1 200 Fine\r\nX-Why: because\r\nContent-Length: 11\r\n\r\n")
    }

    @Test("refusals have pages too, and close the connection")
    func refusals() throws {
        let engine = try engine([400: page(400, "odd"), 408: page(408, "slow"), 413: page(413, "big")])
        #expect(engine.serve([]))
        let (odd, big, slow) = (engine.connect(), engine.connect(), engine.connect())
        odd.send("GET\r\n\r\n")
        big.send("POST / HTTP/1.1\r\nHost: other.example\r\nContent-Length: 11\r\n\r\n")
        slow.send("GET / HTT")
        for (client, body) in [(odd, "odd"), (big, "big"), (slow, "slow")] {
            let answer = try #require(client.answer())
            #expect(answer.body == body)
            #expect(answer.head.contains("\r\nConnection: close\r\n"))
            #expect(client.isEndedByPeer)
        }
    }

    @Test("an answer to HEAD has the page's length and nothing of it")
    func head() throws {
        let engine = try engine([503: page(503, "body")])
        #expect(engine.serve([]))
        let client = engine.connect()
        client.send(
            "HEAD / HTTP/1.1\r\nHost: shop.example\r\n\r\nGET / HTTP/1.1\r\nHost: shop.example\r\n\r\n")
        #expect(client.read(through: "\r\n\r\n")?.contains("Content-Length: 4\r\n") == true)
        #expect(client.answer()?.body == "body")
    }

    @Test("the longest page arrives whole; a flawed one is as if it were not there")
    func long() throws {
        let text = String(repeating: "x", count: ErrorPage.longest - 1_000)
        let engine = try engine([503: page(503, text), 404: page(404, text + text)])
        #expect(engine.serve([]))
        let client = engine.connect()
        #expect(client.get("/")?.body == text)
        #expect(client.get("/", host: "other.example")?.body.contains("<h1>404") == true)
    }
}
