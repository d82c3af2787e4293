import Model
import Testing

@testable import Controller

@Suite("Fields that a ConfigMap holds")
struct FieldMapTests {
    private func names(_ map: FieldMap) -> [String] { map.fields.map(\.name) }

    @Test("keys are names, in their order, and values are trimmed")
    func fields() throws {
        let map = FieldMap(["X-B": "two\n", "X-A": " one "], .none)
        #expect(names(map) == ["X-A", "X-B"])
        #expect(map.flaws == [])
        let texts = map.fields.map { $0.value.format(TemplateNames()) }
        #expect(
            texts == [FormatString([.text(Array("one".utf8))]), FormatString([.text(Array("two".utf8))])])
    }

    @Test(
        "what no message can hold, or is not theirs to say, is left out",
        arguments: [
            ("X A", "b"), (" X-A", "b"), ("", "b"), ("X:", "b"), ("X-A", "b\nc"), ("X-A", "b\r\nX-C: d"),
            ("X-A", "\u{7F}"), ("X-A", "\u{0}"), ("X-A", String(repeating: "a", count: 4_097)),
            ("Content-Length", "0"), ("connection", "close"), ("Transfer-Encoding", "chunked"),
            ("TE", "x"), ("Upgrade", "x"), ("Host", "other"),
        ])
    func refused(key: String, value: String) {
        let map = FieldMap([key: value, "X-Good": "yes"], .none)
        #expect(names(map) == ["X-Good"])
        #expect(map.flaws.map(\.key) == [key])
    }

    @Test("64 fields and no more")
    func many() {
        let map = FieldMap(
            Dictionary(uniqueKeysWithValues: (100..<170).map { ("X-\($0)", "a") }), .none)
        #expect(map.fields.count == 64 && map.flaws.count == 6)
    }

    @Test("a dollar is a variable where there are some, and itself where there are none")
    func variables() {
        let data = ["X-A": "$host", "X-B": "$nothing", "X-C": "$namespace"]
        let plain = FieldMap(data, .none)
        #expect(plain.flaws == [])
        let dollar = FormatString([.text(Array("$host".utf8))])
        #expect(plain.fields.first?.value.format(TemplateNames()) == dollar)
        #expect(names(FieldMap(data, .all)) == ["X-A", "X-C"])
        #expect(names(FieldMap(data, .ofRequests)) == ["X-A"])
        #expect(FieldMap(data, .ofRequests).flaws.map(\.key) == ["X-B", "X-C"])
    }

    @Test("an empty value takes the field away")
    func empty() {
        let rules = FieldMap(["X-A": "", "X-B": "b"], .ofRequests).rules()
        #expect(
            rules == [
                HTTPRule(.change(.removeFields(.text(.exact, "X-A")))),
                HTTPRule(.change(.setField("X-B", FormatString([.text(Array("b".utf8))])))),
            ])
    }
}
