import Testing

/// What keeps bad input from crashing the process and memory from being read wrongly.
@Suite("Safety")
struct SafetyTests {
    /// Rooms and folders that may hold pointers.
    private static let pointerHomes = ["Sources/Wire/", "Sources/Basics/Containers/"]

    private static let pointers: Set<String> = [
        "UnsafePointer", "UnsafeMutablePointer", "UnsafeRawPointer", "UnsafeMutableRawPointer",
        "UnsafeBufferPointer", "UnsafeMutableBufferPointer", "UnsafeRawBufferPointer",
        "UnsafeMutableRawBufferPointer", "OpaquePointer", "unsafeBitCast", "unsafeDowncast",
    ]

    /// Glue to a C library that speaks in pointers: one file each, the reason beside it.
    private static let pointerExceptions: [String: String] = [
        "Sources/Kubernetes/Manifests/YAMLEvents.swift": "libyaml's parser and its events",
        "Sources/Kubernetes/Client/CurlEasy.swift": "libcurl's handles, lists and callbacks",
        "Sources/Kubernetes/Client/CurlMulti.swift": "libcurl's multi handle, and waking it",
        "Sources/Kubernetes/Client/ClientThread.swift": "the argument of pthread_create",
        "Sources/Controller/Sources/WatchThread.swift": "the argument of pthread_create",
    ]

    @Test("pointers stay in Wire, Basics/Containers and the listed glue files")
    func pointersStayHome() {
        let offenders = SourceTree.house.sources
            .filter { file in !Self.pointerHomes.contains { file.path.hasPrefix($0) } }
            .filter { Self.pointerExceptions[$0.path] == nil }
            .flatMap { $0.places(of: Self.pointers) }
        #expect(offenders == [])
    }

    @Test("every exception for pointers is still needed")
    func pointerExceptionsAreNeeded() {
        let needed = Set(
            SourceTree.house.sources.filter { !$0.places(of: Self.pointers).isEmpty }.map(\.path))
        #expect(Set(Self.pointerExceptions.keys).subtracting(needed) == [])
    }

    @Test("nothing outside tests and Command ends the process on purpose")
    func nothingEndsTheProcess() {
        let offenders = SourceTree.house.sources.filter { $0.room != "Command" }
            .flatMap { file in file.endings.map { file.at($0.line, $0.text) } }
        #expect(offenders == [])
    }

    @Test("no try!, as! or forced unwrapping outside tests")
    func nothingIsForced() {
        let offenders = SourceTree.house.sources.flatMap { file in file.forcings.map { file.at($0.line) } }
        #expect(offenders == [])
    }

    @Test("a room has at most one file with @unchecked Sendable")
    func uncheckedIsRare() {
        let files = SourceTree.house.sources.filter { !$0.places(of: ["unchecked"]).isEmpty }
        let crowded = Dictionary(grouping: files, by: \.room).filter { $1.count > 1 }
        #expect(crowded.values.flatMap { $0.map(\.path) } == [])
    }

    @Test("the reason for @unchecked Sendable stands right above it")
    func uncheckedHasAReason() {
        let offenders = SourceTree.house.sources.flatMap { file in
            file.code.filter { $0.isWord("unchecked") }.map(\.line)
                .filter { line in !file.tokens.contains { $0.kind == .comment && $0.line == line - 1 } }
                .map { file.at($0) }
        }
        #expect(offenders == [])
    }

    @Test("access is internal, private or public, never package")
    func accessIsPlain() {
        #expect(SourceTree.house.sources.flatMap(\.packageAccess) == [])
    }

    /// There they let the length of a literal be known where it is appended; elsewhere the optimiser sees across rooms.
    @Test("@inlinable is for Basics/Containers alone")
    func inliningIsLeftToTheOptimiser() {
        let offenders = SourceTree.house.sources
            .filter { !$0.path.hasPrefix("Sources/Basics/Containers/") }
            .flatMap { $0.places(of: ["inlinable", "usableFromInline"]) }
        #expect(offenders == [])
    }

    @Test("the request's path knows no tasks, actors, awaiting or weak references")
    func dataPathIsSynchronous() {
        let offenders = ["Basics", "Wire", "Engine"].flatMap(SourceTree.house.sources(of:))
            .flatMap { $0.places(of: ["async", "await", "actor", "Task", "weak"]) }
        #expect(offenders == [])
    }
}

extension SourceFile {
    /// `fatalError` anywhere, and the C library's `exit(…)` and `abort()`.
    fileprivate var endings: [Token] {
        code.indices.filter { i in
            if code[i].isWord("fatalError") { return true }
            guard code[i].isWord("exit", "abort"), i > 0, i + 2 < code.count, code[i + 1].isSign("(") else {
                return false
            }
            let isOurs = code[i - 1].isSign(".") || code[i - 1].isWord("func")
            return !isOurs && (code[i].isWord("exit") || code[i + 2].isSign(")"))
        }.map { code[$0] }
    }

    /// `!` right behind a value (and not the beginning of `!=`), or behind `try` and `as`.
    fileprivate var forcings: [Token] {
        code.indices.dropFirst().filter { i in
            let (before, token) = (code[i - 1], code[i])
            guard token.isSign("!"), !token.followsSpace else { return false }
            if i + 1 < code.count, code[i + 1].isSign("="), !code[i + 1].followsSpace { return false }
            return before.kind == .word || before.isSign(")") || before.isSign("]") || before.isSign("}")
        }.map { code[$0] }
    }

    fileprivate var packageAccess: [String] {
        zip(code, code.dropFirst())
            .filter {
                $0.isWord("package") && $1.isWord("func", "var", "let", "struct", "class", "enum", "init")
            }
            .map { at($0.0.line, "package") }
    }
}
