import Basics
import Model
import Wire

/// An answer whose rules wait for its body, or look into it: HAProxy's `http-response wait-for-body` and `res.body`.
///
/// Its head stands among what the exchange's rules keep; what came behind it is kept twice, as it came and without its framing. When the
/// rules have been asked it goes on as if all of it had come in one read.
///
/// ```
///   raw      5\r\nhello\r\n6\r\n wor       goes to the client, through the usual decoder
///   content  hello wor                    what rules see, 16 KiB at most
/// ```
struct HeldAnswer: ~Copyable {
    /// How the body is delimited if its head does not say it.
    let framing: BodyFraming?
    var raw = Buffer()
    var content = Buffer()
    /// Nobody reads them here.
    var trailers = Buffer()
    var decoder: BodyDecoder
    /// The body's end is here.
    var isWhole = false
    /// So many bytes will do; 0 is all of them.
    var least = 0
    /// When the wait ends, in nanoseconds; 0 is never.
    var deadline: UInt64 = 0
    /// Where its rules go on.
    var place = AnswerPlace(list: .route)

    init(_ framing: BodyFraming?, _ decoder: BodyDecoder) {
        self.framing = framing
        self.decoder = decoder
    }

    /// Whether nothing more is waited for.
    var isEnough: Bool {
        isWhole || content.count >= Sizes.initialBody || raw.room < Sizes.leastRead
            || least > 0 && content.count >= least
    }

    /// The rest of the wait, and of what its server may be silent, in milliseconds; 0 is no end.
    func timeLeft(now: UInt64, silence: Int) -> Int {
        guard deadline > 0 else { return silence }
        let left = deadline > now ? Int(clamping: (deadline &- now) / 1_000_000 &+ 1) : 1
        return silence > 0 ? min(left, silence) : left
    }
}

/// Which rule about an answer is asked next.
struct AnswerPlace {
    let list: List
    var rule = 0

    /// The lists in their order.
    enum List: UInt8 {
        case route, backend, frontend
    }

    /// Where a list begins, for who goes on here; nil if the list is behind.
    func first(in list: List, of count: Int) -> Int? {
        guard list.rawValue >= self.list.rawValue else { return nil }
        // The list may be another one meanwhile.
        return list == self.list ? min(rule, count) : 0
    }
}

/// An answer that has just come: so many bytes of the scratch are its head, and how its body is delimited if that does not say it.
struct AnswerArrival {
    let headCount: Int
    let framing: BodyFraming?
}
