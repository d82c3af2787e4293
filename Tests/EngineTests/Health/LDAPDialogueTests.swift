import Testing

@testable import Engine

@Suite("Health: LDAP")
struct LDAPDialogueTests {
    private static let success: [UInt8] = [
        0x30, 0x0C, 0x02, 0x01, 0x01, 0x61, 0x07, 0x0A, 0x01, 0x00, 0x04, 0x00, 0x04, 0x00,
    ]
    private static let longForm: [UInt8] = [
        0x30, 0x84, 0x00, 0x00, 0x00, 0x10, 0x02, 0x01, 0x01, 0x61, 0x84, 0x00, 0x00, 0x00, 0x07, 0x0A, 0x01,
        0x00, 0x04, 0x00, 0x04, 0x00,
    ]

    private func result(_ bytes: [UInt8], closes: Bool = false) -> CheckResult? {
        DialogueRun(LDAPDialogue(), [bytes], closes: closes).result
    }

    @Test("an anonymous bind is asked for, and success passes", arguments: [success, longForm])
    func passes(answer: [UInt8]) {
        let run = DialogueRun(LDAPDialogue(), [answer])
        #expect(run.sent == [0x30, 0x0C, 2, 1, 1, 0x60, 7, 2, 1, 3, 4, 0, 0x80, 0])
        #expect(run.result == CheckResult(.passed))
        #expect(DialogueRun.bytewise(LDAPDialogue(), answer).result?.status == .passed)
    }

    @Test("a refusal is a wrong status with its code")
    func refused() {
        var answer = Self.success
        answer[9] = 49
        #expect(result(answer)?.status == .wrongStatus)
        #expect(result(answer)?.code == 49)
    }

    @Test("every beginning waits, and is wrong at the end")
    func beginnings() {
        for count in 0..<10 {
            #expect(result(Array(Self.success[..<count])) == nil, "\(count)")
            #expect(result(Array(Self.success[..<count]), closes: true)?.status == .badAnswer, "\(count)")
        }
    }

    @Test(
        "whatever else it says is not LDAP",
        arguments: [
            Array("HTTP/1.1 400 Bad\r\n".utf8), [0x30, 0x80, 2, 1, 1], [0x30, 0x85, 0, 0],
            [0x30, 0x0C, 2, 1, 2, 0x61], [0x30, 0x0C, 2, 1, 1, 0x78], [0x30, 0x0C, 2, 1, 1, 0x61, 7, 2],
        ])
    func stranger(answer: [UInt8]) {
        #expect(result(answer) == CheckResult(.badAnswer, info: "Not LDAPv3 protocol"))
    }
}
