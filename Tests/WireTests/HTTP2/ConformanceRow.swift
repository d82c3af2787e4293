import Basics
import Testing

@testable import Wire

/// What is sent behind the preface, and what must come of it.
struct ConformanceRow: Sendable, CustomTestStringConvertible {
    /// The section of RFC 9113, or of RFC 7541 with an `H` in front.
    var section: String
    var name: String
    var bytes: [UInt8]
    var outcome: Outcome

    enum Outcome: Equatable {
        /// The connection goes on and stream 1 is not reset.
        case accepted
        /// GOAWAY with this code.
        case connection(UInt32)
        /// RST_STREAM of stream 1 with this code; the connection goes on.
        case stream(UInt32)
        /// Stream 1 is told to the owner, with this reason to answer it with an error.
        case refused(HeadError)
    }

    init(_ section: String, _ name: String, _ bytes: [UInt8], _ outcome: Outcome) {
        self.section = section
        self.name = name
        self.bytes = bytes
        self.outcome = outcome
    }

    var testDescription: String { "\(section) \(name)" }

    /// What comes of it at `endpoint`.
    func outcome(at endpoint: Endpoint, cuts: [Int]) -> Outcome {
        var refusal: HeadError?
        endpoint.onNews = { stream, news in
            if stream[].id == 1, news.contains(.head) { refusal = stream[].refusal }
        }
        endpoint.receive(bytes, cuts: cuts)
        endpoint.send()
        if let code = endpoint.goaway { return .connection(code) }
        if let code = endpoint.reset(1) { return .stream(code) }
        return refusal.map { .refused($0) } ?? .accepted
    }
}

/// The codes of RFC 9113 7 that rows name.
enum Code {
    static let protocolError: UInt32 = 1
    static let flowControl: UInt32 = 3
    static let streamClosed: UInt32 = 5
    static let frameSize: UInt32 = 6
    static let refused: UInt32 = 7
    static let compression: UInt32 = 9
    static let calm: UInt32 = 11
}
