public import Basics

/// Cuts a watch's stream of bytes into events, however the chunks fall.
///
/// ```
///          consumed      scanned        count
///             v             v             v
///   [ old .... | {"type":… | not yet seen  ]
/// ```
/// Events are framed by their brackets, not by lines. Every byte is looked at once for framing and once for reading,
/// also when they come one at a time.
public struct WatchDecoder<Object: DecodableObject> {
    /// The longest event that is waited for, in bytes.
    private let frameLimit: Int
    private var buffer: [UInt8] = []
    /// Where the event being read begins; what is before has been answered.
    private var consumed = 0
    /// Bytes before this have been looked at.
    private var scanned = 0
    private var brackets = FrameScanner()
    /// After an error nothing of the stream can be trusted any more.
    private var failure: JSONError?

    /// A decoder at the start of a stream. The limit is beyond any object that etcd stores (1.5 MiB by default),
    /// escapes included.
    public init(frameLimit: Int = 64 << 20) {
        self.frameLimit = frameLimit
    }

    /// Takes the next bytes of the stream. Call ``next()`` until it answers nil before the next chunk.
    public mutating func append(_ chunk: [UInt8]) {
        guard failure == nil else { return }
        guard consumed < buffer.count else {
            buffer = chunk
            (scanned, consumed) = (0, 0)
            return
        }
        if consumed > buffer.count / 2 {
            buffer.removeFirst(consumed)
            scanned -= consumed
            consumed = 0
        }
        buffer.append(contentsOf: chunk)
    }

    /// The next whole event, or nil until more bytes have come; throws, then and ever after, when the stream is broken.
    public mutating func next() throws(JSONError) -> WatchEvent<Object>? {
        if let failure { throw failure }
        do throws(JSONError) {
            guard let frame = try nextFrame() else {
                // Between events nothing is held: what a first list needed would be held for good.
                if consumed == buffer.count { (buffer, scanned, consumed) = ([], 0, 0) }
                return nil
            }
            return try WatchEvent(decoding: buffer.span.extracting(frame))
        } catch {
            failure = error
            buffer = []
            throw error
        }
    }

    /// Whether bytes of an unfinished event are waiting: the stream was cut if it ends now.
    public var isInsideEvent: Bool { brackets.open > 0 }

    /// Looks at what is new and answers the bytes of the next whole event.
    private mutating func nextFrame() throws(JSONError) -> Range<Int>? {
        var scanner = brackets
        if scanner.open == 0 {
            scanned = scanner.skipWhiteSpace(buffer.span, from: scanned)
            consumed = scanned
        }
        var position = scanned
        let end = try scanner.findEnd(buffer.span, &position)
        scanned = position
        brackets = scanner
        guard scanned - consumed <= frameLimit else {
            throw JSONError(.unacceptable("an event is too long"), at: consumed)
        }
        guard let end else { return nil }
        defer { consumed = end }
        return consumed..<end
    }
}

extension WatchDecoder: Sendable {}

/// Finds where an object ends by counting brackets outside of strings; it can stop and go on at any byte.
private struct FrameScanner {
    /// Brackets that wait for their closing ones.
    private(set) var open = 0
    private var isInString = false
    private var isEscaped = false

    func skipWhiteSpace(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var i = start
        while i < bytes.count, bytes[i] == 0x20 || (0x09...0x0D).contains(bytes[i]) { i &+= 1 }
        return i
    }

    /// Looks at the bytes from `position` on and moves it; answers the offset after the object, if it ends here.
    mutating func findEnd(_ bytes: Span<UInt8>, _ position: inout Int) throws(JSONError) -> Int? {
        while position < bytes.count {
            let byte = bytes[position]
            guard open > 0 || byte == UInt8(ascii: "{") else {
                throw JSONError(.unexpectedByte, at: position)
            }
            position &+= 1
            if isInString {
                note(stringByte: byte)
            } else if byte == UInt8(ascii: "\"") {
                isInString = true
            } else if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                open &+= 1
            } else if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
                open &-= 1
                if open == 0 { return position }
            }
        }
        return nil
    }

    private mutating func note(stringByte byte: UInt8) {
        if isEscaped {
            isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
            isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
            isInString = false
        }
    }
}
