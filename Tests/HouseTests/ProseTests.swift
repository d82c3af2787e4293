import Testing

/// What stands in comments, and in files that are not Swift.
@Suite("Prose")
struct ProseTests {
    @Test("no file defers work to a note")
    func nothingIsDeferred() {
        // Put together here so that this file does not find itself.
        let notes = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]
        let offenders = SourceTree.house.files.flatMap { file in
            places(in: file) { line in notes.contains { line.hasWord($0) } }
        }
        #expect(offenders == [])
    }

    @Test("no file knows the machine it was written on")
    func nothingNamesAMachine() {
        let paths = ["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/"]
        let offenders = SourceTree.house.files.flatMap { file in
            places(in: file) { line in paths.contains { line.contains($0) } }
        }
        #expect(offenders == [])
    }

    @Test("every Swift file begins at once with code or a sentence, without a banner")
    func filesBeginAtOnce() {
        let offenders = SourceTree.house.swift.filter { file in
            let first = file.lines.first ?? ""
            return first.isEmpty || ["/*", "//=", "//-", "//  "].contains { first.hasPrefix($0) }
                || ["//", "///"].contains(first)
        }
        #expect(offenders.map(\.path) == [])
    }

    @Test("no code is kept in comments")
    func commentsHoldNoCode() {
        let offenders = SourceTree.house.swift.flatMap { file in
            file.tokens.filter { $0.kind == .comment && !$0.text.hasPrefix("///") && isCode($0.text) }
                .map { file.at($0.line) }
        }
        #expect(offenders == [])
    }

    private func isCode(_ comment: String) -> Bool {
        let body = comment.drop { $0 == "/" || $0 == " " }
        if body.hasSuffix("{") || body == "}" { return true }
        return ["let ", "var ", "return ", "func ", "if ", "guard "].contains { body.hasPrefix($0) }
            && (body.contains(" = ") || body.hasSuffix(")"))
    }

    @Test("no test sleeps to pass")
    func testsNeverSleep() {
        let words: Set<String> = ["sleep", "usleep", "nanosleep"]
        #expect(SourceTree.house.tests.flatMap { $0.places(of: words) } == [])
    }

    private func places(in file: SourceFile, where matches: (Substring) -> Bool) -> [String] {
        file.lines.enumerated().filter { matches($1) }.map { file.at($0.offset + 1) }
    }
}

extension Substring {
    /// Whether the word stands alone, not inside a longer one.
    fileprivate func hasWord(_ word: String) -> Bool {
        ranges(of: word).contains { range in
            let after = range.upperBound < endIndex ? self[range.upperBound] : " "
            let before = range.lowerBound > startIndex ? self[index(before: range.lowerBound)] : " "
            return !after.isLetter && !before.isLetter
        }
    }
}
