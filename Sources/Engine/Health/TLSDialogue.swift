import Basics

/// HAProxy's `ssl-hello-chk`: whoever answers a ClientHello with a TLS record, an alert included, speaks TLS.
final class TLSDialogue: CheckDialogue {
    var timeout: CheckResult { CheckResult(.handshakeTimeout) }

    func begin() -> CheckStep { .send(TLSDialogue.hello) }

    func read(_ input: inout CheckInput) -> CheckStep {
        let rest = input.rest
        guard let first = rest.isEmpty ? nil : rest[0] else {
            return input.isLast ? .end(CheckResult(.handshakeFailed, info: "no answer")) : .wait
        }
        guard first == 0x15 || first == 0x16 else { return .end(CheckResult(.handshakeFailed)) }
        guard rest.count >= 5 else {
            return input.isLast ? .end(CheckResult(.handshakeFailed)) : .wait
        }
        return .end(CheckResult(rest[1] == 3 ? .handshakeDone : .handshakeFailed))
    }

    /// TLS 1.2 with the suites and groups that every server of the last ten years knows.
    static let hello: [UInt8] = {
        let suites: [UInt8] = [
            0xC0, 0x2B, 0xC0, 0x2F, 0xC0, 0x2C, 0xC0, 0x30, 0xCC, 0xA9, 0xCC, 0xA8, 0xC0, 0x13, 0xC0, 0x14,
            0x00,
            0x9C, 0x00, 0x9D, 0x00, 0x2F, 0x00, 0x35,
        ]
        let groups: [UInt8] = [0x00, 0x0A, 0x00, 0x08, 0x00, 0x06, 0x00, 0x1D, 0x00, 0x17, 0x00, 0x18]
        let formats: [UInt8] = [0x00, 0x0B, 0x00, 0x02, 0x01, 0x00]
        let signatures: [UInt8] = [
            0x00, 0x0D, 0x00, 0x10, 0x00, 0x0E, 0x04, 0x03, 0x08, 0x04, 0x04, 0x01, 0x05, 0x03, 0x08, 0x05,
            0x05,
            0x01, 0x08, 0x06,
        ]
        let extensions = groups + formats + signatures
        let body: [UInt8] =
            [3, 3] + Array("sluice health check: hello there".utf8) + [0, 0, UInt8(suites.count)] + suites
            + [1, 0, 0, UInt8(extensions.count)] + extensions
        let message: [UInt8] = [1, 0, 0, UInt8(body.count)] + body
        return [0x16, 3, 1, 0, UInt8(message.count)] + message
    }()
}
