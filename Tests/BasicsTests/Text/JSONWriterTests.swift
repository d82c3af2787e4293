import Basics
import Testing

@Suite("Writing JSON")
struct JSONWriterTests {
    @Test("commas and colons come by themselves")
    func structure() {
        var writer = JSONWriter()
        writer.object {
            $0.field("a", 1)
            $0.field("b", true)
            $0.field("c") { $0.list(["x", "y"]) }
            $0.field("d") { $0.object { _ in } }
            $0.field("e") {
                $0.list {
                    $0.null()
                    $0.number(1.5)
                    $0.number(.infinity)
                    $0.list { _ in }
                    $0.integer(-7)
                }
            }
        }
        #expect(writer.text == #"{"a":1,"b":true,"c":["x","y"],"d":{},"e":[null,1.5,null,[],-7]}"#)
    }

    @Test(
        "any text comes back as it was",
        arguments: ["", "\"\\/", "\n\r\t\u{0}\u{1f}\u{7f}", "é€😀", "</script>", "\u{2028}", "a\u{301}"])
    func roundTrip(text: String) throws {
        var writer = JSONWriter()
        writer.object { $0.field(text, text) }
        var reader = JSONReader(writer.bytes.span)
        try reader.openObject()
        while let key = try reader.nextKey() {
            #expect(try key.string() == text)
            #expect(try reader.string() == text)
        }
        try reader.finish()
        #expect(writer.bytes.allSatisfy { $0 >= 0x20 })
    }
}
