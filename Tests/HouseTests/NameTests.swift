import Testing

/// Words of the trade, one word per thing.
@Suite("Names")
struct NameTests {
    private static let empty = ["Util", "Helper", "Manager", "Misc", "Common", "Impl"]

    /// Whole words of a camel-case name only: `Implicit` is not `Impl`.
    private func usesEmptyWord(_ name: String) -> Bool {
        Self.empty.contains { word in
            name.ranges(of: word).contains { range in
                let rest = name[range.upperBound...].drop { $0 == "s" }
                return rest.first?.isLowercase != true
            }
        }
    }

    @Test("no file, folder or type is called after nothing in particular")
    func namesSaySomething() {
        let files = SourceTree.house.swift
        let paths = files.filter { $0.path.split(separator: "/").contains { usesEmptyWord(String($0)) } }.map(
            \.path)
        let types = files.flatMap { file in
            file.types.filter { usesEmptyWord($0.name) }.map { file.at($0.line, $0.name) }
        }
        #expect(paths + types == [])
    }

    @Test("no function is called do… or …0")
    func verbsSaySomething() {
        let offenders = SourceTree.house.sources.flatMap { file in
            file.functionNames.filter { isEmptyVerb($0.name) }.map { file.at($0.line, $0.name) }
        }
        #expect(offenders == [])
    }

    private func isEmptyVerb(_ name: String) -> Bool {
        if name.hasSuffix("0"), name.dropLast().last?.isLetter == true { return true }
        return name.hasPrefix("do") && name.dropFirst(2).first?.isUppercase == true
    }

    @Test("a file is called after a type it declares or extends")
    func filesAreCalledAfterTheirType() {
        let offenders = SourceTree.house.sources.filter { file in
            let subjects = Set(file.types.map(\.name) + file.extended)
            return !["main", "Placeholder"].contains(file.stem) && !subjects.contains(file.subject)
        }
        #expect(offenders.map(\.path) == [])
    }
}
