import Testing

/// The rules are worth what their reader of Swift is worth.
@Suite("Lexer")
struct LexerTests {
    private func file(_ text: String) -> SourceFile {
        SourceFile(path: "Sources/Room/Folder/File.swift", bytes: Array(text.utf8))
    }

    @Test("words in comments and strings are not code")
    func commentsAndStringsAreNotCode() {
        let words = file("/* a /* b */ c */ let d = \"e\" + #\"\\(f) \"g\"# // h").code.filter {
            $0.kind == .word
        }
        #expect(words.map(\.text) == ["let", "d"])
    }

    @Test("code inside an interpolation is code")
    func interpolationIsCode() {
        let words = file("\"a \\(b(\"c \\(d)\")) e\"").code.filter { $0.kind == .word }
        #expect(words.map(\.text) == ["b", "d"])
    }

    @Test("lines are counted through strings of several lines")
    func linesAreCounted() {
        #expect(file("\"\"\"\na\n\"\"\"\nlet b").code.last?.line == 4)
    }

    @Test("the length of a function is the number of lines between its braces")
    func functionsAreMeasured() {
        let functions = file("func a(b: Int = [1].map { $0 }[0])\n    -> Int\n{\n    1\n    2\n}\nfunc c()")
            .functions
        #expect(functions.map(\.name) == ["a"])
        #expect(functions.map(\.bodyLines) == [2])
    }

    @Test("types are told apart by where they are declared")
    func typesAreFound() {
        let types = file("public struct A { enum B {} }\nextension C { class func d() {} }").types
        #expect(types.map(\.name) == ["A", "B"])
        #expect(types.map(\.isTopLevel) == [true, false])
    }

    @Test("the room and the folder come from the path")
    func placeComesFromThePath() {
        #expect(file("").room == "Room")
        #expect(file("").folder == "Folder")
    }

    @Test("the tree is really read")
    func treeIsRead() {
        #expect(SourceTree.house.files.contains { $0.path == "Package.swift" && !$0.bytes.isEmpty })
        #expect(
            SourceTree.house.sources.contains {
                $0.path == "Sources/Model/Change.swift" && $0.code.count > 100
            })
    }
}
