import Basics
import Model
import Testing
import Wire

@testable import Engine

@Suite("Health: what rules of checks read and remember")
struct CheckSceneTests {
    private let scene = CheckScene(.init(backend: "be", server: "s1"))

    private func format(_ parts: FormatString.Part...) -> FormatString { FormatString(parts) }
    private func sample(_ fetch: Fetch, _ converters: Converter...) throws -> FormatString.Part {
        .sample(try Expression(fetch, converters), [])
    }

    private func text(_ parts: FormatString.Part..., received: String = "") -> String {
        received.withView { String(decoding: scene.text(FormatString(parts), $0), as: UTF8.self) }
    }

    private func variable(_ name: String, in scope: Variable.Scope = .check) -> Fetch {
        .variable(Variable(scope, name), else: nil)
    }

    @Test("whose check it is")
    func names() throws {
        #expect(try text(sample(.backendName), .text([47]), sample(.serverName)) == "be/s1")
        #expect(text(.variable(.backend, []), .variable(.server, [])) == "bes1")
    }

    @Test("variables last as long as the check")
    func variables() throws {
        let name = Variable(.check, "a")
        scene.change(.set(name, [], try Expression(.string(Array("one".utf8)))))
        #expect(try text(sample(variable("a"))) == "one")
        scene.change(.set(name, .ifNotSet, try Expression(.string(Array("two".utf8)))))
        #expect(try text(sample(variable("a"))) == "one")
        scene.change(.setText(name, [], format(.text([97]), try sample(.serverName))))
        #expect(try text(sample(variable("a"))) == "as1")
        scene.change(.unset(name))
        #expect(try text(sample(variable("a"))) == "")
        #expect(CheckScene().text(format(try sample(variable("a")))).isEmpty)
    }

    @Test("variables of the process are everybody's, and those of requests nobody's")
    func scopes() throws {
        let shared = ProcessVariables()
        let (one, other) = (CheckScene(variables: shared), CheckScene(variables: shared))
        one.change(.set(Variable(.process, "a"), [], try Expression(.integer(7))))
        #expect(other.number(try Expression(variable("a", in: .process))) == 7)
        one.change(.set(Variable(.transaction, "a"), [], try Expression(.integer(7))))
        #expect(one.number(try Expression(variable("a", in: .transaction))) == nil)
    }

    @Test("what a server has said: so many bytes, and how many")
    func payload() throws {
        let part = try sample(.answerPayload(.bytes(offset: 1, count: 3)))
        #expect(text(part, received: "+PONG") == "PON")
        #expect(text(part, received: "+P") == "")
        #expect(try text(sample(.answerPayload(.length)), received: "+PONG") == "5")
    }

    @Test("an answer's head outlives it")
    func head() throws {
        let bytes = Array("HTTP/1.1 204 None\r\nX-A: one, two\r\nX-A: three\r\nSet-Cookie: c=d\r\n\r\n".utf8)
        let tables = HeaderTablePool(keep: 1)
        var head = ResponseHead()
        tables.lend(to: &head.fields)
        bytes.withView { view in
            #expect(head.parse(view) == .complete(count: bytes.count))
            scene.take(head, reason: "None", in: view)
        }
        tables.takeBack(&head.fields)
        #expect(try text(sample(.status)) == "204")
        #expect(try text(sample(.answerField(FieldPick("x-a", occurrence: 2)))) == "two")
        #expect(try text(sample(.answerFieldCount("x-a", isWhole: false))) == "3")
        #expect(try text(sample(.answerCookie("c", as: .string))) == "d")
        #expect(CheckScene().number(try Expression(.status)) == nil)
    }

    @Test("dates, random numbers and names that nobody else has")
    func ambient() throws {
        #expect(try #require(scene.number(try Expression(.date(offset: 0)))) > 1_700_000_000)
        #expect(scene.number(try Expression(.random(range: 1))) == 0)
        let (one, other) = (try text(sample(.uuid(version: 4))), try text(sample(.uuid(version: 4))))
        #expect(one.utf8.count == 36 && one != other)
        #expect(Array(one.utf8)[14] == UInt8(ascii: "4"))
    }
}
