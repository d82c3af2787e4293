import Basics
import Model
import Wire

/// The same request over HTTP/2: one stream on a connection of its own.
final class HTTP2Dialogue: CheckDialogue {
    private let probe: HTTPProbe
    private let isEncrypted: Bool
    private var judge: HTTPJudge
    private let session: HTTP2Session?
    private var hasStatus = false

    init(_ probe: HTTPProbe, isEncrypted: Bool, scene: CheckScene = CheckScene()) {
        self.probe = probe.written(by: scene)
        self.isEncrypted = isEncrypted
        judge = HTTPJudge(probe, scene: scene)
        session = HTTP2Context(isServer: false, keep: 1).flatMap { HTTP2Session($0) }
    }

    var timeout: CheckResult { judge.timeout }

    func begin() -> CheckStep {
        judge.begin()
        guard let session, ask(session) else {
            return .end(CheckResult(.unchanged, info: "no memory for HTTP/2"))
        }
        return .send(waiting(session))
    }

    /// HAProxy's fields; its Host is the authority, and what is about a connection of HTTP/1 has no place here.
    private func ask(_ session: HTTP2Session) -> Bool {
        let host = probe.fields.first { $0.name.lowercased() == "host" }?.value ?? ""
        var lines = ""
        for field in probe.fields where field.name.lowercased() != "host" {
            lines += "\(field.name.lowercased()): \(field.value)\r\n"
        }
        if !probe.body.isEmpty { lines += "content-length: \(probe.body.utf8.count)\r\n" }
        let block = session.context.block
        let stream = probe.method.withView { method in
            host.withView { authority in
                probe.uri.withView { path in
                    lines.withView { lines in
                        block.begin(
                            method: method, scheme: isEncrypted ? "https" : "http", authority: authority,
                            path: path)
                        return block.add(lines: lines)
                            ? session.request(
                                with: block, isHead: probe.method == "HEAD", hasBody: !probe.body.isEmpty)
                            : nil
                    }
                }
            }
        }
        guard let stream else { return false }
        guard !probe.body.isEmpty else { return true }
        let count = probe.body.withView { session.offer(stream, $0) }
        session.finish(stream)
        return count == probe.body.utf8.count
    }

    func read(_ input: inout CheckInput) -> CheckStep {
        guard let session else { return .wait }
        var result: CheckResult?
        while result == nil, !input.rest.isEmpty {
            input.taken += session.receive(input.rest, now: 0)
            while result == nil, let (stream, news) = session.next() { result = hear(session, stream, news) }
        }
        // A good-bye, if the answer is known.
        if result != nil { session.finishDrain() }
        if result == nil, session.failure != nil || input.isLast { result = invalid }
        return CheckStep(bytes: waiting(session), result: result)
    }

    private var invalid: CheckResult { CheckResult(.badAnswer, info: "no answer of HTTP/2") }

    private func hear(_ session: HTTP2Session, _ stream: Ref<HTTP2Stream>, _ news: HTTP2News) -> CheckResult?
    {
        if stream[].refusal != nil || stream[].fault != nil { return invalid }
        if news.contains(.head) {
            hasStatus = true
            let head = stream[].head.view
            if let result = judge.judge(stream[].response, reason: "", in: head) { return result }
        }
        if hasStatus {
            let result = judge.judge(more: stream[].input.view, isLast: stream[].isEnded)
            session.passedOn(stream, stream[].input.count)
            if let result { return result }
        }
        return news.contains(.closed) ? invalid : nil
    }

    private func waiting(_ session: HTTP2Session) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = Buffer(capacity: 16 * 1024 + 64)
        repeat {
            buffer.reset()
            session.send(into: &buffer)
            bytes += buffer.view.bytes
        } while !buffer.isEmpty
        return bytes
    }
}
