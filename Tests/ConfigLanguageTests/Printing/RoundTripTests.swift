import Glibc
import Model
import Testing

@testable import ConfigLanguage

@Suite("Text that is read, printed and read again")
struct RoundTripTests {
    private static let folder =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        .joined(separator: "/") + "/Fixtures/configurations"

    private static let names = FixtureFolder.names(in: folder).filter { $0.hasSuffix(".cfg") }.sorted()

    @Test("a whole configuration comes back, but for its lines that are refused", arguments: names)
    func wholeConfigurations(name: String) throws {
        var bytes = try #require(FixtureFolder.bytes(of: "\(Self.folder)/\(name)"))
        var text = Self.read(bytes)
        while let line = text.diagnostics.first(where: { $0.severity == .error })?.location?.line {
            var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            try #require(line <= lines.count && !lines[line - 1].isEmpty)
            lines[line - 1] = []
            bytes = Array(lines.joined(separator: [UInt8(ascii: "\n")]))
            text = Self.read(bytes)
        }
        let printed = text.printed
        let again = Self.read(Array(printed.text.utf8))
        #expect(again.diagnostics.filter { $0.severity == .error } == [])
        #expect(RoundTrip.differences(text, again) == [])
        #expect(printed.remarks == [])
        #expect(again.printed.text == printed.text)
    }

    @Test("there are as many configurations as there were")
    func count() { #expect(Self.names.count >= 40) }

    private static func read(_ bytes: [UInt8]) -> ConfigurationText {
        let surroundings = Surroundings(
            environment: ["DIR": "\(folder)/files", "LISTENER": "5"], read: content,
            resolve: { _ in "192.0.2.99" })
        return ConfigurationText.read([ConfigurationFile(name: "t.cfg", bytes: bytes)], surroundings)
    }

    /// Files of the folder, and certificates wherever one is asked for.
    private static func content(_ path: String) -> FileContent {
        if let bytes = FixtureFolder.bytes(of: path) { return .file(bytes) }
        let names = FixtureFolder.names(in: path)
        if !names.isEmpty { return .folder(names) }
        if path.hasSuffix("certs") || path.hasSuffix("certs/") { return .folder(["site.pem"]) }
        guard path.hasSuffix(".pem") || path.hasSuffix(".crl") else { return .unreadable("no such file") }
        return .file(Array("-----BEGIN CERTIFICATE-----\n\(path)\n-----BEGIN PRIVATE KEY-----\n".utf8))
    }
}

/// Files beside the tests.
private enum FixtureFolder {
    static func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    static func bytes(of path: String) -> [UInt8]? {
        guard names(in: path).isEmpty, let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[0..<count] }
        return bytes
    }
}
