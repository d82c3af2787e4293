/// Sizes of buffers in bytes.
enum Sizes {
    /// The longest head; RFC 9112 3 asks for 8,000 bytes of request line at least.
    static let longestHead = 32 * 1024
    /// A client's input: a head and some body behind it.
    static let head = longestHead + 4 * 1024
    static let trailers = 8 * 1024
    /// Variables of an exchange or client, unless they need more.
    static let variables = 1024
    /// What a stream's body adds to the first write to the server; it has its own memory until then.
    static let initialBody = 16 * 1024
    /// With less room than that a head and its body fill the buffer.
    static let leastRead = 256
    /// Room for a rewritten head in front of a body's first bytes.
    static let headRoom = 4 * 1024
    /// What a first read of an answer may take where its body has to wait: most heads, and little of the body.
    static let answerHead = 1024
    /// The first read of a body, and every read while its taker is slower than its sender.
    static let read = 64 * 1024
    /// Reads of a body that flows freely: per MiB 64 KiB cost 755 us, 256 KiB 487, 512 KiB 378 (haproxy: 599).
    static let largeRead = 512 * 1024
    /// What passes through the kernel at once, and from what length on a body does.
    static let piped = 512 * 1024
    static let leastPiped = 128 * 1024
    /// The end of such a body, which is read.
    static let pipedTail = 16 * 1024
    /// With so many slow takers, reads stay small: each may leave one read waiting.
    static let manyLent = 64
    /// With fewer than that, a body that says it is large is read in large pieces from its second read on.
    static let fewLent = 8
    /// What a part of a round (events, then who waited for its turn) may move of bodies, all connections together. The rest waits for
    /// the next round, so that small requests never stand behind many large ones.
    static let turn = 512 * 1024
    /// The same for frames of HTTP/2: they may be small, and each is work.
    static let frameTurn = 128 * 1024
    /// The first read of frames, and the next one after many requests: a head may be thirty bytes, and all that were read are begun.
    static let firstFrames = 2 * 1024
    /// What a frame counts for: about a microsecond, whatever is in it.
    static let frame = 2 * 1024
    /// What a stream counts for that has ended with its connection: its server's connection is closed, its memory goes back.
    static let endedStream = 64 * 1024
    /// What an answer of our own counts for in a part of a round.
    static let ownAnswer = 16 * 1024
    /// How many copies of requests for somebody else a worker has at a time, how long a body they have, and how much of an answer is read.
    static let mostCopies = 64
    /// Most heads.
    static let copy = 4 * 1024
    static let copiedBody = 256 * 1024
    static let copysAnswer = 1024 * 1024
    /// What is thrown away of a client's bytes before the other connections have their turn.
    static let lingeringTurn = 256 * 1024
    /// What a client may still send while it does not read our last answer; and one that has flooded us.
    static let lingering: UInt64 = 16 * 1024 * 1024
    static let lingeringAfterFault: UInt64 = 128 * 1024
    /// How many reads of a body that is compressed: a read of 64 KiB takes about a millisecond then.
    static let compressedReads = 4
    /// How many requests of one client are answered without a server before the other connections have their turn.
    static let requestTurn: UInt32 = 64
    static let scratch = headRoom + largeRead + trailers + 64
    static let headScratch = 2 * head
    /// What a socket did not take of an ordinary read; more is lent apart.
    static let body = headRoom + read + trailers + 64 + head
}
