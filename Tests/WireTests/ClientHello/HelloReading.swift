import Basics

@testable import Wire

/// Everything a ClientHello came to, as values that outlive its bytes.
struct HelloReading: Equatable {
    var progress = ClientHelloProgress.incomplete
    var serverName: String?
    var protocols: [String] = []
    var newestVersion: UInt16 = 0
    var legacyVersion: UInt16 = 0

    /// Reads `bytes` as they would arrive when cut at the given places.
    init(_ bytes: [UInt8], cuts: [Int] = []) {
        var hello = ClientHello()
        var message = Buffer(capacity: ClientHello.limit)
        let received = ReceivedBytes(bytes)
        for end in cuts + [bytes.count] {
            progress = hello.parse(received.prefix(end), message: &message)
            if progress != .incomplete { break }
        }
        guard progress == .complete else { return }
        serverName = hello.serverName.map { message.view[$0].text }
        var names = hello.protocols(in: message.view)
        while let name = names.next() { protocols.append(name.text) }
        newestVersion = hello.newestVersion(in: message.view)
        legacyVersion = hello.legacyVersion
    }
}

/// Builds the first message of a client byte by byte.
struct HelloBytes {
    var version: [UInt8] = [3, 3]
    var session: [UInt8] = []
    var ciphers: [UInt8] = [0x13, 0x01, 0xC0, 0x2B]
    var compressions: [UInt8] = [0]
    var extensions: [UInt8]? = []

    /// With the given extensions.
    init(_ extensions: [UInt8]...) { self.extensions = extensions.flatMap(\.self) }

    static func list(_ bytes: [UInt8], lengthBytes: Int = 2) -> [UInt8] {
        (0..<lengthBytes).reversed().map { UInt8(truncatingIfNeeded: bytes.count >> ($0 * 8)) } + bytes
    }

    static func field(_ type: UInt16, _ body: [UInt8]) -> [UInt8] {
        [UInt8(type >> 8), UInt8(type & 255)] + list(body)
    }

    static func name(_ name: String) -> [UInt8] { field(0, list([0] + list(Array(name.utf8)))) }

    static func protocols(_ names: String...) -> [UInt8] {
        field(16, list(names.flatMap { list(Array($0.utf8), lengthBytes: 1) }))
    }

    static func versions(_ versions: UInt16...) -> [UInt8] {
        field(43, list(versions.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }, lengthBytes: 1))
    }

    /// The message with its head.
    var message: [UInt8] {
        var body = version + [UInt8](repeating: 7, count: 32) + Self.list(session, lengthBytes: 1)
        body += Self.list(ciphers) + Self.list(compressions, lengthBytes: 1)
        if let extensions { body += Self.list(extensions) }
        return [1] + Self.list(body, lengthBytes: 3)
    }

    /// In one record.
    var record: [UInt8] { Self.records(message, size: 16_384) }

    /// Any message in records of the given size.
    static func records(_ message: [UInt8], size: Int) -> [UInt8] {
        stride(from: 0, to: message.count, by: size).flatMap {
            [22, 3, 1] + list(Array(message[$0..<min($0 + size, message.count)]))
        }
    }
}
