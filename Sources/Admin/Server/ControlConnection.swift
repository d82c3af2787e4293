/// One client of a control port: bytes in, bytes out, and when it is given up; pure.
///
/// ```
///   waiting ──head complete──► answering ──all sent──► waiting (keep-alive) or ended
/// ```
struct ControlConnection {
    /// How long a client may take to send a head, in milliseconds.
    static let headLimit: Int64 = 5_000
    /// How long it may be idle between two requests.
    static let idleLimit: Int64 = 60_000
    /// How long it may take none of an answer.
    static let sendLimit: Int64 = 20_000

    private var input: [UInt8] = []
    private var output: [UInt8] = []
    private var sent = 0
    private var endsAfterOutput = false
    /// When it is given up, in milliseconds.
    private(set) var deadline: Int64

    /// A connection accepted at `now`.
    init(now: Int64) { deadline = now + Self.headLimit }

    /// Whether bytes wait to be sent.
    var hasOutput: Bool { sent < output.count }

    /// Whether it has done its work and is to be closed.
    var isEnded: Bool { endsAfterOutput && !hasOutput }

    /// What is to be sent next.
    var unsent: ArraySlice<UInt8> { output[sent...] }

    /// Takes bytes of the client; a complete request is answered by `answer`. Further requests wait until the
    /// answer has been sent.
    mutating func receive(
        _ bytes: some Sequence<UInt8>, now: Int64, answer: (ControlRequest) -> ControlResponse
    ) {
        if input.isEmpty, !hasOutput { deadline = now + Self.headLimit }
        input += bytes
        answerNext(now: now, answer)
    }

    /// The system has taken `count` bytes of `unsent`.
    mutating func advance(_ count: Int, now: Int64, answer: (ControlRequest) -> ControlResponse) {
        sent += count
        deadline = now + Self.sendLimit
        guard !hasOutput else { return }
        output = []
        sent = 0
        guard !endsAfterOutput else { return }
        deadline = now + (input.isEmpty ? Self.idleLimit : Self.headLimit)
        answerNext(now: now, answer)
    }

    private mutating func answerNext(now: Int64, _ answer: (ControlRequest) -> ControlResponse) {
        guard !hasOutput, !endsAfterOutput else { return }
        switch ControlHead.read(input) {
        case .partial: return
        case .request(let request, let length):
            input.removeFirst(length)
            endsAfterOutput = !request.keepsAlive
            output = answer(request).message(isHead: request.isHead, keepsAlive: request.keepsAlive)
        case .refused(let status):
            endsAfterOutput = true
            output = ControlResponse.failure(status).message(isHead: false, keepsAlive: false)
        }
        deadline = now + Self.sendLimit
    }
}
