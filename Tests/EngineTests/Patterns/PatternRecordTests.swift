import Basics
import Model
import Synchronization
import Testing
import Wire

@testable import Engine

/// A list with one use, asked as workers ask it.
private struct Asked {
    let record: PatternRecord
    let kept: Kept

    /// What the list gives up, as if a worker had not been between two events.
    final class Kept: Sendable {
        let items = Mutex<[PatternTrash.Item]>([])
    }

    init(_ use: PatternUse, _ lines: [(String, String)]) {
        let kept = Kept()
        let trash = PatternTrash { items in kept.items.withLock { $0 += items } }
        let entries = lines.map { PatternList.Entry(Array($0.0.utf8), Array($0.1.utf8)) }
        record = PatternRecord(PatternListName("f"), PatternList(id: 0, entries: entries, uses: [use]), trash)
        self.kept = kept
    }

    func callAsFunction(_ text: String) -> String? {
        var workspace = SampleWorkspace()
        workspace.reset()
        return Array(text.utf8).withView { view -> String? in
            guard let sample = Sample.string(view).cast(to: record.indexes[0].use.method.input, &workspace)
            else { return "no sample" }
            return record.indexes[0].find(sample, &workspace)?.text(&workspace)?.string
        }
    }
}

@Suite("Lists of patterns")
struct PatternRecordTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test("texts are found by hash, and of the same text the first line counts")
    func exact() {
        let list = Asked(
            PatternUse(.text(.exact), output: .text), [("a", "1"), ("b", "2"), ("a", "3"), ("", "e")])
        #expect(list("a") == "1")
        #expect(list("b") == "2")
        #expect(list("") == "e")
        #expect(list("A") == nil)
        #expect(list("ab") == nil)
        let folded = Asked(PatternUse(.text(.exact), ignoresCase: true), [("Abc", "")])
        #expect(folded("aBC") == "1")
        #expect(folded("aB") == nil)
    }

    @Test("of beginnings the longest counts, of ends and parts the first line")
    func parts() {
        let lines = [("/a", "a"), ("/a/b", "ab"), ("b", "b"), ("/", "root"), ("/a/b", "later")]
        let prefix = Asked(PatternUse(.text(.prefix), output: .text), lines)
        #expect(["/a/b/c", "/ax", "/", "bb", "c"].map { prefix($0) } == ["ab", "a", "root", "b", nil])
        let suffix = Asked(PatternUse(.text(.suffix), output: .text), lines)
        #expect(["x/a/b", "x/a", "b/", "x"].map { suffix($0) } == ["ab", "a", "root", nil])
        let part = Asked(PatternUse(.text(.substring), output: .text), lines)
        #expect(["x/a/bx", "xbx", "x"].map { part($0) } == ["a", "b", nil])
        let folder = Asked(PatternUse(.text(.directory), output: .text), lines)
        #expect(["/b/x", "/x/a/b", "/xb"].map { folder($0) } == ["b", "a", nil])
        let domain = Asked(PatternUse(.text(.domain), output: .text), [("example", "1")])
        #expect(["www.example.org", "myexample.org"].map { domain($0) } == ["1", nil])
    }

    @Test(
        "beginnings and ends of any length are found, in any case if that is ignored",
        arguments: [false, true])
    func lengths(ignoresCase: Bool) {
        let text = "/Abcdefgh/ijklMnop/qrstuvwx"
        for count in 1...text.count {
            let (head, tail) = (String(text.prefix(count)), String(text.suffix(count)))
            let prefix = Asked(PatternUse(.text(.prefix), ignoresCase: ignoresCase), [(head, "")])
            let suffix = Asked(PatternUse(.text(.suffix), ignoresCase: ignoresCase), [(tail, "")])
            #expect([text, head, head + "x"].map { prefix($0) } == ["1", "1", "1"])
            #expect([text, tail, "x" + tail].map { suffix($0) } == ["1", "1", "1"])
            // One byte too short, and another one at the far end.
            let (less, rest) = (String(head.dropLast()), String(tail.dropFirst()))
            #expect([less, less + "\u{1}"].map { prefix($0) } == [nil, nil])
            #expect([rest, "\u{1}" + rest].map { suffix($0) } == [nil, nil])
            let (upperHead, upperTail) = (head.uppercased(), tail.uppercased())
            #expect(prefix(upperHead) == (ignoresCase || upperHead == head ? "1" : nil))
            #expect(suffix(upperTail) == (ignoresCase || upperTail == tail ? "1" : nil))
        }
    }

    @Test("of networks the smallest counts, whatever their order")
    func networks() {
        let list = Asked(
            PatternUse(.address, output: .number),
            [
                ("10.0.0.0/8", "8"), ("10.1.0.0/16", "16"), ("10.1.2.3", "32"), ("fd00::/8", "6"),
                ("fd00::1", "7"),
            ])
        #expect(
            ["10.9.9.9", "10.1.9.9", "10.1.2.3", "11.0.0.1", "fd12::", "fd00::1", "::1", "x"].map { list($0) }
                == ["8", "16", "32", nil, "6", "7", nil, "no sample"])
        let all = Asked(PatternUse(.address, output: .text), [("0.0.0.0/0", "any")])
        #expect(all("1.2.3.4") == "any")
        #expect(all("::1") == nil)
    }

    @Test("of numbers and ranges, and of expressions, the first line counts")
    func numbers() {
        let list = Asked(
            PatternUse(.number, output: .text),
            [("1:5", "few"), ("3", "three"), ("9", "nine"), ("8:", "many")])
        #expect(["3", "9", "12", "7"].map { list($0) } == ["few", "nine", "many", nil])
        let length = Asked(PatternUse(.length), [("2:3", "")])
        #expect(["a", "ab", "abcd"].map { length($0) } == [nil, "1", nil])
        let groups = Asked(PatternUse(.groups, output: .text), [("^/(.*)/x", "<\\1>"), ("^/", "root")])
        #expect(["/ab/x", "/ab", "ab"].map { groups($0) } == ["<ab>", "root", nil])
        let binary = Asked(PatternUse(.binary), [("6162", "")])
        #expect(["ab", "6162"].map { binary($0) } == ["1", nil])
    }

    @Test("what is changed is seen at once, and what was there stays in memory for those who stand at it")
    func edits() {
        let list = Asked(PatternUse(.text(.prefix), output: .text), [("a", "1"), ("ab", "2")])
        #expect(list.record.set(bytes("a"), to: bytes("9"), adds: false) == nil)
        #expect(list("ax") == "9")
        #expect(list.record.set(bytes("zz"), to: bytes("3"), adds: false) == .unknownKey)
        #expect(list.record.set(bytes("zzz"), to: bytes("3"), adds: true) == nil)
        #expect(list("zzzz") == "3")
        #expect(list.record.remove(bytes("ab")) == nil)
        #expect(list("abc") == "9")
        #expect(list.record.remove(bytes("ab")) == .unknownKey)
        #expect(
            list.record.lines(of: nil).map { String(decoding: $0.entry.pattern, as: UTF8.self) } == [
                "a", "zzz",
            ])
        #expect(list.record.clear(nil) == nil)
        #expect(list("ax") == nil)
    }

    @Test("lines are changed and removed by their number too")
    func byNumber() throws {
        let list = Asked(PatternUse(.text(.exact), output: .text), [("a", "1"), ("a", "2")])
        let lines = list.record.lines(of: nil)
        #expect(list.record.set(lines[0].id, to: bytes("x")) == nil)
        #expect(list("a") == "x")
        #expect(list.record.remove(lines[0].id) == nil)
        #expect(list("a") == "2")
        #expect(list.record.remove(lines[0].id) == .unknownKey)
        #expect(list.record.set(UInt64.max, to: []) == .unknownKey)
    }

    @Test("a prepared version is not asked before it is committed, and then alone")
    func versions() {
        let list = Asked(PatternUse(.text(.exact), output: .text), [("a", "old")])
        #expect(list.record.prepare() == 1)
        #expect(list.record.add(.init(bytes("b"), bytes("new")), to: 1) == nil)
        #expect(list.record.add(.init(bytes("b"), bytes("new")), to: 2) == .unknownVersion)
        #expect(list("b") == nil)
        #expect(list.record.commit(1) == nil)
        #expect(list("a") == nil)
        #expect(list("b") == "new")
        #expect(list.record.commit(0) == .unknownVersion)
        #expect(list.record.summary.version == 1)
        #expect(list.record.summary.count == 1)
    }

    @Test("a line that a use can do nothing with is refused and changes nothing")
    func refused() {
        let list = Asked(PatternUse(.address, output: .number), [("10.0.0.0/8", "8")])
        let bad = PatternList.Entry(bytes("10.0.0.0/33"), bytes("1"))
        #expect(list.record.add(bad) == .unusable(bad, PatternUse(.address, output: .number)))
        #expect(list.record.set(bytes("10.0.0.0/8"), to: bytes("x"), adds: true) != nil)
        #expect(list("10.0.0.1") == "8")
        #expect(list.record.lines(of: nil).count == 1)
    }

    @Test("what the configuration says replaces what was edited, and only that")
    func rereading() {
        let use = PatternUse(.text(.exact), output: .text)
        let list = Asked(use, [("a", "1")])
        let model = PatternList(id: 0, entries: [.init(bytes("a"), bytes("1"))], uses: [use])
        #expect(list.record.add(.init(bytes("b"), bytes("2"))) == nil)
        #expect(!list.record.adopt(model))
        #expect(list("b") == nil)
        #expect(list("a") == "1")
        var wider = model
        wider.uses.insert(PatternUse(.text(.suffix), output: .text))
        #expect(list.record.adopt(wider))
        #expect(list.record.indexes.count == 2)
    }

    @Test(
        "after many changes a list is what a dictionary would be",
        arguments: [PatternUse.Method.text(.exact), .text(.prefix), .text(.suffix), .text(.substring)])
    func many(method: PatternUse.Method) {
        let list = Asked(PatternUse(method, output: .text), [])
        var model: [String: String] = [:]
        var seed: UInt64 = 7
        for step in 0..<2_000 {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let key = "<\(seed >> 33 % 300)>"
            if seed >> 60 < 5 {
                #expect(list.record.remove(bytes(key)) == (model[key] == nil ? .unknownKey : nil))
                model[key] = nil
            } else {
                #expect(list.record.set(bytes(key), to: bytes("\(step)"), adds: true) == nil)
                model[key] = "\(step)"
            }
        }
        #expect(!model.isEmpty)
        for key in (0..<300).map({ "<\($0)>" }) { #expect(list(key) == model[key]) }
        #expect(list.record.lines(of: nil).count == model.count)
    }
}
