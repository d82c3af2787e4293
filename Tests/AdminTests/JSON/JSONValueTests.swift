import Admin
import Testing

@Suite("JSON text")
struct JSONValueTests {
    @Test(
        "each kind of value",
        arguments: [
            (nil, "null"), (true, "true"), (-7, "-7"), (.number(0.5), "0.5"), (.number(.nan), "null"),
            (.number(.infinity), "null"),
            ("a", #""a""#), ([], "[]"), ([1, "x"], #"[1,"x"]"#), (.members([:]), "{}"),
            (.members(["b": 1, "a": [nil]]), #"{"b":1,"a":[null]}"#),
            (.count(UInt64.max), "9223372036854775807"),
        ] as [(JSONValue, String)])
    func values(value: JSONValue, expected: String) {
        #expect(value.rendered() == expected)
    }

    @Test("quotes, control characters and the beginnings of tags are escaped")
    func escaping() {
        #expect(JSONValue.string("a\"\\\n\u{1}</é😀").rendered() == #""a\"\\\n\u0001\u003c/é😀""#)
    }

    @Test("the pretty form is indented by two")
    func pretty() {
        let value = JSONValue.members(["a": [1, 2], "b": .members([:])])
        #expect(value.rendered(isPretty: true) == "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {}\n}")
    }
}
