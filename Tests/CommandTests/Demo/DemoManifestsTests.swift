import Glibc
import Testing

@testable import Command

private func contents(of path: String) -> String? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
}

private let examples =
    #filePath.split(separator: "/").dropLast(4).reduce("") { "\($0)/\($1)" } + "/manifests/examples"

@Suite("The manifests of the demo")
struct DemoManifestsTests {
    @Test("each is the example of its name", arguments: DemoManifests.files.map(\.name))
    func equal(name: String) throws {
        let file = try #require(DemoManifests.files.first { $0.name == name })
        #expect(contents(of: "\(examples)/\(name)") == file.text)
    }

    @Test("no example is missing")
    func complete() throws {
        let folder = try #require(opendir(examples))
        defer { closedir(folder) }
        var names: Set<String> = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".yaml") { names.insert(name) }
        }
        #expect(names == Set(DemoManifests.files.map(\.name)))
    }
}
