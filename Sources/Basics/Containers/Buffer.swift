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
    var base: UnsafeMutablePointer<UInt8>?
    /// Where the unconsumed bytes begin.
    public private(set) var start: UInt32 = 0
    /// Where they end.
    public private(set) var end: UInt32 = 0
    /// How many bytes fit, head room included.
    public private(set) var capacity: UInt32 = 0

    /// Readable bytes after the capacity.
    public static var slack: Int { 64 }

    /// A buffer without memory.
    public init() { base = nil }

    /// A buffer with memory of its own, e.g. a worker's scratch.
    public init(capacity: Int) {
        base = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity + Buffer.slack)
        base?.initialize(repeating: 0, count: capacity + Buffer.slack)
        self.capacity = UInt32(capacity)
    }

    deinit { base?.deallocate() }

    /// Whether it has memory.
    public var hasMemory: Bool { base != nil }
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
        end = UInt32(headRoom)
    }

    /// Takes `count` bytes from the start.
    public mutating func consume(_ count: Int) {
        precondition(count >= 0 && count <= self.count, "consumed more than there is")
        start &+= UInt32(count)
    }

    /// Drops bytes from the end until `count` are left.
    public mutating func truncate(to count: Int) {
        precondition(count >= 0 && count <= self.count, "truncated to more than there is")
        end = start &+ UInt32(count)
    }

    /// Appends `bytes`; false, and nothing appended, if they do not fit.
    @discardableResult
    public mutating func append(_ bytes: ByteView) -> Bool {
        guard let base, bytes.count <= room else { return bytes.count == 0 }
        memcpy(base + Int(end), bytes.start, bytes.count)
        end &+= UInt32(bytes.count)
        return true
    }

    /// Appends one byte; false if it does not fit.
    @discardableResult
    public mutating func append(_ byte: UInt8) -> Bool {
        guard let base, room > 0 else { return false }
        base[Int(end)] = byte
        end &+= 1
        return true
    }

    /// Appends a text; false if it does not fit.
    @discardableResult
    public mutating func append(_ text: StaticString) -> Bool { append(text.view) }

    /// Appends a number in decimal; false if it does not fit.
    @discardableResult
    public mutating func append(decimal value: Int64) -> Bool {
        var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
        return withUnsafeMutableBytes(of: &digits) { space in
            var rest = value.magnitude
            var at = 24
            repeat {
                at -= 1
                space[at] = UInt8(truncatingIfNeeded: rest % 10) &+ UInt8(ascii: "0")
                rest /= 10
            } while rest > 0
            if value < 0 {
                at -= 1
                space[at] = UInt8(ascii: "-")
            }
            guard let digits = space.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return false }
            return append(ByteView(start: digits + at, count: 24 - at))
        }
    }

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

    /// Moves the waiting bytes to offset 0, so that all room is behind them.
    public mutating func compact() {
        guard let base, start > 0 else { return }
        let count = self.count
        if count > 0 { memmove(base, base + Int(start), count) }
        start = 0
        end = UInt32(count)
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
        end &+= UInt32(count)
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
        end = 0
        capacity = 0
        return memory
    }

    fileprivate mutating func adopt(_ memory: UnsafeMutablePointer<UInt8>, capacity: Int) {
        base = memory
        start = 0
        end = 0
        self.capacity = UInt32(capacity)
    }
}

private func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? value &+ UInt8(ascii: "0") : value &- 10 &+ UInt8(ascii: "a")
}

/// Memory for the buffers of one worker: last in, first out, so that it is hot in the cache.
///
/// At most `keep` pieces are kept; the rest goes back to the system.
public final class BufferPool {
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

    /// Gives `buffer` memory if it has none.
    public func lend(to buffer: inout Buffer) {
        guard !buffer.hasMemory else { return }
        lent &+= 1
        guard keptCount > 0 else {
            // Zeroed once so that the slack never reads as uninitialised.
            let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: size + Buffer.slack)
            (memory + size).initialize(repeating: 0, count: Buffer.slack)
            buffer.adopt(memory, capacity: size)
            return
        }
        keptCount &-= 1
        buffer.adopt(kept[keptCount], capacity: size)
    }

    /// Takes `buffer`'s memory back; its bytes are gone.
    public func takeBack(_ buffer: inout Buffer) {
        guard let memory = buffer.surrender() else { return }
        lent &-= 1
        guard keptCount < keep else {
            memory.deallocate()
            return
        }
        kept[keptCount] = memory
        keptCount &+= 1
    }
}
