import Basics
import Testing

@Suite("The nearest word")
struct NearestTests {
    @Test(
        "edits are counted",
        arguments: [
            ("", "", 0), ("a", "", 1), ("", "ab", 2), ("ab", "ba", 1), ("port", "prot", 1),
            ("kitten", "sitting", 3),
        ])
    func distance(left: String, right: String, expected: Int) {
        #expect(Nearest.distance(left, right) == expected)
        #expect(Nearest.distance(right, left) == expected)
    }

    @Test("a word of a megabyte costs no more than a short one")
    func long() {
        #expect(Nearest.distance(String(repeating: "x", count: 1_000_000), "") == 64)
    }

    @Test("the first of the nearest ones is meant, and nothing where there are none")
    func nearest() {
        #expect(Nearest.match("prot", among: ["proto", "port", "part"]) == "proto")
        #expect(Nearest.match("x", among: ["abc", "a", "b"]) == "a")
        #expect(Nearest.match("port", among: ["very-long-word", "port", "prt"]) == "port")
        #expect(Nearest.match("port", among: []) == nil)
        let long = String(repeating: "x", count: 100)
        #expect(Nearest.match(long, among: ["y", long + "yy"]) == long + "yy")
    }
}
