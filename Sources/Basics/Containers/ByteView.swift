import Glibc

/// A view of bytes that somebody else owns.
///
/// It is valid until the owner moves or releases them, which for message heads is the end of the call that received
/// the view; it is never stored beyond that. Reading outside of it traps. It exists because a `RawSpan` can not be
/// kept in a struct or an optional without lifetime annotations on every function on the way.
public struct ByteView {
    @usableFromInline let start: UnsafePointer<UInt8>
    /// How many bytes it holds.
    public let count: Int

    /// Views `count` bytes from `start`.
    public init(start: UnsafePointer<UInt8>, count: Int) {
        self.start = start
        self.count = count
    }

    /// No bytes.
    public static var empty: ByteView { ("" as StaticString).view }

    /// Whether it holds no bytes.
    public var isEmpty: Bool { count == 0 }

    /// The byte at `index`.
    public subscript(index: Int) -> UInt8 {
        precondition(index >= 0 && index < count, "byte index out of bounds")
        return start[index]
    }

    /// The bytes in `range`.
    public subscript(range: Range<Int>) -> ByteView {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "byte range out of bounds")
        return ByteView(start: start + range.lowerBound, count: range.count)
    }

    /// The eight bytes from `index` as they stand in memory.
    public func word(at index: Int) -> UInt64 {
        precondition(index >= 0 && index + 8 <= count, "word out of bounds")
        return UnsafeRawPointer(start + index).loadUnaligned(as: UInt64.self)
    }

    /// The bytes from `index` on, eight at most, as they stand in memory, and zero where there are no more.
    public func rest(at index: Int) -> UInt64 {
        precondition(index >= 0 && index <= count, "rest out of bounds")
        let left = count &- index
        let raw = UnsafeRawPointer(start + index)
        if left >= 8 { return raw.loadUnaligned(as: UInt64.self) }
        if left >= 4 {
            // Two words that may overlap: what is in both is the same.
            let low = UInt64(raw.loadUnaligned(as: UInt32.self))
            let high = UInt64(raw.loadUnaligned(fromByteOffset: left &- 4, as: UInt32.self))
            return low | high &<< UInt64(truncatingIfNeeded: (left &- 4) &* 8)
        }
        var word: UInt64 = 0
        for i in 0..<left { word |= UInt64(start[index + i]) &<< UInt64(truncatingIfNeeded: i &* 8) }
        return word
    }

    /// The index of the first `byte` at or after `from`.
    public func firstIndex(of byte: UInt8, from: Int = 0) -> Int? {
        guard from >= 0, from < count, let found = memchr(start + from, Int32(byte), count - from) else {
            return nil
        }
        return UnsafePointer(found.assumingMemoryBound(to: UInt8.self)) - start
    }

    /// The index of the last `byte`.
    public func lastIndex(of byte: UInt8) -> Int? {
        var index = count
        while index > 0 {
            index &-= 1
            if start[index] == byte { return index }
        }
        return nil
    }

    /// Whether the bytes are the same.
    public func equals(_ other: ByteView) -> Bool {
        count == other.count && memcmp(start, other.start, count) == 0
    }

    /// Whether the bytes are those of `text`.
    public func equals(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && memcmp(start, text.utf8Start, count) == 0
    }

    /// Whether the bytes are those of `text`, letters compared without case.
    public func equalsIgnoringCase(_ text: StaticString) -> Bool { equalsIgnoringCase(text.view) }

    /// Whether the bytes are those of `other`, letters compared without case.
    public func equalsIgnoringCase(_ other: ByteView) -> Bool {
        guard count == other.count, count > 0, (start[0] ^ other.start[0]) & 0xDF == 0 else {
            return count == 0 && other.count == 0
        }
        guard count >= 8 else {
            for i in 0..<count where foldCase(start[i]) != foldCase(other.start[i]) { return false }
            return true
        }
        // Eight at a time; the last eight may overlap the ones before.
        var at = 0
        while at &+ 8 < count {
            guard isSame(other, at) else { return false }
            at &+= 8
        }
        return isSame(other, count &- 8)
    }

    /// Whether eight bytes are the same; mostly they are as they stand.
    @inline(__always)
    private func isSame(_ other: ByteView, _ at: Int) -> Bool {
        let (one, two) = (load(at), other.load(at))
        return one == two || foldCase(word: one) == foldCase(word: two)
    }

    private func load(_ index: Int) -> UInt64 {
        UnsafeRawPointer(start + index).loadUnaligned(as: UInt64.self)
    }

    /// Whether an ASCII letter of upper case is there.
    public var hasUppercase: Bool {
        guard count >= 8 else {
            for i in 0..<count where start[i] &- UInt8(ascii: "A") < 26 { return true }
            return false
        }
        // Eight at a time; the last eight may overlap the ones before.
        var at = 0
        while at &+ 8 < count {
            guard uppercase(in: load(at)) == 0 else { return true }
            at &+= 8
        }
        return uppercase(in: load(count &- 8)) != 0
    }

    /// Whether it begins with `other`.
    public func hasPrefix(_ other: ByteView) -> Bool {
        count >= other.count && memcmp(start, other.start, other.count) == 0
    }

    /// Without spaces and tabs at both ends (RFC 9110 5.6.3, OWS).
    public var trimmed: ByteView {
        var first = 0
        var end = count
        while first < end, isBlank(start[first]) { first += 1 }
        while end > first, isBlank(start[end - 1]) { end -= 1 }
        return ByteView(start: start + first, count: end - first)
    }

    /// Calls `body` with the same bytes as a span.
    public func withSpan<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        body(Span(_unsafeStart: start, count: count))
    }

    /// The bytes as text; bytes that are not UTF-8 are replaced. For configuration and logs, not for requests.
    public var string: String {
        String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// A copy of the bytes.
    public var bytes: [UInt8] { Array(UnsafeBufferPointer(start: start, count: count)) }

    /// A decimal number without sign; nil when empty, not all digits, or over `Int64.max`.
    public var decimal: Int64? {
        guard count > 0, count <= 19 else { return nil }
        var value: Int64 = 0
        guard count > 18 else {
            // Eighteen digits always fit.
            for i in 0..<count {
                let digit = start[i] &- UInt8(ascii: "0")
                guard digit <= 9 else { return nil }
                value = value &* 10 &+ Int64(digit)
            }
            return value
        }
        for i in 0..<count {
            let digit = start[i] &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            let (tenfold, overflowA) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowB) = tenfold.addingReportingOverflow(Int64(digit))
            guard !overflowA, !overflowB else { return nil }
            value = sum
        }
        return value
    }

    /// The bytes for a call that needs a pointer; it must not outlive the call.
    public func withPointer<Result>(_ body: (UnsafePointer<UInt8>, Int) throws -> Result) rethrows -> Result {
        try body(start, count)
    }
}

/// ASCII letters to lower case, everything else as it is.
public func foldCase(_ byte: UInt8) -> UInt8 {
    byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
}

/// Eight bytes at once: ASCII letters to lower case, everything else as it is.
private func foldCase(word: UInt64) -> UInt64 { word | uppercase(in: word) >> 2 }

/// The high bits of the bytes that are ASCII letters of upper case.
@inline(__always)
private func uppercase(in word: UInt64) -> UInt64 {
    let low = word & 0x7F7F_7F7F_7F7F_7F7F
    // The high bit of a byte tells: at least `A`, and not above `Z`; bytes from 128 on are no letters.
    let isUpper = (low &+ 0x3F3F_3F3F_3F3F_3F3F) & ~(low &+ 0x2525_2525_2525_2525) & ~word
    return isUpper & 0x8080_8080_8080_8080
}

/// Space or tab.
public func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

extension Array where Element == UInt8 {
    /// Lends the array's bytes as a view for the length of a call.
    public func withView<Result>(_ body: (ByteView) throws -> Result) rethrows -> Result {
        try withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return try body(.empty) }
            return try body(ByteView(start: base, count: buffer.count))
        }
    }
}

extension String {
    /// Lends the text's UTF-8 bytes as a view for the length of a call.
    public func withView<Result>(_ body: (ByteView) throws -> Result) rethrows -> Result {
        var copy = self
        return try copy.withUTF8 { buffer in
            guard let base = buffer.baseAddress else { return try body(.empty) }
            return try body(ByteView(start: base, count: buffer.count))
        }
    }
}

extension StaticString {
    /// The text's bytes; they live as long as the process.
    public var view: ByteView { ByteView(start: utf8Start, count: utf8CodeUnitCount) }
}
