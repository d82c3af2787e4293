import Model
import Testing

@testable import Engine

@Suite("Health: gRPC checks")
struct GRPCDialogueTests {
    private func frame(_ kind: UInt8, _ flags: UInt8 = 0, stream: UInt8 = 1, _ payload: [UInt8] = [])
        -> [UInt8]
    {
        [0, UInt8(payload.count >> 8), UInt8(payload.count & 255), kind, flags, 0, 0, 0, stream] + payload
    }

    private var settings: [UInt8] { frame(4, stream: 0) }
    private var headers: [UInt8] { frame(1, 4, [0x88]) }

    private func message(_ bytes: [UInt8], compressed: UInt8 = 0) -> [UInt8] {
        [compressed, 0, 0, 0, UInt8(bytes.count)] + bytes
    }

    private func run(_ pieces: [UInt8]..., closes: Bool = false) -> DialogueRun {
        DialogueRun(GRPCDialogue(GRPCProbe(service: "shop")), pieces, closes: closes)
    }

    @Test("the question is a preface, settings, headers and a message")
    func question() {
        let sent = run().sent
        let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
        #expect(Array(sent.prefix(preface.count)) == preface)
        #expect(Array(sent.suffix(11)) == [0, 0, 0, 0, 6, 0x0A, 4] + Array("shop".utf8))
        let text = String(decoding: sent, as: UTF8.self)
        #expect(text.contains("/grpc.health.v1.Health/Check") && text.contains("application/grpc"))
    }

    @Test("the scheme is the connection's", arguments: [true, false])
    func scheme(isEncrypted: Bool) {
        let dialogue = GRPCDialogue(GRPCProbe(), isEncrypted: isEncrypted)
        let text = String(decoding: DialogueRun(dialogue, []).sent, as: UTF8.self)
        // A literal field: the lengths of name and value stand in front of each.
        #expect(text.contains(isEncrypted ? ":scheme\u{5}https" : ":scheme\u{4}http"))
    }

    @Test(
        "SERVING passes, all else does not",
        arguments: [
            ([8, 1], CheckStatus.passed, "SERVING"), ([8, 2], .wrongStatus, "NOT_SERVING"),
            ([8, 0], .wrongStatus, "UNKNOWN"), ([], .wrongStatus, "UNKNOWN"),
            ([8, 3], .wrongStatus, "SERVICE_UNKNOWN"),
            ([8, 99], .wrongStatus, "?"), ([16, 1], .wrongStatus, "UNKNOWN"),
        ] as [([UInt8], CheckStatus, String)])
    func statuses(bytes: [UInt8], status: CheckStatus, name: String) {
        let result = run(settings + headers + frame(0, 0, message(bytes)) + frame(1, 5, [0x88])).result
        #expect(result?.status == status)
        #expect(result?.info == name)
    }

    @Test("frames in single bytes, and a message in two frames, are the same")
    func pieces() {
        let all = message([8, 1])
        let bytes = settings + headers + frame(0, 0, Array(all.prefix(3))) + frame(0, 0, Array(all.suffix(4)))
        #expect(DialogueRun.bytewise(GRPCDialogue(GRPCProbe()), bytes).result?.status == .passed)
    }

    @Test("settings and pings are acknowledged, padding and unknown frames passed over")
    func housekeeping() {
        let ping: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
        let padded = frame(0, 8, [2] + message([8, 1]) + [0, 0])
        let result = run(settings + frame(6, 0, stream: 0, ping) + frame(0x42, 0, [1]) + headers + padded)
        #expect(result.result?.status == .passed)
        #expect(Array(result.sent.suffix(26)) == frame(4, 1, stream: 0) + frame(6, 1, stream: 0, ping))
    }

    @Test("a stream without a message is no health service")
    func unanswered() {
        for end in [
            frame(1, 5, [0x88]), frame(3, 0, [0, 0, 0, 7]), frame(7, 0, stream: 0, [0, 0, 0, 0, 0, 0, 0, 1]),
            frame(0, 1),
        ] {
            #expect(run(settings + end).result?.status == .wrongStatus)
        }
    }

    @Test("what is no HTTP/2 is an invalid answer, and so is what breaks its rules")
    func invalid() {
        #expect(run(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)).result?.status == .badAnswer)
        #expect(run(headers).result?.status == .badAnswer)
        #expect(run(settings + [0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 1]).result?.status == .badAnswer)
        #expect(run(settings + frame(0, 8, [200, 1])).result?.status == .badAnswer)
        #expect(run(settings + frame(0, 8)).result?.status == .badAnswer)
        #expect(run(settings + frame(0, 0, message([8, 1], compressed: 1))).result?.status == .badAnswer)
        #expect(run(settings + frame(0, 0, [0, 0xFF, 0, 0, 0, 1])).result?.status == .badAnswer)
        #expect(run(settings, closes: true).result?.status == .badAnswer)
    }

    @Test("a message that never ends is given up")
    func endless() {
        var bytes = settings + frame(0, 0, [0, 0, 0, 3, 0xE8])
        for _ in 0..<20 { bytes += frame(0, 0, [UInt8](repeating: 8, count: 100)) }
        #expect(run(bytes).result != nil)
    }

    @Test("names that are too long are cut rather than trap")
    func longNames() {
        let long = String(repeating: "x", count: 1_000)
        let run = DialogueRun(GRPCDialogue(GRPCProbe(service: long, authority: long)), "")
        #expect(run.sent.count < 500)
    }
}
