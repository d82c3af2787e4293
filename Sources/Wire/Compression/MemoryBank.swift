import Glibc

/// Memory for a library that allocates and frees alike for every stream: what is freed is kept and given out again to
/// who asks for the same size. Without it every stream maps a megabyte anew and pays for each of its pages.
final class MemoryBank {
    /// Bytes that are out.
    private(set) var lent = 0
    /// Bytes that are kept.
    private(set) var keptBytes = 0
    private let keep: Int
    private var kept: [UnsafeMutableRawPointer] = []

    /// The size stands before each piece; 16 keeps the piece aligned as malloc's are.
    private static let head = 16

    /// A bank that keeps at most `keep` bytes.
    init(keep: Int) { self.keep = keep }

    deinit { for piece in kept { free(piece) } }

    /// A piece of `size` bytes; nil without memory.
    func take(_ size: Int) -> UnsafeMutableRawPointer? {
        if let index = kept.lastIndex(where: { Self.size(of: $0) == size }) {
            kept.swapAt(index, kept.count - 1)
            let piece = kept.removeLast()
            keptBytes -= size
            lent += size
            return piece + Self.head
        }
        let (whole, overflow) = size.addingReportingOverflow(Self.head)
        guard !overflow, let piece = malloc(whole) else { return nil }
        piece.storeBytes(of: size, as: Int.self)
        lent += size
        return piece + Self.head
    }

    /// Takes a piece back that `take` gave.
    func giveBack(_ memory: UnsafeMutableRawPointer?) {
        guard let memory else { return }
        let piece = memory - Self.head
        let size = Self.size(of: piece)
        lent -= size
        guard keptBytes + size <= keep, kept.count < 64 else { return free(piece) }
        kept.append(piece)
        keptBytes += size
    }

    private static func size(of piece: UnsafeMutableRawPointer) -> Int { piece.load(as: Int.self) }
}
