import Glibc
import Testing

@testable import Controller

/// `Tests/Goldens/NAME.yaml` must become `NAME.json`.
///
/// `SLUICE_WRITE_GOLDENS=1 swift test --filter GoldenTests` writes what they become now; read the difference before you commit it.
@Suite struct GoldenTests {
    private static let folder =
        "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/Tests/Goldens"
    private static let isWriting = getenv("SLUICE_WRITE_GOLDENS") != nil

    private static var names: [String] {
        FolderTree(of: [folder]).files.map(\.path).filter { $0.hasSuffix(".yaml") }
            .map { String($0.dropFirst(folder.utf8.count + 1).dropLast(5)) }
    }

    @Test("manifests become the configuration that was agreed on", arguments: names)
    func golden(name: String) throws {
        let path = "\(GoldenTests.folder)/\(name)"
        let text = String(decoding: try FolderTree.read("\(path).yaml").get(), as: UTF8.self)
        let found = GoldenCase(path: "\(path).yaml", text: text).translated()
        if GoldenTests.isWriting { GoldenTests.write(found, to: "\(path).json") }
        let expected = String(decoding: try FolderTree.read("\(path).json").get(), as: UTF8.self)
        #expect(found == expected)
    }

    @Test("the cases are found")
    func cases() {
        #expect(GoldenTests.names.count >= 70)
    }

    private static func write(_ text: String, to path: String) {
        guard let file = fopen(path, "w") else { return }
        fputs(text, file)
        fclose(file)
    }
}
