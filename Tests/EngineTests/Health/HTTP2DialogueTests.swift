import Basics
import Model
import Testing
import Wire

@testable import Engine

@Suite("Health: HTTP checks over HTTP/2")
struct HTTP2DialogueTests {
    /// What the server's side of a session makes of a dialogue.
    private struct Talk {
        var head = ""
        var kept = ""
        var received = 0
        var result: CheckResult?
    }

    private func talk(
        _ probe: HTTPProbe, status: UInt16 = 200, body: String = "", isEncrypted: Bool = false,
        resets: Bool = false, pieces: Int = 4_096
    ) throws -> Talk {
        var talk = Talk()
        let context = try #require(HTTP2Context(isServer: true))
        let session = try #require(HTTP2Session(context))
        let dialogue = HTTP2Dialogue(probe, isEncrypted: isEncrypted)
        var asked = dialogue.begin().bytes
        var waiting = Buffer(capacity: CheckInput.limit)
        while talk.result == nil, !asked.isEmpty || session.hasMoreToSend {
            asked.withView { _ = session.receive($0, now: 1) }
            asked = []
            while let (stream, news) = session.next() {
                if news.contains(.head) {
                    talk.head = String(decoding: stream[].head.view.bytes, as: UTF8.self)
                }
                talk.received += stream[].input.count
                session.passedOn(stream, stream[].input.count)
                guard stream[].isEnded, !news.contains(.closed) else { continue }
                guard !resets else {
                    session.reset(stream, .internalError)
                    continue
                }
                context.block.begin(status: status)
                session.respond(stream, with: context.block, hasBody: !body.isEmpty)
                _ = Array(body.utf8).withView { session.offer(stream, $0) }
                session.finish(stream)
            }
            var buffer = Buffer(capacity: 64 * 1024)
            session.send(into: &buffer)
            let all = buffer.view.bytes
            for start in stride(from: 0, to: all.count, by: pieces) where talk.result == nil {
                waiting.compact()
                Array(all[start..<min(all.count, start + pieces)]).withView { _ = waiting.append($0) }
                var input = CheckInput(waiting.view, isLast: false)
                let step = dialogue.read(&input)
                waiting.consume(input.taken)
                asked += step.bytes
                talk.result = step.result
            }
        }
        return talk
    }

    @Test("the request is the one of HTTP/1 in another form", arguments: [true, false])
    func request(isEncrypted: Bool) throws {
        var probe = HTTPProbe(method: "POST", uri: "/health?full", version: "HTTP/1.1")
        probe.fields = [.init("Host", "pod.example"), .init("X-Check", "1")]
        probe.body = "ping"
        let talk = try talk(probe, isEncrypted: isEncrypted)
        for part in [
            "POST", isEncrypted ? "https" : "http", "pod.example", "/health?full", "x-check: 1\r\n",
        ] { #expect(talk.head.contains(part), "\(part)") }
        #expect(talk.received == 4)
        #expect(talk.result == CheckResult(.passed, code: 200))
    }

    @Test(
        "statuses are judged as over HTTP/1",
        arguments: [
            (UInt16(200), CheckStatus.passed), (399, .passed), (404, .wrongStatus), (503, .wrongStatus),
        ])
    func statuses(status: UInt16, expected: CheckStatus) throws {
        let result = try talk(HTTPProbe(), status: status).result
        #expect(result?.status == expected)
        #expect(result?.code == Int(status))
    }

    @Test("a body is looked at, in whatever pieces it comes", arguments: [1, 7, 4_096])
    func bodies(pieces: Int) throws {
        var probe = HTTPProbe()
        probe.steps = [.expect(HTTPExpectation(.text("ready")))]
        #expect(try talk(probe, body: "all is ready now", pieces: pieces).result?.status == .passed)
        #expect(try talk(probe, body: "nothing is", pieces: pieces).result?.status == .badAnswer)
        #expect(try talk(probe, pieces: pieces).result?.status == .badAnswer)
        let long = String(repeating: "x", count: 12_000)
        #expect(try talk(probe, body: long + "ready", pieces: pieces).result?.status == .passed)
    }

    @Test("a stream that is reset, another protocol and noise are no answer")
    func invalid() throws {
        #expect(try talk(HTTPProbe(), resets: true).result?.status == .badAnswer)
        let texts = ["HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" + String(repeating: " ", count: 40), ""]
        for text in texts {
            let run = DialogueRun(HTTP2Dialogue(HTTPProbe(), isEncrypted: false), text, closes: true)
            #expect(run.result?.status == .badAnswer)
        }
        for seed in 1...200 as ClosedRange<UInt64> {
            let run = DialogueRun(
                HTTP2Dialogue(HTTPProbe(), isEncrypted: false), [noise(200, seed: seed)], closes: true)
            #expect(run.result?.status != .passed)
        }
    }
}
