internal import Glibc

extension Span<UInt8> {
    /// Whether these bytes are exactly those of `word`.
    ///
    /// The reason it lives here: a literal's bytes are only reachable through a pointer. The length is compared
    /// first, so both sides are known to hold the bytes that are read.
    public func equals(_ word: StaticString) -> Bool {
        guard word.hasPointerRepresentation, count == word.utf8CodeUnitCount else { return false }
        return withUnsafeBufferPointer { own in
            own.baseAddress.map { memcmp($0, word.utf8Start, own.count) == 0 } ?? true
        }
    }
}
