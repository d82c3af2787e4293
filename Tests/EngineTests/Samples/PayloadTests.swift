import Basics
import Model
import Testing

@testable import Engine

@Suite("The first bytes of connections")
struct PayloadTests {
    private func found(_ read: PayloadRead, _ bytes: [UInt8]) -> String {
        var buffer = Buffer(capacity: 64)
        for byte in bytes { buffer.write { $0.append(byte) } }
        switch Payload(read, in: buffer.view) {
        case .bytes(let bytes, let isAll): return bytes.string + (isAll ? "+" : "")
        case .notYet: return "later"
        case .never: return "never"
        }
    }

    @Test(
        "so many bytes from an offset on, or all of them",
        arguments: [
            (0, 0, "abcd+"), (2, 0, "cd+"), (4, 0, "+"), (5, 0, "later"), (0, 4, "abcd"), (1, 2, "bc"),
            (1, 4, "later"),
            (0, 16_384, "later"), (1, 16_384, "never"),
        ])
    func bytes(offset: Int, count: Int, expected: String) {
        #expect(found(.bytes(offset: offset, count: count), Array("abcd".utf8)) == expected)
    }

    @Test(
        "as many as a number before them says",
        arguments: [
            (0, 1, 0, true, "ab"), (0, 1, 1, true, "bc"), (0, 1, 0, false, "\u{2}a"),
            (0, 1, -1, true, "\u{2}a"),
            (0, 1, -2, true, "never"), (4, 1, 0, true, "never"), (5, 1, 0, true, "later"),
            (0, 2, 0, true, "later"),
            (0, 1, 3, true, "later"), (16_384, 1, 0, true, "never"),
        ])
    func prefixed(offset: Int, length: Int, start: Int, isRelative: Bool, expected: String) {
        let read = PayloadRead.prefixed(offset: offset, length: length, start: start, isRelative: isRelative)
        #expect(found(read, [2, 0x61, 0x62, 0x63, 0]) == expected)
    }

    @Test("how many there are may always become more")
    func length() { #expect(found(.length, [0x61]) == "a+") }

    /// Bytes that come: what there is by now, and whether that is all.
    private struct Arrival: SampleSource {
        let lacks: Bool
        func fetch(
            _ code: FetchCode, _ literals: ByteView, _ cursor: inout SampleCursor,
            _ workspace: inout SampleWorkspace
        ) -> Sample? {
            guard case .payload = code else { return code.constant(literals) }
            if lacks { workspace.lack = .missing }
            return nil
        }
    }

    private func verdict(_ condition: RuleCondition, lacks: Bool = true) -> Bool? {
        var workspace = SampleWorkspace()
        workspace.reset()
        return ConditionSet([condition]).verdict(0, for: Arrival(lacks: lacks), &workspace)
    }

    @Test("a condition is open while bytes that are missing could change it")
    func open() throws {
        let open = RuleCondition.Term([SampleTest(try Expression(.payload(.length)), .truth)])
        let yes = RuleCondition.Term([SampleTest(try Expression(.boolean(true)), .truth)])
        let no = RuleCondition.Term([SampleTest(try Expression(.boolean(false)), .truth)])
        let notOpen = RuleCondition.Term(open.tests, isNegated: true)
        #expect(verdict(RuleCondition([[open]])) == nil)
        #expect(verdict(RuleCondition([[notOpen]])) == nil)
        #expect(verdict(RuleCondition([[open]], isNegated: true)) == nil)
        #expect(verdict(RuleCondition([[open, no]])) == false)
        #expect(verdict(RuleCondition([[no, open]])) == false)
        #expect(verdict(RuleCondition([[open], [yes]])) == true)
        #expect(verdict(RuleCondition([[open], [yes]], isNegated: true)) == false)
        #expect(verdict(RuleCondition([[open, yes], [no]])) == nil)
        #expect(verdict(RuleCondition([[open]]), lacks: false) == false)
        #expect(verdict(RuleCondition([[notOpen]]), lacks: false) == true)
        #expect(verdict(RuleCondition([[no]], isNegated: true)) == true)
    }
}
