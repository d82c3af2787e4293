import Testing

/// What the documents speak of is there.
@Suite("Documents")
struct DocumentTests {
    private static let documents = SourceTree.house.files.filter { $0.path.hasSuffix(".md") }

    @Test("every link of a document leads to a file")
    func linksLeadSomewhere() {
        let offenders = Self.documents.flatMap { file in
            file.links.filter { !SourceTree.house.exists(file.fromRoot($0.target)) }
                .map { file.at($0.line, $0.target) }
        }
        #expect(offenders == [])
    }

    @Test("every path a document names is there")
    func namedPathsExist() {
        let folders = ["Sources/", "Tests/", "scripts/", "manifests/", "docs/"]
        let offenders = Self.documents.flatMap { file in
            file.namedPaths(in: folders).filter { !SourceTree.house.exists($0.path) }
                .map { file.at($0.line, $0.path) }
        }
        #expect(offenders == [])
    }

    @Test("the README's tables name every room of Sources")
    func readmeNamesEveryRoom() throws {
        let readme = try #require(SourceTree.house.files.first { $0.path == "README.md" }).text
        let rooms = Set(SourceTree.house.sources.map(\.room))
        #expect(rooms.filter { !readme.contains("| `\($0)` |") } == [])
    }
}

extension SourceFile {
    /// `](target)`, without addresses and without the part behind `#`.
    fileprivate var links: [(target: String, line: Int)] {
        lines.enumerated().flatMap { number, line in
            line.ranges(of: "](").compactMap { range in
                let target = line[range.upperBound...].prefix { $0 != ")" && $0 != "#" }
                guard !target.isEmpty, !target.contains("://") else { return nil }
                return (String(target), number + 1)
            }
        }
    }

    /// A link's target as a path from the root.
    fileprivate func fromRoot(_ target: String) -> String {
        var folders = path.split(separator: "/").dropLast()
        for part in target.split(separator: "/") {
            if part == ".." { _ = folders.popLast() } else { folders.append(part) }
        }
        return folders.joined(separator: "/")
    }

    /// Words in back quotes that begin with one of `folders`, up to the first blank.
    fileprivate func namedPaths(in folders: [String]) -> [(path: String, line: Int)] {
        lines.enumerated().flatMap { number, line in
            line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                .filter { $0.offset % 2 == 1 }
                .map { String($0.element.prefix { $0 != " " }) }
                .filter { word in folders.contains { word.hasPrefix($0) } && !word.contains("…") }
                .map { ($0, number + 1) }
        }
    }
}
