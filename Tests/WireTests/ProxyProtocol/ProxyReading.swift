import Basics

@testable import Wire

/// Everything a PROXY header came to, as values that outlive its bytes.
struct ProxyReading: Equatable {
    var progress = ProxyHeaderProgress.incomplete
    var version: UInt8 = 0
    var command = ProxyHeader.Command.local
    var source: String?
    var destination: String?
    var tls: ProxyTLS?
    var values: [UInt8: [UInt8]] = [:]

    init(_ text: String, cuts: [Int] = []) { self.init(Array(text.utf8), cuts: cuts) }

    /// Reads `bytes` as they would arrive when cut at the given places.
    init(_ bytes: [UInt8], cuts: [Int] = []) {
        let received = ReceivedBytes(bytes)
        var header = ProxyHeader()
        for end in cuts + [bytes.count] {
            progress = header.parse(received.prefix(end))
            if progress != .incomplete { break }
        }
        guard case .complete(let count) = progress else { return }
        (version, command, tls) = (header.version, header.command, header.tls)
        source = header.addresses?.source.description(withPort: true)
        destination = header.addresses?.destination.description(withPort: true)
        for type in UInt8.min...UInt8.max {
            values[type] =
                header.value(ofType: type, in: received.prefix(count))?.bytes
                ?? ProxyFieldType(rawValue: type)
                .flatMap { header.tls?.value(of: $0, in: received.prefix(count)) }?.bytes
        }
    }

    /// The value of a field as text.
    subscript(type: ProxyFieldType) -> String? {
        values[type.rawValue].map { String(decoding: $0, as: UTF8.self) }
    }

    /// How long the header was; nil if it was none.
    var count: Int? {
        guard case .complete(let count) = progress else { return nil }
        return count
    }
}

/// Builds headers of version 2 that no writer of ours would write.
enum ProxyBytes {
    static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]
    static let v4: [UInt8] = [192, 0, 2, 1, 198, 51, 100, 2, 0xDC, 0x04, 0x01, 0xBB]
    static let v6: [UInt8] =
        [0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [1]
        + [0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [2] + [0xDC, 0x04, 0x01, 0xBB]

    static func header(command: UInt8 = 0x21, family: UInt8 = 0x11, _ block: [UInt8]) -> [UInt8] {
        signature + [command, family, UInt8(block.count >> 8), UInt8(block.count & 255)] + block
    }

    static func field(_ type: UInt8, _ value: [UInt8]) -> [UInt8] {
        [type, UInt8(value.count >> 8), UInt8(value.count & 255)] + value
    }

    static func field(_ type: ProxyFieldType, _ value: String) -> [UInt8] {
        field(type.rawValue, Array(value.utf8))
    }

    /// A header with the right checksum in its last field.
    static func checked(command: UInt8 = 0x21, family: UInt8 = 0x11, _ block: [UInt8]) -> [UInt8] {
        var bytes = header(command: command, family: family, block + field(0x03, [0, 0, 0, 0]))
        var crc = CRC32C()
        bytes.withView { crc.take($0) }
        for i in 0..<4 {
            bytes[bytes.count - 4 + i] = UInt8(truncatingIfNeeded: crc.value >> UInt32(24 - 8 * i))
        }
        return bytes
    }
}
