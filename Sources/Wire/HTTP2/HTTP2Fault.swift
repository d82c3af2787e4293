/// What a peer did that ended a connection or a stream. Each is counted apart.
public enum HTTP2Fault: UInt8, Sendable, CaseIterable {
    // Of a connection: floods.
    case resetFlood
    case continuationFlood
    case settingsFlood
    case pingFlood
    case priorityFlood
    case windowUpdateFlood
    case emptyDataFlood
    case unknownFrameFlood
    /// Streams beyond the limit, again and again.
    case streamFlood
    /// Fields that are far larger unpacked than a head may be.
    case headerBomb
    /// Answers to its frames wait in a queue that it does not read.
    case unreadFrames
    /// Streams that stood still for the owner's time-out, again and again.
    case stalledStreams

    // Of a connection that is closed without a word: it takes none.
    /// Nothing that it is sent is read.
    case unreadBytes
    /// No answer to a PING.
    case unansweredPing

    // Of a connection: broken rules, found by libnghttp2.
    case badPreface
    case brokenFraming
    case frameSize
    case flowControl
    case compression
    case closedStream
    /// libnghttp2 ran out of memory or into an error of its own.
    case library

    // Of a stream.
    /// It neither sent nor took anything for the owner's time-out.
    case stalledStream

    // Of a stream: malformed messages (RFC 9113 8.1.1).
    case fieldName
    case fieldValue
    /// A field that concerns one connection, or `TE` with more than `trailers`.
    case connectionField
    /// A pseudo-header field that is unknown, twice there, late, empty, missing or out of place.
    case pseudoField
    /// More or less DATA than Content-Length said, or any where none may be.
    case bodyLength
    /// Trailers that do not end the stream or are larger than we keep.
    case trailers

    /// What the peer is told.
    public var code: HTTP2ErrorCode {
        switch self {
        case .resetFlood, .continuationFlood, .settingsFlood, .pingFlood, .priorityFlood, .windowUpdateFlood,
            .emptyDataFlood, .unknownFrameFlood, .streamFlood, .headerBomb, .unreadFrames,
            .stalledStreams, .unreadBytes, .unansweredPing:
            .enhanceYourCalm
        case .stalledStream: .cancel
        case .frameSize: .frameSizeError
        case .flowControl: .flowControlError
        case .compression: .compressionError
        case .closedStream: .streamClosed
        case .library: .internalError
        case .badPreface, .brokenFraming, .fieldName, .fieldValue, .connectionField, .pseudoField,
            .bodyLength, .trailers:
            .protocolError
        }
    }

    /// The fault behind a GOAWAY that libnghttp2 sends by itself.
    init(sent code: HTTP2ErrorCode) {
        self =
            switch code {
            case .flowControlError: .flowControl
            case .frameSizeError: .frameSize
            case .compressionError: .compression
            case .streamClosed: .closedStream
            case .enhanceYourCalm: .settingsFlood
            case .internalError: .library
            default: .brokenFraming
            }
    }
}
