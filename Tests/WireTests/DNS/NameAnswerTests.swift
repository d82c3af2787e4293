import Testing

@testable import Wire

/// Messages as name servers write them, byte by byte.
@Suite("Answers of name servers")
struct NameAnswerTests {
    private static let question = NameQuestion(id: 0x1234, name: "web.example", type: .ipv4)
    /// The name of the question, which stands behind the head.
    private static let name: [UInt8] = [0xC0, 12]

    private static func message(
        code: UInt8 = 0, flags: UInt8 = 0x81, answers: [[UInt8]], additional: [[UInt8]] = [],
        to question: NameQuestion = question
    ) -> [UInt8] {
        var head = Array(question.message(answerSize: 512).dropLast(11))
        (head[2], head[3]) = (flags, 0x80 | code)
        (head[7], head[11]) = (UInt8(answers.count), UInt8(additional.count))
        return head + answers.joined() + additional.joined()
    }

    private static func record(
        _ type: UInt8, _ data: [UInt8], of owner: [UInt8] = name, kind: UInt8 = 1
    ) -> [UInt8] {
        owner + [0, type, 0, kind, 0, 0, 0, 9, 0, UInt8(data.count)] + data
    }

    private static func label(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + text.utf8 }

    private func addresses(_ answer: NameAnswer) -> [String] {
        answer.records.compactMap { $0.address?.description(withPort: false) }
    }

    @Test("a question is a head, the name's labels, its type, and the size of answers that are taken")
    func questionIsWritten() {
        let bytes = NameQuestion(id: 258, name: "a.bc", type: .service).message(answerSize: 8_192)
        #expect(
            bytes == [1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 97, 2, 98, 99, 0, 0, 33, 0, 1]
                + [0, 0, 41, 32, 0, 0, 0, 0, 0, 0, 0])
    }

    @Test(
        "what can be no name is not asked for",
        arguments: ["", ".", "a..b", String(repeating: "a", count: 64), "a b", "é"])
    func noNames(text: String) { #expect(NameQuestion.name(text) == nil) }

    @Test("names are asked for in lower case, without the last dot")
    func namesAreFolded() { #expect(NameQuestion.name("Web.Example.") == "web.example") }

    @Test("addresses are read, each once, in their order")
    func addressesAreRead() {
        let message = Self.message(answers: [
            Self.record(1, [10, 0, 0, 2]), Self.record(1, [10, 0, 0, 1]), Self.record(1, [10, 0, 0, 2]),
        ])
        let answer = NameAnswer(message, to: Self.question)
        #expect(answer.outcome == .found)
        #expect(addresses(answer) == ["10.0.0.2", "10.0.0.1"])
    }

    @Test("IPv6 addresses are read")
    func longAddresses() {
        let question = NameQuestion(id: 7, name: "web.example", type: .ipv6)
        let data: [UInt8] = [0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5]
        let answer = NameAnswer(
            Self.message(answers: [Self.record(28, data)], to: question), to: question)
        #expect(addresses(answer) == ["2001:db8::5"])
    }

    @Test("aliases lead from one name to the next")
    func aliases() {
        let target = Self.label("other") + Self.label("example") + [0]
        let message = Self.message(answers: [
            Self.record(5, target), Self.record(1, [10, 0, 0, 3], of: target),
        ])
        #expect(addresses(NameAnswer(message, to: Self.question)) == ["10.0.0.3"])
    }

    @Test("an alias that leads elsewhere than the next record is broken")
    func brokenAlias() {
        let message = Self.message(answers: [
            Self.record(5, Self.label("other") + [0]), Self.record(1, [10, 0, 0, 3]),
        ])
        #expect(NameAnswer(message, to: Self.question).outcome == .brokenAlias)
    }

    @Test(
        "what the name server says is wrong is told apart",
        arguments: [
            (3, .absent), (5, .refused), (2, .failed), (4, .failed),
        ] as [(UInt8, NameAnswer.Outcome)])
    func codes(code: UInt8, outcome: NameAnswer.Outcome) {
        #expect(NameAnswer(Self.message(code: code, answers: []), to: Self.question).outcome == outcome)
    }

    @Test("no records are nothing of the type")
    func empty() {
        #expect(NameAnswer(Self.message(answers: []), to: Self.question).outcome == .empty)
    }

    @Test("a cut answer counts for services alone: what records there are are whole")
    func truncated() {
        let cut = Self.message(flags: 0x83, answers: [Self.record(1, [10, 0, 0, 3])])
        #expect(NameAnswer(cut, to: Self.question).outcome == .truncated)
        let question = NameQuestion(id: 9, name: "_http._tcp.example", type: .service)
        let place: [UInt8] = [0, 1, 0, 10, 31, 144] + Self.label("a") + [0]
        let whole = Self.message(flags: 0x83, answers: [Self.record(33, place)], to: question)
        #expect(NameAnswer(whole, to: question).records.count == 1)
    }

    @Test("an answer to another question, and no answer at all, are invalid")
    func strangers() {
        let record = Self.record(1, [10, 0, 0, 3])
        var message = Self.message(answers: [record])
        message[1] = 0x35
        #expect(NameAnswer(message, to: Self.question).outcome == .invalid)
        let other = NameQuestion(id: 0x1234, name: "other.example", type: .ipv4)
        #expect(NameAnswer(Self.message(answers: [record], to: other), to: Self.question).outcome == .invalid)
        let asked = Self.message(flags: 1, answers: [record])
        #expect(NameAnswer(asked, to: Self.question).outcome == .invalid)
        #expect(NameAnswer([], to: Self.question).outcome == .invalid)
        #expect(NameAnswer.id(of: [1]) == nil)
    }

    @Test("cut anywhere, a message is invalid or has fewer records; nothing traps")
    func everyCut() {
        let whole = Self.message(answers: [Self.record(1, [10, 0, 0, 3]), Self.record(1, [10, 0, 0, 4])])
        for count in 0..<whole.count {
            #expect(NameAnswer(Array(whole.prefix(count)), to: Self.question).outcome != .found)
        }
    }

    @Test("an address of another length is invalid")
    func wrongLength() {
        let message = Self.message(answers: [Self.record(1, [10, 0, 0])])
        #expect(NameAnswer(message, to: Self.question).outcome == .invalid)
    }

    @Test("a name that points at itself is invalid")
    func loop() {
        let here = UInt8(Self.question.message(answerSize: 512).count - 11)
        let message = Self.message(answers: [Self.record(1, [10, 0, 0, 3], of: [0xC0, here])])
        #expect(NameAnswer(message, to: Self.question).outcome == .invalid)
    }

    @Test("places of services have host, port and weight, and the address that stands beside them")
    func services() {
        let question = NameQuestion(id: 9, name: "_http._tcp.example", type: .service)
        func place(_ host: String, _ port: UInt8) -> [UInt8] {
            Self.record(33, [0, 1, 1, 0, 31, port] + Self.label(host) + [0])
        }
        let message = Self.message(
            answers: [place("A", 144), place("b", 145), place("a", 144)],
            additional: [Self.record(1, [10, 0, 0, 9], of: Self.label("a") + [0])], to: question)
        let found = NameAnswer(message, to: question).records
        #expect(
            found == [
                NameAnswer.Record(
                    target: "a", port: 8_080, weight: 256, address: SocketAddress("10.0.0.9", port: 0)),
                NameAnswer.Record(target: "b", port: 8_081, weight: 256),
            ])
    }
}
