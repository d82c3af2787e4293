/// One client of a server for operators: bytes in, bytes out, and when it is given up; pure.
protocol ControlDialogue {
    /// Whether bytes wait to be sent.
    var hasOutput: Bool { get }
    /// Whether it has done its work and is to be closed.
    var isEnded: Bool { get }
    /// What is to be sent next.
    var unsent: ArraySlice<UInt8> { get }
    /// When it is given up, in milliseconds.
    var deadline: Int64 { get }
    /// When it wants to be woken before that; nil is not at all.
    var wakeAt: Int64? { get }
    /// Whether it asks for the sockets that the process listens on; then it is over.
    var wantsListeners: Bool { get }
    /// Whether the client may still say something.
    var hears: Bool { get }

    /// Takes bytes of the client.
    mutating func receive(_ bytes: ArraySlice<UInt8>, now: Int64)
    /// The system has taken `count` bytes of `unsent`.
    mutating func advance(_ count: Int, now: Int64)
    /// The client sends nothing more; false if there is nothing left to be done.
    mutating func finish(now: Int64) -> Bool
    /// `wakeAt` has come.
    mutating func wake(now: Int64)
}

extension ControlDialogue {
    var wakeAt: Int64? { nil }
    var hears: Bool { true }
    var wantsListeners: Bool { false }
    mutating func wake(now: Int64) {}
}

/// A client of HTTP, and who answers it.
struct HTTPDialogue: ControlDialogue {
    private var connection: ControlConnection
    private let answer: ControlServer.Answer

    init(now: Int64, _ answer: @escaping ControlServer.Answer) {
        connection = ControlConnection(now: now)
        self.answer = answer
    }

    var hasOutput: Bool { connection.hasOutput }
    var isEnded: Bool { connection.isEnded }
    var unsent: ArraySlice<UInt8> { connection.unsent }
    var deadline: Int64 { connection.deadline }

    mutating func receive(_ bytes: ArraySlice<UInt8>, now: Int64) {
        connection.receive(bytes, now: now, answer: answer)
    }
    mutating func advance(_ count: Int, now: Int64) { connection.advance(count, now: now, answer: answer) }
    mutating func finish(now: Int64) -> Bool { false }
}
