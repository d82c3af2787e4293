/// Bytes in memory of exactly their size (and the slack that buffers promise behind it), so that the address sanitizer
/// sees any access outside.
struct ExactMemory: ~Copyable {
    /// The first byte.
    let start: UnsafeMutablePointer<UInt8>

    /// Copies `bytes`; `slack` more bytes may be read behind them, and hold what would mislead a careless reader.
    init(_ bytes: ArraySlice<UInt8>, slack: Int = 32) {
        start = .allocate(capacity: max(1, bytes.count + slack))
        var i = 0
        for byte in bytes {
            start[i] = byte
            i += 1
        }
        for extra in 0..<slack { start[i + extra] = extra % 2 == 0 ? 13 : 10 }
    }

    deinit { start.deallocate() }
}
