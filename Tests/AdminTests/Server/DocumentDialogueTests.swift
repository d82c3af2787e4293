import Testing

@testable import Admin

private let budget = 1_000

private func dialogue(_ budget: DocumentBudget = DocumentBudget(budget)) -> DocumentDialogue {
    var terms = DocumentTerms(path: "/validate") { .text("got \(String(decoding: $0, as: UTF8.self))") }
    terms.longest = 600
    return DocumentDialogue(terms, budget, now: 0)
}

private func request(
    _ body: String, path: String = "/validate", type: String = "application/json", length: Int? = nil,
    extra: String = ""
) -> String {
    "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Type: \(type)\r\nContent-Length: \(length ?? body.utf8.count)\r\n\(extra)\r\n\(body)"
}

private func text(_ dialogue: DocumentDialogue) -> String { String(decoding: dialogue.unsent, as: UTF8.self) }

extension DocumentDialogue {
    fileprivate mutating func take(_ text: String, now: Int64 = 0) {
        receive(Array(text.utf8)[...], now: now)
    }
    fileprivate mutating func sendAll(now: Int64 = 0) { advance(unsent.count, now: now) }
}

@Suite("A client who hands in documents")
struct DocumentDialogueTests {
    @Test("a document that arrives byte by byte is answered once it is whole")
    func pieces() {
        var client = dialogue()
        for byte in request("{}").utf8 {
            #expect(!client.hasOutput)
            client.receive([byte], now: 1)
        }
        #expect(text(client).hasPrefix("HTTP/1.1 200 OK\r\n") && text(client).hasSuffix("\r\n\r\ngot {}"))
        #expect(!client.isEnded)
    }

    @Test("documents behind each other are answered one after the other")
    func pipelining() {
        var client = dialogue()
        client.take(request("one") + request("two", extra: "Connection: close\r\n"))
        #expect(text(client).hasSuffix("got one"))
        client.sendAll()
        #expect(text(client).hasSuffix("got two"))
        client.sendAll()
        #expect(client.isEnded)
    }

    @Test("a query behind the path and parameters of the type say nothing")
    func spelling() {
        var client = dialogue()
        client.take(request("x", path: "/validate?timeout=10s", type: "Application/JSON; charset=utf-8"))
        #expect(text(client).hasSuffix("got x"))
    }

    @Test(
        "what is handed in otherwise is refused before its body, and the connection ends",
        arguments: [
            ("GET /validate HTTP/1.1\r\nHost: a\r\n\r\n", 405),
            ("POST /other HTTP/1.1\r\nHost: a\r\n\r\n", 404),
            ("POST /validate HTTP/1.1\r\nHost: a\r\n\r\n", 411), (request("", length: 0), 411),
            ("POST /validate HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
            (request("", length: 601), 413), (request("x", type: "text/plain"), 415),
            (request("x", type: "application/jsonx"), 415),
            (request("x", extra: "Content-Type: text/plain\r\n"), 415),
            ("POST /validate HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", 415),
            ("POST /validate HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n", 400),
            ("\u{16}\u{3}\u{1}", 400), ("POST /\(String(repeating: "x", count: 17_000)) HTTP/1.1\r\n", 431),
        ])
    func refusals(bytes: String, status: Int) {
        var client = dialogue()
        client.take(bytes)
        #expect(text(client).hasPrefix("HTTP/1.1 \(status) "))
        #expect(text(client).contains("Connection: close\r\n"))
        client.sendAll()
        #expect(client.isEnded)
    }

    @Test("unfinished documents share one memory, and give it back")
    func memory() {
        let budget = DocumentBudget(1_000)
        var (first, second) = (dialogue(budget), dialogue(budget))
        let long = String(repeating: "x", count: 600)
        first.take(request(String(long.dropLast()), length: 600))
        second.take(request(long))
        #expect(text(second).hasPrefix("HTTP/1.1 503 "))
        first.take("x")
        #expect(text(first).hasSuffix(long))
        var third = dialogue(budget)
        third.take(request(long))
        #expect(text(third).hasPrefix("HTTP/1.1 200 "))
    }

    @Test("a client that goes away gives its memory back")
    func gone() {
        let budget = DocumentBudget(1_000)
        do {
            var client = dialogue(budget)
            client.take(request(String(repeating: "x", count: 599), length: 600))
            #expect(!client.hasOutput)
        }
        var next = dialogue(budget)
        next.take(request(String(repeating: "x", count: 600)))
        #expect(text(next).hasPrefix("HTTP/1.1 200 "))
    }

    @Test("a document has ten seconds, however it drips, and an idle client five minutes")
    func deadlines() {
        var client = dialogue()
        #expect(client.deadline == DocumentDialogue.headLimit)
        client.take("POST", now: 1_000)
        client.take(String(request("abc", length: 5).dropFirst(4)), now: 3_000)
        #expect(client.deadline == 3_000 + DocumentDialogue.bodyLimit)
        client.take("d", now: 9_000)
        #expect(client.deadline == 3_000 + DocumentDialogue.bodyLimit)
        client.take("e", now: 9_500)
        #expect(client.deadline == 9_500 + DocumentDialogue.sendLimit)
        client.sendAll(now: 9_600)
        #expect(client.deadline == 9_600 + DocumentDialogue.idleLimit)
        client.take("P", now: 20_000)
        #expect(client.deadline == 20_000 + DocumentDialogue.headLimit)
    }

    @Test("who waits to be asked for the document is asked")
    func expectation() {
        var client = dialogue()
        client.take(request("", length: 3, extra: "Expect: 100-continue\r\n"))
        #expect(text(client) == "HTTP/1.1 100 Continue\r\n\r\n")
        client.sendAll()
        #expect(!client.isEnded)
        client.take("abc")
        #expect(text(client).hasSuffix("got abc"))
    }

    @Test("who ends in the middle of a document is left")
    func halfClosed() {
        var client = dialogue()
        client.take(request("ab", length: 3))
        let goesOn = client.finish(now: 0)
        #expect(!goesOn)
    }
}
