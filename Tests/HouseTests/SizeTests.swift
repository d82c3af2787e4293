import Testing

/// Files and functions stay readable in one sitting.
@Suite("Size")
struct SizeTests {
    @Test("no Swift, C or Python file is longer than 500 lines")
    func filesAreShort() {
        let offenders = SourceTree.house.files
            .filter { file in [".swift", ".c", ".h", ".py", ".sh"].contains { file.path.hasSuffix($0) } }
            .filter { $0.lineCount > 500 }
            .map { $0.at($0.lineCount) }
        #expect(offenders == [])
    }

    @Test("no function is longer than 50 lines")
    func functionsAreShort() {
        let offenders = SourceTree.house.swift.flatMap { file in
            file.functions.filter { $0.bodyLines > 50 }
                .map { file.at($0.line, "\($0.name): \($0.bodyLines) lines") }
        }
        #expect(offenders == [])
    }

    @Test("main.swift is shorter than 20 lines")
    func mainIsShort() {
        let offenders = SourceTree.house.sources.filter { $0.stem == "main" && $0.lineCount >= 20 }
            .map { $0.at($0.lineCount) }
        #expect(offenders == [])
    }
}
