import Basics
import CZlib

/// Deflate in its three wrappings, by zlib: 32 KiB of window, 264 KiB of memory, kept from body to body.
final class ZlibCompressor: Compressor {
    let coding: ContentCoding
    // zlib compares the address of what it is given with the one it began with.
    private let stream: UnsafeMutablePointer<z_stream>
    private var level: Int
    private var wishedLevel: Int
    private var isFinished = false

    /// HAProxy's `tune.zlib.windowsize` and `tune.zlib.memlevel`: their defaults.
    private static let windowBits: Int32 = 15
    private static let memoryLevel: Int32 = 8

    /// What zlib's documentation says of these settings, and its own state.
    var memory: Int { 1 << (Int(Self.windowBits) + 2) + 1 << (Int(Self.memoryLevel) + 9) + 6_144 }

    /// Nil without memory, or for a coding that is none of zlib's.
    init?(_ coding: ContentCoding, level: Int) {
        let bits: Int32
        switch coding {
        case .gzip: bits = Self.windowBits + 16
        case .deflate: bits = Self.windowBits
        case .rawDeflate: bits = -Self.windowBits
        case .brotli, .zstd: return nil
        }
        self.coding = coding
        self.level = coding.clamped(level)
        wishedLevel = self.level
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let result = deflateInit2_(
            stream, Int32(self.level), Z_DEFLATED, bits, Self.memoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        // `deinit` runs then too: everything is in place, and zlib ends what it did not begin without harm.
        guard result == Z_OK else { return nil }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    func restart(level: Int) -> Bool {
        isFinished = false
        wishedLevel = coding.clamped(level)
        guard deflateReset(stream) == Z_OK else { return false }
        stream.pointee.avail_in = 0
        stream.pointee.avail_out = 0
        guard wishedLevel != self.level else { return true }
        guard deflateParams(stream, Int32(wishedLevel), Z_DEFAULT_STRATEGY) == Z_OK else { return false }
        self.level = wishedLevel
        return true
    }

    func change(level: Int) { wishedLevel = coding.clamped(level) }

    func compress(_ input: ByteView, into output: inout Buffer, _ purpose: CompressionPurpose)
        -> CompressionStep?
    {
        if isFinished { return CompressionStep(consumed: 0, produced: 0, isDone: input.isEmpty) }
        guard output.room >= CompressionStep.leastRoom else { return .stuck }
        let step = input.withPointer { bytes, count in
            output.withRoom { room, roomCount in run(bytes, count, room, roomCount, purpose) } ?? nil
        }
        if let step { output.filled(step.produced) }
        return step
    }

    private func run(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, _ room: UnsafeMutablePointer<UInt8>, _ roomCount: Int,
        _ purpose: CompressionPurpose
    ) -> CompressionStep? {
        let (given, free) = (UInt32(clamping: count), UInt32(clamping: roomCount))
        stream.pointee.next_out = room
        stream.pointee.avail_out = free
        adoptLevel()
        // zlib reads only; its type of the pointer is older than `const`.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes)
        stream.pointee.avail_in = given
        let flush = count > Int(given) ? Z_NO_FLUSH : purpose.zlibFlush
        let result = deflate(stream, flush)
        guard result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR else { return nil }
        isFinished = result == Z_STREAM_END
        let consumed = Int(given - stream.pointee.avail_in)
        let isAllTaken = consumed == count
        let isDone =
            switch purpose {
            case .run: isAllTaken
            // With room left behind it, or nothing left to say, a flush is complete.
            case .flush: isAllTaken && (stream.pointee.avail_out > 0 || result == Z_BUF_ERROR)
            case .finish: isFinished
            }
        return CompressionStep(
            consumed: consumed, produced: Int(free - stream.pointee.avail_out), isDone: isDone)
    }

    /// May give out what was taken at the old level; if there is no room for that, it is tried again.
    private func adoptLevel() {
        guard wishedLevel != level else { return }
        stream.pointee.avail_in = 0
        if deflateParams(stream, Int32(wishedLevel), Z_DEFAULT_STRATEGY) == Z_OK { level = wishedLevel }
    }
}

extension CompressionPurpose {
    fileprivate var zlibFlush: Int32 {
        switch self {
        case .run: Z_NO_FLUSH
        case .flush: Z_SYNC_FLUSH
        case .finish: Z_FINISH
        }
    }
}
