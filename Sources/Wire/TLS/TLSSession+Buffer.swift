public import Basics

/// As `Socket` does it for plain connections.
extension TLSSession {
    /// Reads into the room behind `buffer`'s end.
    public mutating func read(into buffer: inout Buffer) -> IOResult {
        var outcome = IOResult.wouldBlock
        _ = buffer.withRoom { room, count in
            outcome = read(into: UnsafeMutableRawBufferPointer(start: room, count: count))
        }
        if case .bytes(let count) = outcome { buffer.filled(count) }
        return outcome
    }

    /// Writes `bytes`; fewer if the socket is full.
    public mutating func write(_ bytes: ByteView) -> IOResult {
        bytes.withPointer { start, count in write(UnsafeRawBufferPointer(start: start, count: count)) }
    }
}
