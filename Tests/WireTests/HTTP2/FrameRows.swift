/// Rows about frames (RFC 9113 4 and 6) that a client sends to a server.
enum FrameRows {
    private typealias F = Frames
    private static let protocolError = ConformanceRow.Outcome.connection(Code.protocolError)
    private static let frameSize = ConformanceRow.Outcome.connection(Code.frameSize)
    private static let openPost = F.headers(1, F.post, end: false)
    private static let get = F.block(F.get)

    private static func row(
        _ section: String, _ name: String, _ bytes: [UInt8], _ outcome: ConformanceRow.Outcome
    ) -> ConformanceRow { ConformanceRow(section, name, bytes, outcome) }

    static let all: [ConformanceRow] = format + data + headers + control + settings + windows + continuation

    static let format = [
        row("4.1", "an unknown type", F.frame(.unknown, 0, 0, [1, 2, 3]), .accepted),
        row("4.1", "an unknown type of an idle stream", F.frame(.unknown, 0, 9, []), .accepted),
        row("4.1", "an unknown type of an open stream", openPost + F.frame(.unknown, 0, 1, [1]), .accepted),
        row("4.1", "unknown flags", F.frame(.ping, 0xF6, 0, Array(repeating: 0, count: 8)), .accepted),
        row("4.1", "the reserved bit of a stream", F.frame(.headers, 5, 0x8000_0001, get), .accepted),
        row("4.2", "DATA of the largest size", openPost + F.frame(.data, 0, 1, zeros(16_384)), .accepted),
        row("4.2", "DATA too large", openPost + F.frame(.data, 0, 1, zeros(16_385)), frameSize),
        row("4.2", "HEADERS too large", F.frame(.headers, 5, 1, zeros(16_385)), frameSize),
        row("4.2", "an unknown type too large", F.frame(.unknown, 0, 0, zeros(16_385)), frameSize),
        row("4.2", "SETTINGS too large", F.frame(.settings, 0, 0, zeros(16_386)), frameSize),
        row("4.2", "a length that is only announced", F.frame(0, 0, 1, [], length: 0xFF_FFFF), frameSize),
    ]

    private static func zeros(_ count: Int) -> [UInt8] { Array(repeating: 0, count: count) }

    static let data = [
        row("6.1", "a body", openPost + F.data(1, "hello", end: true), .accepted),
        row("6.1", "an empty end", openPost + F.data(1, "", end: true), .accepted),
        row("6.1", "DATA of stream 0", F.data(0, "x"), protocolError),
        row("6.1", "padding", openPost + F.frame(.data, 9, 1, [3, 65, 66, 0, 0, 0]), .accepted),
        row("6.1", "nothing but padding", openPost + F.frame(.data, 9, 1, [3, 0, 0, 0]), .accepted),
        row("6.1", "no padding but its length", openPost + F.frame(.data, 9, 1, [0]), .accepted),
        row(
            "6.1", "more padding than payload", openPost + F.frame(.data, 8, 1, [4, 0, 0, 0]), protocolError),
        row("6.1", "as much padding as payload", openPost + F.frame(.data, 8, 1, [1]), protocolError),
        row("6.1", "padding without its length", openPost + F.frame(.data, 8, 1, []), protocolError),
    ]

    static let headers = [
        row("6.2", "a request", F.headers(1, F.get), .accepted),
        row("6.2", "HEADERS of stream 0", F.headers(0, F.get), protocolError),
        row("6.2", "padding", F.frame(.headers, 13, 1, [2] + get + [0, 0]), .accepted),
        row("6.2", "a priority", F.frame(.headers, 37, 1, [0, 0, 0, 0, 15] + get), .accepted),
        row("6.2", "both", F.frame(.headers, 45, 1, [1, 0, 0, 0, 0, 15] + get + [0]), .accepted),
        row("6.2", "more padding than payload", F.frame(.headers, 13, 1, [200] + get), protocolError),
        row("6.2", "padding without its length", F.frame(.headers, 13, 1, []), protocolError),
        row("6.2", "a priority too short", F.frame(.headers, 37, 1, [0, 0, 0, 0]), frameSize),
        row("6.2", "padding over the priority", F.frame(.headers, 45, 1, [9, 0, 0, 0, 0, 1]), protocolError),
        row("5.3.1", "depending on itself", F.frame(.headers, 37, 1, [0, 0, 0, 1, 15] + get), protocolError),
    ]

    static let control = [
        row("6.3", "PRIORITY of an idle stream", F.frame(.priority, 0, 7, [0, 0, 0, 0, 1]), .accepted),
        row("6.3", "PRIORITY of an open stream", openPost + F.frame(.priority, 0, 1, zeros(5)), .accepted),
        row("6.3", "PRIORITY of stream 0", F.frame(.priority, 0, 0, zeros(5)), protocolError),
        row("6.3", "PRIORITY too short", F.frame(.priority, 0, 1, zeros(4)), frameSize),
        row("6.3", "PRIORITY too long", F.frame(.priority, 0, 1, zeros(6)), frameSize),
        row("6.4", "RST_STREAM", openPost + F.reset(1), .accepted),
        row("6.4", "RST_STREAM with an unknown code", openPost + F.reset(1, 0xFFFF), .accepted),
        row("6.4", "RST_STREAM of stream 0", F.reset(0), protocolError),
        row("6.4", "RST_STREAM of an idle stream", F.reset(5), protocolError),
        row("6.4", "RST_STREAM too short", openPost + F.frame(.rstStream, 0, 1, zeros(3)), frameSize),
        row("6.4", "RST_STREAM too long", openPost + F.frame(.rstStream, 0, 1, zeros(5)), frameSize),
        row(
            "6.6", "PUSH_PROMISE", openPost + F.frame(.pushPromise, 4, 1, [0, 0, 0, 2] + get), protocolError),
        row("6.6", "PUSH_PROMISE too short", openPost + F.frame(.pushPromise, 4, 1, [0, 0]), frameSize),
        row("6.7", "PING", F.frame(.ping, 0, 0, zeros(8)), .accepted),
        row("6.7", "a PING that was not asked for", F.frame(.ping, 1, 0, zeros(8)), .accepted),
        row("6.7", "PING of a stream", F.frame(.ping, 0, 1, zeros(8)), protocolError),
        row("6.7", "PING too short", F.frame(.ping, 0, 0, zeros(7)), frameSize),
        row("6.7", "PING too long", F.frame(.ping, 0, 0, zeros(9)), frameSize),
        row("6.8", "GOAWAY", F.frame(.goaway, 0, 0, zeros(8)), .accepted),
        row("6.8", "GOAWAY with text", F.frame(.goaway, 0, 0, zeros(8) + Array("bye".utf8)), .accepted),
        row("6.8", "GOAWAY of a stream", F.frame(.goaway, 0, 1, zeros(8)), protocolError),
        row("6.8", "GOAWAY too short", F.frame(.goaway, 0, 0, zeros(7)), frameSize),
        row(
            "6.8", "GOAWAY of a stream of the peer's", F.frame(.goaway, 0, 0, [0, 0, 0, 1, 0, 0, 0, 0]),
            protocolError),
    ]

    private static func settings(_ id: UInt16, _ value: UInt32) -> [UInt8] {
        F.frame(.settings, 0, 0, F.setting(id, value))
    }

    static let settings = [
        row("6.5", "SETTINGS without settings", F.emptySettings, .accepted),
        row("6.5", "SETTINGS of a stream", F.frame(.settings, 0, 1, []), protocolError),
        row("6.5", "a length not of six", F.frame(.settings, 0, 0, zeros(5)), frameSize),
        row("6.5", "an acknowledgement with settings", F.frame(.settings, 1, 0, F.setting(3, 1)), frameSize),
        row("6.5", "an acknowledgement too many", F.settingsAcknowledged, protocolError),
        row("6.5.2", "an unknown setting", settings(0x9999, 5), .accepted),
        row("6.5.2", "HEADER_TABLE_SIZE 0", settings(1, 0) + F.headers(1, F.get), .accepted),
        row("6.5.2", "HEADER_TABLE_SIZE at its most", settings(1, .max) + F.headers(1, F.get), .accepted),
        row("6.5.2", "ENABLE_PUSH 0", settings(2, 0), .accepted),
        row("6.5.2", "ENABLE_PUSH 1", settings(2, 1), .accepted),
        row("6.5.2", "ENABLE_PUSH 2", settings(2, 2), protocolError),
        row("6.5.2", "MAX_CONCURRENT_STREAMS 0", settings(3, 0), .accepted),
        row("6.5.2", "INITIAL_WINDOW_SIZE at its most", settings(4, 0x7FFF_FFFF), .accepted),
        row("6.5.2", "INITIAL_WINDOW_SIZE beyond", settings(4, 0x8000_0000), .connection(Code.flowControl)),
        row("6.5.2", "MAX_FRAME_SIZE too small", settings(5, 16_383), protocolError),
        row("6.5.2", "MAX_FRAME_SIZE at its most", settings(5, 16_777_215), .accepted),
        row("6.5.2", "MAX_FRAME_SIZE too large", settings(5, 16_777_216), protocolError),
        row("6.5.2", "MAX_HEADER_LIST_SIZE 0", settings(6, 0), .accepted),
        row("6.5.3", "the same setting twice", settings(4, 5) + settings(4, 70_000), .accepted),
        row("8441", "ENABLE_CONNECT_PROTOCOL 2", settings(8, 2), protocolError),
        row("9218", "NO_RFC7540_PRIORITIES 2", settings(9, 2), protocolError),
        row(
            "6.5", "more settings than anybody has",
            F.frame(.settings, 0, 0, (0..<33).flatMap { F.setting(0xF000 + $0, 0) }),
            .connection(Code.calm)),
    ]

    static let windows = [
        row("6.9", "WINDOW_UPDATE of the connection", F.windowUpdate(0, 1), .accepted),
        row("6.9", "WINDOW_UPDATE of a stream", openPost + F.windowUpdate(1, 1), .accepted),
        row("6.9", "of an ended request", F.headers(1, F.get) + F.windowUpdate(1, 1), .accepted),
        row("6.9", "of an idle stream", F.windowUpdate(3, 1), protocolError),
        row("6.9", "by 0 of the connection", F.windowUpdate(0, 0), protocolError),
        row("6.9", "by 0 of a stream", openPost + F.windowUpdate(1, 0), protocolError),
        row("6.9", "with the reserved bit", F.windowUpdate(0, 0x8000_0001), .accepted),
        row("6.9", "too short", F.frame(.windowUpdate, 0, 0, zeros(3)), frameSize),
        row("6.9", "too long", F.frame(.windowUpdate, 0, 0, zeros(5)), frameSize),
        row(
            "6.9.1", "the connection's window to its most", F.windowUpdate(0, 0x7FFF_FFFF - 65_535), .accepted
        ),
        row(
            "6.9.1", "the connection's window beyond", F.windowUpdate(0, 0x7FFF_FFFF),
            .connection(Code.flowControl)),
        row(
            "6.9.1", "a stream's window beyond", openPost + F.windowUpdate(1, 0x7FFF_FFFF),
            .stream(Code.flowControl)),
        row(
            "6.9.2", "a setting that lifts a stream's window beyond",
            openPost + F.windowUpdate(1, 0x7FFF_FFFF - 65_535) + settings(4, 65_536),
            .stream(Code.flowControl)),
    ]

    private static func parted(_ count: Int) -> [UInt8] {
        let end = F.frame(.continuation, 4, 1, [])
        return F.frame(.headers, 1, 1, get)
            + (1..<count).flatMap { _ in F.frame(.continuation, 0, 1, []) } + end
    }

    private static let begun = F.frame(.headers, 1, 1, Array(get.prefix(10)))

    static let continuation = [
        row(
            "6.10", "a head in two frames", begun + F.frame(.continuation, 4, 1, Array(get.dropFirst(10))),
            .accepted),
        row(
            "6.10", "a head byte by byte in eight frames",
            F.frame(.headers, 1, 1, Array(get.dropLast(8)))
                + get.suffix(8).enumerated().flatMap { F.frame(.continuation, $0 == 7 ? 4 : 0, 1, [$1]) },
            .accepted),
        row("6.10", "as many as are allowed", parted(8), .accepted),
        row("6.10", "one more", parted(9), .connection(Code.calm)),
        row("6.10", "without HEADERS", F.frame(.continuation, 4, 1, get), protocolError),
        row("6.10", "behind a whole head", openPost + F.frame(.continuation, 4, 1, get), protocolError),
        row("6.10", "of stream 0", F.frame(.continuation, 4, 0, []), protocolError),
        row("6.10", "of another stream", begun + F.frame(.continuation, 4, 3, []), protocolError),
        row("4.3", "DATA within a head", begun + F.data(1, "x"), protocolError),
        row("4.3", "HEADERS within a head", begun + F.headers(3, F.get), protocolError),
        row("4.3", "PING within a head", begun + F.frame(.ping, 0, 0, zeros(8)), protocolError),
        row("4.3", "SETTINGS within a head", begun + F.emptySettings, protocolError),
        row("4.3", "RST_STREAM within a head", begun + F.reset(1), protocolError),
        row("4.3", "an unknown type within a head", begun + F.frame(.unknown, 0, 0, []), protocolError),
    ]
}
