import Testing

@testable import Controller

@Suite("Two answers to one request")
struct AnswerComparisonTests {
    private func answer(_ status: Int, _ body: String = "a", _ fields: (String, String)...) -> ComparedAnswer
    {
        var answer = ComparedAnswer(.status(status))
        for (name, value) in fields { answer.fields[name, default: []].append(value) }
        answer.body = ComparedAnswer.Body(hash: body, length: body.count)
        return answer
    }

    private func aspects(_ one: ComparedAnswer, _ other: ComparedAnswer, _ judge: AnswerComparison = .init())
        -> [String]
    {
        judge.differences(one, other).map(\.aspect)
    }

    @Test("the status is told first, then fields by name, then the body")
    func order() {
        let differences = AnswerComparison().differences(
            answer(200, "a", ("x-b", "1"), ("x-a", "1")), answer(201, "b", ("x-b", "2")))
        #expect(differences.map(\.aspect) == ["status", "header x-a", "header x-b", "body"])
        #expect(differences[1] == .init(aspect: "header x-a", first: "1", second: "missing"))
    }

    @Test(
        "what no two proxies say alike is not compared, or by its presence",
        arguments: [
            ("date", "1", "2", true), ("server", "nginx", "x", true), ("x-request-id", "1", "2", true),
            ("etag", "W/\"1\"", "W/\"2\"", true), ("etag", "\"1\"", "\"2\"", false),
            ("etag", "W/\"1\"", "\"1\"", false),
            ("set-cookie", "a=1; Path=/; HttpOnly", "a=2; httponly; path=/", true),
            ("set-cookie", "a=1; Path=/", "a=1; Path=/x", false), ("set-cookie", "a=1", "b=1", false),
            ("set-cookie", "a=1; Expires=x", "a=1; Expires=y", true), ("location", "/a", "/b", false),
        ])
    func fields(name: String, one: String, other: String, isAlike: Bool) {
        #expect(aspects(answer(200, "a", (name, one)), answer(200, "a", (name, other))).isEmpty == isAlike)
    }

    @Test("of those that are compared by their presence one that is missing differs")
    func presence() {
        #expect(aspects(answer(200, "a", ("x-request-id", "1")), answer(200)) == ["header x-request-id"])
        #expect(aspects(answer(200, "a", ("date", "1")), answer(200)) == [])
    }

    @Test("a field may be left out by name")
    func ignored() {
        var judge = AnswerComparison()
        judge.ignoredFields = ["x-a"]
        #expect(aspects(answer(200, "a", ("x-a", "1")), answer(200), judge) == [])
    }

    @Test(
        "what proxies write into redirects and errors counts only if it is wanted",
        arguments: [301, 404, 503])
    func errorBodies(status: Int) {
        let (one, other) = (
            answer(status, "a", ("content-type", "x")), answer(status, "b", ("content-type", "y"))
        )
        #expect(aspects(one, other) == [])
        var judge = AnswerComparison()
        judge.comparesErrorBodies = true
        #expect(aspects(one, other, judge) == ["header content-type", "body"])
    }

    @Test("two that do not answer are not alike, and nothing else of them is compared")
    func failures() {
        let none = ComparedAnswer(.failed("refused"))
        let differences = AnswerComparison().differences(none, none)
        #expect(
            differences == [
                .init(aspect: "status", first: "no answer: refused", second: "no answer: refused")
            ])
        #expect(aspects(answer(200), none) == ["status"])
    }

    @Test("what one proxy says twice in two ways is not a difference of the two, a status always is")
    func restless() {
        let judge = AnswerComparison()
        let (one, other) = (answer(200, "a", ("x", "1")), answer(404, "b", ("x", "2")))
        let differences = [
            AnswerComparison.Difference(aspect: "status", first: "", second: ""),
            AnswerComparison.Difference(aspect: "header x", first: "", second: ""),
            AnswerComparison.Difference(aspect: "body", first: "", second: ""),
        ]
        let steady = judge.steady(differences, (one, answer(200, "z", ("x", "1"))), (other, other))
        #expect(steady.map(\.aspect) == ["status", "header x"])
    }

    @Test("docs/taking-over.md names the fields that are not compared as they are")
    func document() throws {
        let path =
            "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/docs/taking-over.md"
        let text = String(decoding: try FolderTree.read(path).get(), as: UTF8.self)
        let words: [ComparedField.Part: String] = [
            .nothing: "nothing", .presence: "whether it is there", .cookies: "names and attributes",
            .validator: "all, or that it is weak",
        ]
        let rows = ComparedField.table.map { "| `\($0.name)` | \(words[$0.part] ?? "") | \($0.reason) |\n" }
        #expect(text.contains(rows.joined()))
    }

    @Test("a body that was cut says so")
    func cut() {
        var (one, other) = (answer(200), answer(200))
        one.body = ComparedAnswer.Body(hash: "0123456789abcdef0", length: 5, isCut: true)
        other.body = ComparedAnswer.Body()
        let found = AnswerComparison().differences(one, other)
        #expect(
            found == [
                .init(aspect: "body", first: "more than 5 bytes, sha256 0123456789abcdef", second: "0 bytes")
            ])
    }
}
