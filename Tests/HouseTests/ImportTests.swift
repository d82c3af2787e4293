import Testing

/// Which room may import which module: the table of the README's chapter "The rooms".
@Suite("Imports")
struct ImportTests {
    private static let system: Set<String> = ["Glibc", "Synchronization"]

    private static let table: [String: Set<String>] = [
        "Basics": system,
        "Model": ["Basics"],
        "Wire": system.union([
            "Basics", "CSystem", "COpenSSL", "CZlib", "CBrotli", "CZstd", "CNghttp2", "CPCRE2",
        ]),
        "Engine": system.union(["Basics", "Wire", "Model"]),
        "ConfigLanguage": ["Basics", "Model", "Synchronization"],
        "Kubernetes": system.union(["Basics", "CSystem", "CCurl", "CYAML", "FoundationEssentials"]),
        "Controller": system.union(["Basics", "CSystem", "Model", "Kubernetes", "FoundationEssentials"]),
        "Admin": system.union(["Basics", "Model", "Wire", "Engine", "FoundationEssentials"]),
        "Command": system.union([
            "Basics", "Model", "Wire", "Engine", "ConfigLanguage", "Kubernetes", "Controller", "Admin",
            "COpenSSL",
            "CSystem",
        ]),
    ]

    @Test("every room imports only what the table allows")
    func roomsImportOnlyWhatTheTableAllows() {
        let offenders = SourceTree.house.sources.flatMap { file in
            file.imports.filter { !(Self.table[file.room] ?? []).contains($0.module) }
                .map { file.at($0.line, $0.module) }
        }
        #expect(offenders == [])
    }

    @Test("nothing imports Foundation, tests included")
    func nothingImportsFoundation() {
        let offenders = SourceTree.house.swift.flatMap { file in
            file.imports.filter { $0.module == "Foundation" }.map { file.at($0.line) }
        }
        #expect(offenders == [])
    }

    @Test("every C library is touched in one folder only")
    func eachLibraryHasOneFolder() {
        let homes = [
            "COpenSSL": "Wire/TLS", "CZlib": "Wire/Compression", "CBrotli": "Wire/Compression",
            "CZstd": "Wire/Compression", "CNghttp2": "Wire/HTTP2", "CPCRE2": "Wire/Pattern",
            "CCurl": "Kubernetes/Client",
            "CYAML": "Kubernetes/Manifests",
        ]
        let offenders = SourceTree.house.sources.flatMap { file in
            file.imports.filter { file.room != "Command" && !isHome(of: $0.module, file, in: homes) }
                .map { file.at($0.line, $0.module) }
        }
        #expect(offenders == [])
    }

    private func isHome(of module: String, _ file: SourceFile, in homes: [String: String]) -> Bool {
        guard let home = homes[module] else { return true }
        return file.path.hasPrefix("Sources/\(home)/")
    }

    @Test("the table knows every room of Sources")
    func tableKnowsEveryRoom() {
        let rooms = Set(SourceTree.house.sources.map(\.room))
        #expect(rooms.subtracting(Self.table.keys) == [])
    }
}
