import Glibc

/// Bytes on their way: filled at the end, consumed at the start.
///
/// ```
///   base            start              end              capacity   + slack
///    │  head room     │   bytes         │   room           │ 64 bytes, readable
/// ```
/// A buffer without memory costs 24 bytes; memory comes from and returns to a `BufferPool`, so a connection holds
/// some only while a message is in flight. The slack lets scanners load eight bytes at a time.
public struct Buffer: ~Copyable {
    // Only what writes is inlinable, and what it touches: with the lengths of literals known where they are written
    // a piece costs 12 instructions instead of 40.
    @usableFromInline var base: UnsafeMutablePointer<UInt8>?
    @usableFromInline var endOffset: UInt32 = 0
    @usableFromInline var limit: UInt32 = 0
    /// Where the unconsumed bytes begin.
    public private(set) var start: UInt32 = 0
    /// Where they end.
    public var end: UInt32 { endOffset }
    /// How many bytes fit, head room included.
    public var capacity: UInt32 { limit }

    /// Readable bytes after the capacity.
    public static var slack: Int { 64 }

    /// A buffer without memory.
    public init() { base = nil }

    /// A buffer with memory of its own, e.g. a worker's scratch.
    public init(capacity: Int) {
        base = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity + Buffer.slack)
        base?.initialize(repeating: 0, count: capacity + Buffer.slack)
        limit = UInt32(capacity)
    }

    deinit { base?.deallocate() }

    /// Whether it has memory.
    @inlinable public var hasMemory: Bool { base != nil }
    /// How many bytes wait in it.
    public var count: Int { Int(end &- start) }
    /// Whether none wait.
    public var isEmpty: Bool { start == end }
    /// How many bytes fit behind the end.
    public var room: Int { Int(capacity &- end) }

    /// The waiting bytes.
    public var view: ByteView {
        guard let base else { return .empty }
        return ByteView(start: UnsafePointer(base) + Int(start), count: count)
    }

    /// All memory from offset 0 to the end, for offsets that were taken before bytes were consumed.
    public var viewFromBase: ByteView {
        guard let base else { return .empty }
        return ByteView(start: UnsafePointer(base), count: Int(end))
    }

    /// Empties the buffer and leaves `headRoom` bytes free in front.
    public mutating func reset(headRoom: Int = 0) {
        precondition(headRoom >= 0 && headRoom <= Int(capacity), "head room beyond the buffer")
        start = UInt32(headRoom)
        endOffset = UInt32(headRoom)
    }

    /// Takes `count` bytes from the start.
    public mutating func consume(_ count: Int) {
        precondition(count >= 0 && count <= self.count, "consumed more than there is")
        start &+= UInt32(count)
    }

    /// Drops bytes from the end until `count` are left.
    public mutating func truncate(to count: Int) {
        precondition(count >= 0 && count <= self.count, "truncated to more than there is")
        endOffset = start &+ UInt32(count)
    }

    /// Appends `bytes`; false, and nothing appended, if they do not fit.
    @discardableResult
    @inlinable
    public mutating func append(_ bytes: ByteView) -> Bool {
        guard let base, bytes.count <= Int(limit &- endOffset) else { return bytes.count == 0 }
        copyShort(from: bytes.start, to: base + Int(endOffset), count: bytes.count)
        endOffset &+= UInt32(bytes.count)
        return true
    }

    /// Appends one byte; false if it does not fit.
    @discardableResult
    @inlinable
    public mutating func append(_ byte: UInt8) -> Bool {
        guard let base, limit > endOffset else { return false }
        base[Int(endOffset)] = byte
        endOffset &+= 1
        return true
    }

    /// Appends a text; false if it does not fit.
    @discardableResult
    @inlinable
    @inline(__always)
    public mutating func append(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard let base, count <= Int(limit &- endOffset) else { return count == 0 }
        copyShort(from: text.utf8Start, to: base + Int(endOffset), count: count)
        endOffset &+= UInt32(truncatingIfNeeded: count)
        return true
    }

    /// Appends what `body` writes: all of it, or nothing and false if it did not fit.
    @discardableResult
    @inlinable
    @inline(__always)
    public mutating func write(_ body: (inout ByteWriter) -> Void) -> Bool {
        guard let base else { return false }
        var writer = ByteWriter(at: base + Int(endOffset), end: base + Int(limit))
        body(&writer)
        guard !writer.hasOverflowed else { return false }
        endOffset = UInt32(truncatingIfNeeded: writer.at - base)
        return true
    }

    /// Appends a number in decimal; false if it does not fit.
    @discardableResult
    public mutating func append(decimal value: Int64) -> Bool { write { $0.append(decimal: value) } }

    /// Appends a number in lower-case hexadecimal, without leading zeros; false if it does not fit.
    @discardableResult
    public mutating func append(hex value: UInt64) -> Bool {
        var shift = max(0, (63 - value.leadingZeroBitCount) / 4 * 4)
        if value == 0 { shift = 0 }
        guard room > shift / 4 else { return false }
        while shift >= 0 {
            append(hexDigit(UInt8(truncatingIfNeeded: value >> UInt64(shift)) & 15))
            shift -= 4
        }
        return true
    }

    /// Takes bytes out of the middle; those behind them move up.
    public mutating func remove(_ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "removed what is not there")
        guard let base, !range.isEmpty else { return }
        let hole = base + Int(start) + range.lowerBound
        memmove(hole, hole + range.count, count - range.upperBound)
        endOffset &-= UInt32(range.count)
    }

    /// Moves the waiting bytes to offset 0, so that all room is behind them.
    public mutating func compact() {
        guard let base, start > 0 else { return }
        let count = self.count
        if count > 0 { memmove(base, base + Int(start), count) }
        start = 0
        endOffset = UInt32(count)
    }

    /// Puts `bytes` in front of the waiting ones; false, and nothing done, if the head room is too small.
    public mutating func prepend(_ bytes: ByteView) -> Bool {
        guard let base, bytes.count <= Int(start) else { return false }
        start &-= UInt32(bytes.count)
        memcpy(base + Int(start), bytes.start, bytes.count)
        return true
    }

    /// Moves the end by `count` bytes that were written behind it by other means (a read from a socket).
    public mutating func filled(_ count: Int) {
        precondition(count >= 0 && count <= room, "filled beyond the room")
        endOffset &+= UInt32(count)
    }

    /// The room behind the end, for a read from a socket; pointer and length are good for the call only.
    public mutating func withRoom<Result>(_ body: (UnsafeMutablePointer<UInt8>, Int) -> Result) -> Result? {
        guard let base else { return nil }
        return body(base + Int(end), room)
    }

    /// The waiting bytes, for a decoder that works in place; good for the call only.
    public mutating func withMutableBytes<Result>(_ body: (UnsafeMutablePointer<UInt8>, Int) -> Result)
        -> Result?
    {
        guard let base else { return nil }
        return body(base + Int(start), count)
    }

    fileprivate mutating func surrender() -> UnsafeMutablePointer<UInt8>? {
        let memory = base
        base = nil
        start = 0
        endOffset = 0
        limit = 0
        return memory
    }

    fileprivate mutating func adopt(_ memory: UnsafeMutablePointer<UInt8>, capacity: Int) {
        base = memory
        start = 0
        endOffset = 0
        limit = UInt32(capacity)
    }
}

/// A copy of mostly short pieces: two overlapping words instead of a call (a head is some sixty of them).
@inlinable
@inline(__always)
func copyShort(from source: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<UInt8>, count: Int) {
    typealias Block = SIMD16<UInt8>
    let (from, to) = (UnsafeRawPointer(source), UnsafeMutableRawPointer(target))
    if count > 64 {
        copyLong(from: source, to: target, count: count)
    } else if count > 32 {
        let (one, two) = (
            from.loadUnaligned(as: Block.self), from.loadUnaligned(fromByteOffset: 16, as: Block.self)
        )
        let (three, four) = (
            from.loadUnaligned(fromByteOffset: count &- 32, as: Block.self),
            from.loadUnaligned(fromByteOffset: count &- 16, as: Block.self)
        )
        to.storeBytes(of: one, as: Block.self)
        to.storeBytes(of: two, toByteOffset: 16, as: Block.self)
        to.storeBytes(of: three, toByteOffset: count &- 32, as: Block.self)
        to.storeBytes(of: four, toByteOffset: count &- 16, as: Block.self)
    } else if count >= 16 {
        let last = from.loadUnaligned(fromByteOffset: count &- 16, as: Block.self)
        to.storeBytes(of: from.loadUnaligned(as: Block.self), as: Block.self)
        to.storeBytes(of: last, toByteOffset: count &- 16, as: Block.self)
    } else if count >= 8 {
        let last = from.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
        to.storeBytes(of: from.loadUnaligned(as: UInt64.self), as: UInt64.self)
        to.storeBytes(of: last, toByteOffset: count &- 8, as: UInt64.self)
    } else if count >= 4 {
        let last = from.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
        to.storeBytes(of: from.loadUnaligned(as: UInt32.self), as: UInt32.self)
        to.storeBytes(of: last, toByteOffset: count &- 4, as: UInt32.self)
    } else {
        for i in 0..<count { target[i] = source[i] }
    }
}

@usableFromInline
func copyLong(from source: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<UInt8>, count: Int) {
    memcpy(target, source, count)
}

private func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? value &+ UInt8(ascii: "0") : value &- 10 &+ UInt8(ascii: "a")
}

/// Memory for the buffers of one worker: last in, first out, so that it is hot in the cache.
///
/// At most `keep` pieces are kept; the rest goes back to the system.
public final class BufferPool {
    /// From here on, in bytes, a piece should come from the system by itself and go back by itself: buffers of bodies are larger,
    /// those of heads smaller.
    public static var largePiece: Int { 64 * 1024 }
    /// The size of each buffer in bytes.
    public let size: Int
    private let keep: Int
    private let kept: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>>
    private var keptCount = 0
    /// How many buffers are out.
    public private(set) var lent = 0

    /// A pool of buffers of `size` bytes that keeps at most `keep` unused ones.
    public init(size: Int, keep: Int) {
        self.size = size
        self.keep = keep
        kept = .allocate(capacity: keep)
    }

    deinit {
        for i in 0..<keptCount { kept[i].deallocate() }
        kept.deallocate()
    }

    /// Gives `buffer` memory if it has none: of the pool's size, or of as many bytes as are asked for, if more.
    @inlinable
    @inline(__always)
    public func lend(to buffer: inout Buffer, atLeast bytes: Int = 0) {
        if !buffer.hasMemory { fill(&buffer, atLeast: bytes) }
    }

    @usableFromInline
    func fill(_ buffer: inout Buffer, atLeast bytes: Int) {
        lent &+= 1
        if bytes > size {
            return buffer.adopt(newMemory(bytes), capacity: bytes)
        }
        guard keptCount > 0 else {
            buffer.adopt(newMemory(size), capacity: size)
            return
        }
        keptCount &-= 1
        buffer.adopt(kept[keptCount], capacity: size)
    }

    /// Its slack is zero, so that it never reads as uninitialised. Large pieces come from the system as zeroes and are not touched:
    /// a page that no byte is written to costs nothing.
    private func newMemory(_ bytes: Int) -> UnsafeMutablePointer<UInt8> {
        if bytes >= BufferPool.largePiece, let zeroes = calloc(1, bytes + Buffer.slack) {
            return zeroes.bindMemory(to: UInt8.self, capacity: bytes + Buffer.slack)
        }
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes + Buffer.slack)
        (memory + bytes).initialize(repeating: 0, count: Buffer.slack)
        return memory
    }

    /// Takes `buffer`'s memory back; its bytes are gone. Most buffers asked for it have none.
    @inlinable
    @inline(__always)
    public func takeBack(_ buffer: inout Buffer) {
        if buffer.hasMemory { drain(&buffer) }
    }

    @usableFromInline
    func drain(_ buffer: inout Buffer) {
        let isOfOurSize = buffer.capacity == size
        guard let memory = buffer.surrender() else { return }
        lent &-= 1
        guard keptCount < keep, isOfOurSize else {
            memory.deallocate()
            return
        }
        kept[keptCount] = memory
        keptCount &+= 1
    }
}
