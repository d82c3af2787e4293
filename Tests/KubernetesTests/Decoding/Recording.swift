import Glibc
import Testing

/// The answer of a recorded exchange; see Tests/Fixtures/kubernetes.
struct Recording {
    let status: Int
    let body: [UInt8]

    init(_ name: String) throws {
        let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let bytes = try Self.contents(of: "/\(folder)/Fixtures/kubernetes/\(name).http")
        let text = String(decoding: bytes, as: UTF8.self)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("HTTP/1.1 ") })
        status = try #require(Int(line.split(separator: " ")[1]))
        body = Array(bytes[try #require(Self.bodyStart(bytes))...])
    }

    /// After the first empty line, whether lines end in CRLF or LF.
    private static func bodyStart(_ bytes: [UInt8]) -> Int? {
        var lineLength = 1
        for (i, byte) in bytes.enumerated() where byte != UInt8(ascii: "\r") {
            lineLength = byte == UInt8(ascii: "\n") ? 0 : lineLength + 1
            if lineLength == 0, i > 0, isLineEnd(bytes, i - 1) { return i + 1 }
        }
        return nil
    }

    private static func isLineEnd(_ bytes: [UInt8], _ i: Int) -> Bool {
        bytes[i] == UInt8(ascii: "\n")
            || (bytes[i] == UInt8(ascii: "\r") && i > 0 && bytes[i - 1] == UInt8(ascii: "\n"))
    }

    private static func contents(of path: String) throws -> [UInt8] {
        let file = try #require(fopen(path, "r"), "no fixture at \(path)")
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }
}
