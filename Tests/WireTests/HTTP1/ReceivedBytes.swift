import Synchronization

@testable import Basics

/// Bytes as they stand in a receive buffer: behind them lies what would mislead a reader that goes too far.
///
/// They stay until the tests end, so that a view may outlive the expression that made it.
final class ReceivedBytes {
    private let memory: UnsafeMutablePointer<UInt8>
    let count: Int

    private static let kept = Mutex<[UInt]>([])

    init(_ bytes: [UInt8]) {
        count = bytes.count
        let misleading = Array("\r\n\r\nX: 1\r\n\r\n".utf8)
        memory = .allocate(capacity: bytes.count + Buffer.slack)
        ReceivedBytes.kept.withLock { $0.append(UInt(bitPattern: memory)) }
        for i in 0..<bytes.count { memory[i] = bytes[i] }
        for i in 0..<Buffer.slack { memory[bytes.count + i] = misleading[i % misleading.count] }
    }

    func prefix(_ count: Int) -> ByteView { ByteView(start: UnsafePointer(memory), count: count) }
}

extension ByteView {
    /// The bytes as text, for comparisons.
    var text: String { String(decoding: bytes, as: UTF8.self) }
}
