public import Basics

/// Compresses one body, piece by piece, by its library. One worker's; a `CompressorPool` lends it.
///
/// ```
///   compress(input, into: output, .run)     as much as fits; call again with the rest of the input when there is room
///   …                              .flush    what was given so far can be read by the client then
///   …                              .finish   the end
/// ```
public protocol Compressor: AnyObject {
    /// What it makes.
    var coding: ContentCoding { get }
    /// How many bytes of memory its library holds for it.
    var memory: Int { get }

    /// Takes bytes from `input` and appends to `output` what it makes of them, as far as there is room. Until a flush
    /// or the end is done, it is called again with the same purpose and the rest of the input. Nil if the library
    /// failed: the body can not be completed.
    func compress(_ input: ByteView, into output: inout Buffer, _ purpose: CompressionPurpose)
        -> CompressionStep?

    /// Begins a new body; false if the library failed.
    func restart(level: Int) -> Bool

    /// Compresses what comes at another level, where the library can: deflate's does.
    func change(level: Int)
}

/// What a compressor is called for.
public enum CompressionPurpose: Sendable {
    /// To take input; what it makes may wait for more.
    case run
    /// To give out all that was taken.
    case flush
    /// To end the body.
    case finish
}

/// What one call of a compressor did.
public struct CompressionStep: Sendable, Equatable {
    /// Bytes it took from the input.
    public var consumed: Int
    /// Bytes it appended.
    public var produced: Int
    /// Whether the purpose is fulfilled: all input taken, and everything given out if that was asked for.
    public var isDone: Bool

    /// Below this room no library is asked: they would repeat markers, or do nothing.
    static var leastRoom: Int { 16 }

    /// Nothing was done for want of room.
    static var stuck: CompressionStep { CompressionStep(consumed: 0, produced: 0, isDone: false) }
}

extension ContentCoding {
    /// The level its library is given for a wished one.
    func clamped(_ level: Int) -> Int { min(max(level, levels.lowerBound), levels.upperBound) }
}
