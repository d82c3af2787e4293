import Basics

/// Numbers and lists in network order, never beyond the end.
struct ByteReader {
    let all: ByteView
    private var at: Int
    private let end: Int

    init(_ all: ByteView, from: Int, to: Int? = nil) {
        self.all = all
        at = from
        end = to ?? all.count
    }

    var isAtEnd: Bool { at == end }

    /// The place of the next `count` bytes.
    mutating func bytes(_ count: Int) -> Range<Int>? {
        guard count <= end - at else { return nil }
        defer { at += count }
        return at..<at + count
    }

    mutating func number(_ count: Int) -> Int? {
        bytes(count)?.reduce(0) { $0 << 8 | Int(all[$1]) }
    }

    /// The place of a list behind its length.
    mutating func list(lengthBytes: Int) -> Range<Int>? {
        guard let count = number(lengthBytes) else { return nil }
        return bytes(count)
    }
}
