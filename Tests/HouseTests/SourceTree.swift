import Glibc

/// All committed text of the house, read once.
struct SourceTree {
    let files: [SourceFile]
    private let root: String

    /// The tree this test was compiled from.
    static let house = SourceTree(root: rootOfThisTree())

    private init(root: String) {
        self.root = root
        var files = ["README.md", "Package.swift", "Dockerfile", ".ci/run"].compactMap {
            Self.file($0, in: root)
        }
        for folder in ["Sources", "Tests", "scripts", "manifests", "docs"] {
            files += Self.files(under: folder, in: root)
        }
        self.files = files.sorted { $0.path < $1.path }
    }

    /// The Swift files of Sources.
    var sources: [SourceFile] { files.filter { $0.isSource && $0.isSwift } }

    /// The Swift files of Tests.
    var tests: [SourceFile] { files.filter { $0.isTest && $0.isSwift } }

    /// The Swift files of one room.
    func sources(of room: String) -> [SourceFile] { sources.filter { $0.room == room } }

    /// Whether a file or folder is there; `path` begins at the root.
    func exists(_ path: String) -> Bool { access("\(root)/\(path)", F_OK) == 0 }

    /// Every Swift file.
    var swift: [SourceFile] { sources + tests }

    private static func rootOfThisTree(file: String = #filePath) -> String {
        file.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
    }

    private static func files(under folder: String, in root: String) -> [SourceFile] {
        guard let directory = opendir("\(root)/\(folder)") else { return [] }
        defer { closedir(directory) }
        var found: [SourceFile] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard !name.hasPrefix("."), name != "__pycache__" else { continue }
            let path = "\(folder)/\(name)"
            if entry.pointee.d_type == UInt8(DT_DIR) {
                found += files(under: path, in: root)
            } else if isText(name) {
                found += [file(path, in: root)].compactMap(\.self)
            }
        }
        return found
    }

    private static func isText(_ name: String) -> Bool {
        [".swift", ".c", ".h", ".py", ".sh", ".md", ".yaml", ".json", ".modulemap"].contains {
            name.hasSuffix($0)
        }
            || !name.contains(".")
    }

    private static func file(_ path: String, in root: String) -> SourceFile? {
        guard let stream = fopen("\(root)/\(path)", "r") else { return nil }
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&chunk, 1, chunk.count, stream), count > 0 {
            bytes += chunk.prefix(count)
        }
        return SourceFile(path: path, bytes: bytes)
    }
}
