import Basics
import Model
import Wire

/// An HTTP/1 request, and whether its answer is the one that is wanted.
final class HTTPDialogue: CheckDialogue {
    private let probe: HTTPProbe
    private var head = ResponseHead()
    private let tables = HeaderTablePool(keep: 1)
    private let trailerBuffers = BufferPool(size: 8 * 1024, keep: 1)
    private var body: BodyDecoder?
    private var trailers = Buffer()
    private var judge: HTTPJudge
    private var reason = ""

    init(_ probe: HTTPProbe, scene: CheckScene = CheckScene()) {
        self.probe = probe.written(by: scene)
        judge = HTTPJudge(probe, scene: scene)
        tables.lend(to: &head.fields)
    }

    deinit {
        tables.takeBack(&head.fields)
        trailerBuffers.takeBack(&trailers)
    }

    var timeout: CheckResult { judge.timeout }

    func begin() -> CheckStep {
        judge.begin()
        return .send(HTTPDialogue.request(probe))
    }

    /// HAProxy's form: names in lower case, its own lines last.
    static func request(_ probe: HTTPProbe) -> [UInt8] {
        var text = "\(probe.method) \(probe.uri) \(probe.version)\r\n"
        for field in probe.fields { text += "\(field.name.lowercased()): \(field.value)\r\n" }
        if !probe.body.isEmpty { text += "content-length: \(probe.body.utf8.count)\r\n" }
        if probe.version == "HTTP/1.1" { text += "connection: close\r\n" }
        return Array((text + "\r\n" + probe.body).utf8)
    }

    func read(_ input: inout CheckInput) -> CheckStep {
        while body == nil {
            switch head.parse(input.bytes[input.taken..<input.bytes.count]) {
            case .incomplete: return input.isLast ? .end(CheckResult(.badAnswer)) : .wait
            case .refused: return .end(CheckResult(.badAnswer))
            case .complete(let count):
                let bytes = input.bytes[input.taken..<input.taken + count]
                noteHead(bytes)
                input.taken += count
                if head.isInterim {
                    head.reset()
                } else if let result = judge.judge(head, reason: reason, in: bytes) {
                    return .end(result)
                }
            }
        }
        return readBody(&input)
    }

    private func noteHead(_ bytes: ByteView) {
        reason = bytes[head.reason.indices].string
        guard !head.isInterim else { return }
        body = BodyDecoder(head.bodyFraming(isHead: probe.method == "HEAD"))
    }

    private func readBody(_ input: inout CheckInput) -> CheckStep {
        let rest = input.bytes[input.taken..<input.bytes.count]
        input.taken = input.bytes.count
        var piece = Buffer(capacity: max(1, rest.count))
        piece.append(rest)
        var pieces = BodyDecoder.Pieces()
        let progress =
            piece.withMutableBytes { bytes, count in
                body?.decode(
                    bytes, count: count, pieces: &pieces, trailers: &trailers, pool: trailerBuffers)
            } ?? .more
        if case .refused = progress { return .end(CheckResult(.badAnswer)) }
        return judge.judge(
            more: piece.view[0..<pieces.content], isLast: progress == .complete || input.isLast
        ).map { .end($0) } ?? .wait
    }
}
