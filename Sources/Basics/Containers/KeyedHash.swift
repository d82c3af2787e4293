/// Hashes of foreign keys: their seed is the process's, so that nobody outside can choose two that meet.
public enum KeyedHash {
    /// The hash of bytes.
    public static func hash(_ bytes: ByteView) -> UInt64 {
        var hasher = Hasher()
        bytes.withPointer { start, count in
            hasher.combine(bytes: UnsafeRawBufferPointer(start: start, count: count))
        }
        return UInt64(truncatingIfNeeded: hasher.finalize())
    }

    /// The hash of two words.
    public static func hash(_ first: UInt64, _ second: UInt64) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(first)
        hasher.combine(second)
        return UInt64(truncatingIfNeeded: hasher.finalize())
    }
}
