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
}
