/// How an exchange ended: who ended it and in which phase, as HAProxy's two letters.
///
/// The status, the log line and the counters all derive from it.
struct Termination: Equatable {
    /// Who: `C` client, `S` server, `c`/`s` their time-outs, `P` refused by us, `L` answered by us, `R` lack of a
    /// resource, `D` drained, `K` killed by an operator, `-` ended in order.
    var cause: UInt8
    /// When: `R` request, `Q` queue, `C` connection, `H` answer's head, `D` its data, `T` tarpit, `-` after it.
    var phase: UInt8

    private init(_ cause: Unicode.Scalar, _ phase: Unicode.Scalar) {
        self.cause = UInt8(ascii: cause)
        self.phase = UInt8(ascii: phase)
    }

    static var normal: Termination { Termination("-", "-") }
    static var badRequest: Termination { Termination("P", "R") }
    static var denied: Termination { Termination("P", "R") }
    static var tarpitted: Termination { Termination("P", "T") }
    static var clientGoneInRequest: Termination { Termination("C", "R") }
    static var requestTimeout: Termination { Termination("c", "R") }
    static var bodyTimeout: Termination { Termination("c", "D") }
    static var answeredLocally: Termination { Termination("L", "R") }
    /// Its server is elsewhere: `redir`.
    static var sentElsewhere: Termination { Termination("L", "C") }
    static var noServer: Termination { Termination("S", "C") }
    static var connectTimeout: Termination { Termination("s", "C") }
    static var queueTimeout: Termination { Termination("s", "Q") }
    static var queueIsFull: Termination { Termination("S", "Q") }
    static var clientGoneInQueue: Termination { Termination("C", "Q") }
    static var clientGoneInConnect: Termination { Termination("C", "C") }
    static var clientGoneInHead: Termination { Termination("C", "H") }
    static var clientGoneInData: Termination { Termination("C", "D") }
    static var clientStalled: Termination { Termination("c", "D") }
    static var serverGoneInHead: Termination { Termination("S", "H") }
    static var serverTimeout: Termination { Termination("s", "H") }
    static var deniedAnswer: Termination { Termination("P", "H") }
    static var replacedAnswer: Termination { Termination("L", "H") }
    static var badAnswer: Termination { Termination("P", "H") }
    /// Rules have waited too long for its body: HAProxy's letters.
    static var answerBodyTimeout: Termination { Termination("s", "R") }
    static var serverGoneInData: Termination { Termination("S", "D") }
    static var serverStalled: Termination { Termination("s", "D") }
    /// What its server said can not be read, or rules of mode tcp refuse it.
    static var refusedData: Termination { Termination("P", "D") }
    static var shutDown: Termination { Termination("D", "-") }
    static var noResource: Termination { Termination("R", "C") }

    /// Sessions of a server that are ended from outside.
    enum Reason: Unicode.Scalar {
        case serverDown = "D"
        case betterServerUp = "U"
        case killed = "K"
    }

    /// Ended from outside where its client would have ended it otherwise.
    static func ended(for reason: Reason, instead: Termination) -> Termination {
        var termination = instead
        termination.cause = UInt8(ascii: reason.rawValue)
        return termination
    }
}
