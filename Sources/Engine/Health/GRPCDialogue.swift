import Basics
import Model

/// gRPC's health service (`grpc.health.v1.Health/Check`) over HTTP/2.
///
/// One stream, headers without compression, and of the answer only its message: what says SERVING is well.
final class GRPCDialogue: CheckDialogue {
    private let probe: GRPCProbe
    private var message: [UInt8] = []
    private var hasSettings = false
    private let scheme: String

    /// `isEncrypted` is what the server is told about the connection.
    init(_ probe: GRPCProbe, isEncrypted: Bool = false) {
        self.probe = probe
        scheme = isEncrypted ? "https" : "http"
    }

    var timeout: CheckResult { CheckResult(.answerTimeout) }

    func begin() -> CheckStep {
        var bytes = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
        bytes += Frame(kind: .settings).bytes
        bytes += Frame(kind: .headers, flags: 4, stream: 1, payload: fields).bytes
        bytes += Frame(kind: .data, flags: 1, stream: 1, payload: request).bytes
        return .send(bytes)
    }

    /// Literal fields without indexing (RFC 7541 6.2.2).
    private var fields: [UInt8] {
        [
            (":method", "POST"), (":scheme", scheme), (":path", "/grpc.health.v1.Health/Check"),
            (":authority", probe.authority), ("content-type", "application/grpc"), ("te", "trailers"),
        ].flatMap { [0] + GRPCDialogue.text($0.0) + GRPCDialogue.text($0.1) }
    }

    /// Of less than 127 bytes.
    private static func text(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8.prefix(126))
        return [UInt8(bytes.count)] + bytes
    }

    /// `service` is field 1 of the message.
    private var request: [UInt8] {
        let name = Array(probe.service.utf8.prefix(120))
        let message: [UInt8] = name.isEmpty ? [] : [0x0A, UInt8(name.count)] + name
        return [0, 0, 0, 0, UInt8(message.count)] + message
    }

    func read(_ input: inout CheckInput) -> CheckStep {
        var reply: [UInt8] = []
        while let head = FrameHead(input.rest) {
            guard head.count <= 16_384 - 9, hasSettings || head.kind == Frame.Kind.settings.rawValue else {
                return .end(invalid)
            }
            guard input.rest.count >= 9 + head.count else { break }
            let payload = input.rest[9..<9 + head.count]
            let step = take(head, payload)
            input.taken += 9 + head.count
            reply += step.bytes
            if let result = step.result { return CheckStep(bytes: reply, result: result) }
        }
        return input.isLast ? CheckStep(bytes: reply, result: invalid) : .send(reply)
    }

    private var invalid: CheckResult { CheckResult(.badAnswer, info: "no answer of HTTP/2") }
    private var unanswered: CheckResult { CheckResult(.wrongStatus, info: "no answer of the health service") }

    private func take(_ head: FrameHead, _ payload: ByteView) -> CheckStep {
        let isLast = head.flags & 1 != 0
        switch head.kind {
        case Frame.Kind.settings.rawValue:
            hasSettings = true
            return isLast ? .wait : .send(Frame(kind: .settings, flags: 1).bytes)
        case Frame.Kind.ping.rawValue:
            guard !isLast, payload.count == 8 else { return .wait }
            return .send(Frame(kind: .ping, flags: 1, payload: payload.bytes).bytes)
        case Frame.Kind.data.rawValue where head.stream == 1:
            guard let content = unpadded(payload, head.flags), message.count + content.count <= 1_024 else {
                return .end(invalid)
            }
            message += content.bytes
            return judge().map { .end($0) } ?? (isLast ? .end(unanswered) : .wait)
        case Frame.Kind.headers.rawValue where head.stream == 1 && isLast: return .end(unanswered)
        case Frame.Kind.reset.rawValue where head.stream == 1: return .end(unanswered)
        case Frame.Kind.goAway.rawValue: return .end(unanswered)
        default: return .wait
        }
    }

    private func unpadded(_ payload: ByteView, _ flags: UInt8) -> ByteView? {
        guard flags & 8 != 0 else { return payload }
        guard payload.count > 0, Int(payload[0]) < payload.count else { return nil }
        return payload[1..<payload.count - Int(payload[0])]
    }

    /// What a whole message says; nil if more of it must come.
    private func judge() -> CheckResult? {
        guard message.count >= 5 else { return nil }
        let count = message[1..<5].reduce(0) { $0 << 8 | Int($1) }
        guard message[0] == 0, count <= 1_000 else { return invalid }
        guard message.count >= 5 + count else { return nil }
        // Field 1, a number; without it the value is 0.
        let status = count >= 2 && message[5] == 8 ? Int(message[6]) : 0
        let names = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"]
        let name = status < names.count ? names[status] : "?"
        return CheckResult(status == 1 ? .passed : .wrongStatus, code: status, info: name)
    }
}

/// A frame of HTTP/2 as we send it (RFC 9113 4.1).
private struct Frame {
    var kind: Kind
    var flags: UInt8 = 0
    var stream: UInt8 = 0
    var payload: [UInt8] = []

    enum Kind: UInt8 {
        case data = 0
        case headers = 1
        case reset = 3
        case settings = 4
        case ping = 6
        case goAway = 7
    }

    var bytes: [UInt8] {
        let count = payload.count
        let length = [0, UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count)]
        return length + [kind.rawValue, flags, 0, 0, 0, stream] + payload
    }
}

/// The head of a frame that has come.
private struct FrameHead {
    let count: Int
    let kind: UInt8
    let flags: UInt8
    let stream: Int

    init?(_ bytes: ByteView) {
        guard bytes.count >= 9 else { return nil }
        count = bytes[0..<3].reversedNumber
        kind = bytes[3]
        flags = bytes[4]
        stream = bytes[5..<9].reversedNumber & 0x7FFF_FFFF
    }
}
