import Testing

@testable import Engine

@Suite("Termination")
struct TerminationTests {
    private static let all: [(Termination, String)] = [
        (.normal, "--"), (.badRequest, "PR"), (.clientGoneInRequest, "CR"), (.requestTimeout, "cR"),
        (.bodyTimeout, "cD"), (.answeredLocally, "LR"), (.noServer, "SC"), (.connectTimeout, "sC"),
        (.queueTimeout, "sQ"), (.queueIsFull, "SQ"), (.clientGoneInQueue, "CQ"), (.clientGoneInConnect, "CC"),
        (.clientGoneInHead, "CH"), (.clientGoneInData, "CD"), (.clientStalled, "cD"),
        (.serverGoneInHead, "SH"), (.serverTimeout, "sH"), (.badAnswer, "PH"), (.serverGoneInData, "SD"),
        (.serverStalled, "sD"), (.refusedData, "PD"), (.shutDown, "D-"), (.noResource, "RC"),
        (.ended(for: .serverDown, instead: .clientGoneInData), "DD"),
        (.ended(for: .betterServerUp, instead: .clientGoneInHead), "UH"),
        (.ended(for: .killed, instead: .clientGoneInQueue), "KQ"),
    ]

    @Test("every end has HAProxy's two letters: who, and in which phase", arguments: all)
    func letters(termination: Termination, expected: String) {
        let text = String(decoding: [termination.cause, termination.phase], as: UTF8.self)
        #expect(text == expected)
    }
}
