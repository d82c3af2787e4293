import Basics
import Testing

@testable import Wire

@Suite("FastCGIDecoder")
struct FastCGIDecoderTests {
    private typealias Reading = RecordReading

    private static let answer =
        Reading.record(6, "hello", padding: 3) + Reading.record(7, "oops\n") + Reading.record(6, " world")
        + Reading.record(6, "") + Reading.record(7, "", padding: 8) + Reading.end(padding: 2)

    @Test("takes the answer, what stands beside it and the end apart")
    func plain() {
        let reading = Reading(Self.answer)
        #expect(reading.text == "hello world" && reading.errors == "oops\n")
        #expect(reading.progress == .ended(.complete) && reading.rest == 0)
    }

    @Test("comes to the same wherever two cuts are made")
    func cuts() {
        let whole = Reading(Self.answer)
        for first in 0...Self.answer.count {
            for second in first...Self.answer.count {
                #expect(Reading(Self.answer, cuts: [first, second]) == whole)
            }
        }
        #expect(Reading(Self.answer, cuts: Array(0...Self.answer.count)) == whole)
    }

    @Test("waits for whatever is missing, to the last byte of padding")
    func incomplete() {
        for count in 0..<Self.answer.count {
            #expect(Reading(Array(Self.answer[..<count])).progress == .more)
        }
    }

    @Test(
        "says how the server has ended the request",
        arguments: [
            (0, FastCGIEnding.complete), (1, .isBusy), (2, .isOverloaded), (3, .isNoResponder),
            (77, .isNoResponder),
        ] as [(UInt8, FastCGIEnding)])
    func endings(status: UInt8, ending: FastCGIEnding) {
        #expect(Reading(Reading.end(status)).progress == .ended(ending))
    }

    @Test("counts what follows the end and leaves it alone")
    func stray() {
        let reading = Reading(Self.answer + Reading.record(6, "more"))
        #expect(reading.text == "hello world" && reading.rest == 12)
        #expect(reading.progress == .ended(.complete))
    }

    @Test(
        "refuses what is no record of an answer",
        arguments: [
            (FastCGIFault.badVersion, Reading.record(6, "x", version: 0)),
            (.badVersion, Reading.record(6, "x", version: 2)), (.badVersion, Array("HTTP/1.1 200 OK".utf8)),
            (.badKind, Reading.record(0, "x")), (.badKind, Reading.record(1, "x")),
            (.badKind, Reading.record(4, "x")), (.badKind, Reading.record(5, "x")),
            (.badKind, Reading.record(10, "x")), (.badKind, Reading.record(11, "x")),
            (.badKind, Reading.record(255, "x")), (.badRequest, Reading.record(6, "x", request: 0)),
            (.badRequest, Reading.record(6, "x", request: 2)),
            (.badRequest, Reading.record(6, "x", request: 257)),
            (.badRequest, Reading.record(6, "x", request: 256)), (.badEnd, Reading.record(3, "")),
            (.badEnd, Reading.record(3, "1234567")), (.badEnd, Reading.record(3, "123456789")),
        ] as [(FastCGIFault, [UInt8])])
    func refused(fault: FastCGIFault, bytes: [UInt8]) {
        #expect(Reading(bytes).progress == .refused(fault))
        #expect(Reading(Reading.record(6, "ok", padding: 1) + bytes).progress == .refused(fault))
        #expect(Reading(bytes, cuts: Array(1..<bytes.count)).progress == .refused(fault))
    }

    @Test("takes records as long as they can be, empty ones and padding alone")
    func sizes() {
        let long = String(repeating: "y", count: 65_535)
        let bytes =
            Reading.record(6, "", padding: 255) + Reading.record(6, long, padding: 255)
            + Reading.record(6, "z")
            + Reading.end()
        let reading = Reading(bytes, cuts: [7, 300, 40_000])
        #expect(reading.text == long + "z" && reading.progress == .ended(.complete))
    }

    @Test("keeps of what stands beside the answer as much as there is room for")
    func errors() {
        let bytes =
            Reading.record(7, "0123456789") + Reading.record(6, "a") + Reading.record(7, "b") + Reading.end()
        let reading = Reading(bytes, errorRoom: 8)
        #expect(reading.errors == "01234567" && reading.text == "a")
    }

    @Test("any bytes come to something, and to no more than there are")
    func anything() {
        var random = SeededRandom(seed: 7)
        for _ in 0..<2_000 {
            var bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                UInt8.random(in: 0...8, using: &random)
            }
            if !bytes.isEmpty { bytes[0] = 1 }
            let whole = Reading(bytes)
            #expect(whole.content.count <= bytes.count)
            #expect(Reading(bytes, cuts: Array(0...bytes.count)).progress == whole.progress)
        }
    }
}
