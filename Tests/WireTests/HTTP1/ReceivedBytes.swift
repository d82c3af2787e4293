@testable import Basics

/// Bytes as they stand in a receive buffer: behind them lies what would mislead a reader that goes too far.
final class ReceivedBytes {
    private let memory: UnsafeMutablePointer<UInt8>
    let count: Int

    init(_ bytes: [UInt8]) {
        count = bytes.count
        let misleading = Array("\r\n\r\nX: 1\r\n\r\n".utf8)
        memory = .allocate(capacity: bytes.count + Buffer.slack)
        for i in 0..<bytes.count { memory[i] = bytes[i] }
        for i in 0..<Buffer.slack { memory[bytes.count + i] = misleading[i % misleading.count] }
    }

    deinit { memory.deallocate() }

    func prefix(_ count: Int) -> ByteView { ByteView(start: UnsafePointer(memory), count: count) }
}

extension ByteView {
    /// The bytes as text, for comparisons.
    var text: String { String(decoding: bytes, as: UTF8.self) }
}
