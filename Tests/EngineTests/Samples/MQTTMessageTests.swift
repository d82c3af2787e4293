import Basics
import Model
import Testing

@testable import Engine

/// Expected values are what haproxy 2.6.12 gives.
@Suite("Messages of MQTT")
struct MQTTMessageTests {
    private func text(_ text: String) -> [UInt8] {
        [UInt8(text.utf8.count >> 8), UInt8(text.utf8.count & 255)] + text.utf8
    }

    private func message(_ first: UInt8, _ body: [UInt8]) -> [UInt8] { [first, UInt8(body.count)] + body }

    private func connect(
        name: String = "MQTT", version: UInt8 = 4, flags: UInt8 = 2, _ rest: [UInt8]
    ) -> [UInt8] {
        message(0x10, text(name) + [version, flags, 0, 60] + rest)
    }

    /// `yes` with fields, `no` or `more`.
    private func read(_ bytes: [UInt8], _ fields: MQTTField...) -> String {
        bytes.withView { view in
            switch MQTTMessage.read(view) {
            case .incomplete: return "more"
            case .invalid: return "no"
            case .message(let message):
                let values = fields.map { field -> String in
                    switch message.value(of: field) {
                    case .text(let text)?: "'\(text.string)'"
                    case .number(let number)?: "\(number)"
                    case nil: "-"
                    }
                }
                return (["yes"] + values).joined(separator: " ")
            }
        }
    }

    @Test("clients of three versions")
    func clients() {
        func all(_ bytes: [UInt8]) -> String {
            read(bytes, .protocolName, .protocolVersion, .clientIdentifier, .flags, .keepAlive)
        }
        #expect(all(connect(text("cid"))) == "yes 'MQTT' 4 'cid' 2 60")
        #expect(all(connect(name: "MQIsdp", version: 3, text(""))) == "yes 'MQIsdp' 3 '' 2 60")
        #expect(all(connect(version: 5, [0] + text("c"))) == "yes 'MQTT' 5 'c' 2 60")
        #expect(all(connect(version: 6, text("c"))) == "no")
        #expect(all(connect(name: "MQTTX", text("c"))) == "no")
        #expect(all(connect(flags: 3, text("c"))) == "no")
        #expect(all(connect(text("c") + [0])) == "no")
        #expect(all(message(0x12, text("MQTT") + [4, 2, 0, 60] + text("c"))) == "no")
    }

    @Test("wills, users and passwords stand where flags say so")
    func credentials() {
        let payload = text("c") + text("t") + text("p") + text("u") + text("pw")
        func all(_ bytes: [UInt8]) -> String { read(bytes, .willTopic, .willPayload, .username, .password) }
        #expect(all(connect(flags: 0xC6, payload)) == "yes 't' 'p' 'u' 'pw'")
        #expect(all(connect(text("c"))) == "yes - - - -")
        #expect(read(connect(flags: 0x42, text("c") + text("pw")), .password) == "yes 'pw'")
        #expect(read(connect(flags: 0x80, text("c"))) == "no")
    }

    @Test("properties of version 5")
    func properties() {
        let expiry: [UInt8] = [17, 0, 0, 1, 0]
        let one = connect(version: 5, [5] + expiry + text("c"))
        #expect(read(one, .property(17), .property(33)) == "yes 256 0")
        #expect(read(connect(version: 5, [10] + expiry + expiry + text("c"))) == "no")
        #expect(read(connect(version: 5, [4, 18] + text("x") + text("c"))) == "no")
        let pair = [38] + text("a") + text("b")
        #expect(read(connect(version: 5, [14] + pair + pair + text("c")), .property(21)) == "yes -")
        let will = text("c") + [5, 24, 0, 0, 0, 7] + text("t") + text("p")
        #expect(read(connect(version: 5, flags: 6, [0] + will), .property(24)) == "yes 7")
        #expect(read(connect(text("c")), .property(17)) == "yes -")
    }

    @Test("servers' acknowledgements")
    func servers() {
        #expect(read(message(0x20, [0, 0]), .reasonCode, .protocolVersion) == "yes 0 4")
        let later = message(0x20, [0, 5, 5, 17, 0, 0, 0, 9])
        #expect(read(later, .reasonCode, .property(17)) == "yes 5 9")
        #expect(read(message(0x20, [2, 0])) == "no")
    }

    @Test("what is no beginning, and what is none yet")
    func others() {
        #expect(read([0x30, 4, 0, 1, 1, 1]) == "no")
        #expect(read([0xC0, 0]) == "no")
        #expect(read([0x10, 0xFF, 0xFF, 0xFF, 0xFF, 1]) == "no")
        #expect(read(Array("GET / HTTP/1.1\r\n".utf8)) == "no")
        let whole = connect(text("cid"))
        for count in 0..<whole.count { #expect(read(Array(whole[0..<count])) == "more", "\(count)") }
        #expect(read(whole + [1, 2, 3]) == "yes")
    }

    @Test("random bytes are read without a trap", arguments: 1..<10)
    func random(seed: UInt64) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15
        for _ in 0..<2_000 {
            var bytes = connect(version: 5, flags: 0xC6, [5, 17, 0, 0, 1, 0] + text("c"))
            for _ in 0..<4 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 20)
            }
            #expect(["yes", "no", "more"].contains(read(bytes)))
        }
    }
}
