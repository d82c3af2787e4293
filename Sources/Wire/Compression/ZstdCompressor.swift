import Basics
import CZstd

/// Zstandard, by its library: 128 KiB of window, some 1.3 MiB of memory, kept from body to body.
///
/// RFC 9659 allows a window of 8 MiB; bodies of the web gain little beyond what is bounded here.
final class ZstdCompressor: Compressor {
    let coding = ContentCoding.zstd
    private let context: OpaquePointer
    private var isFinished = false

    private static let windowLog: Int32 = 17

    var memory: Int { ZSTD_sizeof_CCtx(context) }

    /// Nil without memory.
    init?(level: Int) {
        guard let context = ZSTD_createCCtx() else { return nil }
        self.context = context
        guard restart(level: level) else { return nil }
    }

    deinit { ZSTD_freeCCtx(context) }

    func restart(level: Int) -> Bool {
        isFinished = false
        ZSTD_CCtx_reset(context, ZSTD_reset_session_only)
        let settings: [(ZSTD_cParameter, Int32)] = [
            (ZSTD_c_compressionLevel, Int32(coding.clamped(level))), (ZSTD_c_windowLog, Self.windowLog),
        ]
        return settings.allSatisfy { ZSTD_isError(ZSTD_CCtx_setParameter(context, $0, $1)) == 0 }
    }

    /// The library changes its level between bodies only.
    func change(level: Int) {}

    func compress(_ input: ByteView, into output: inout Buffer, _ purpose: CompressionPurpose)
        -> CompressionStep?
    {
        if isFinished { return CompressionStep(consumed: 0, produced: 0, isDone: input.isEmpty) }
        guard output.room >= CompressionStep.leastRoom else { return .stuck }
        let step = input.withPointer { bytes, count in
            output.withRoom { room, roomCount -> CompressionStep? in
                var source = ZSTD_inBuffer(src: bytes, size: count, pos: 0)
                var target = ZSTD_outBuffer(dst: room, size: roomCount, pos: 0)
                let left = ZSTD_compressStream2(context, &target, &source, purpose.zstdDirective)
                guard ZSTD_isError(left) == 0 else { return nil }
                let isAllTaken = source.pos == count
                let isDone = isAllTaken && (purpose == .run || left == 0)
                isFinished = purpose == .finish && isDone
                return CompressionStep(consumed: source.pos, produced: target.pos, isDone: isDone)
            } ?? nil
        }
        if let step { output.filled(step.produced) }
        return step
    }
}

extension CompressionPurpose {
    fileprivate var zstdDirective: ZSTD_EndDirective {
        switch self {
        case .run: ZSTD_e_continue
        case .flush: ZSTD_e_flush
        case .finish: ZSTD_e_end
        }
    }
}
