import Basics
import CBrotli

/// Brotli, by its library: 64 KiB of window, 1.9 MB of memory up to level 9. A window of 256 KiB would take 3.6 MB to
/// make a page 1 % smaller.
///
/// The library can not begin a second body with what it holds for the first; so its memory comes from a bank, which
/// has it ready when the next body allocates the same again.
final class BrotliCompressor: Compressor {
    let coding = ContentCoding.brotli
    private let bank = MemoryBank(keep: 2_097_152)
    private var state: OpaquePointer?

    private static let windowBits: UInt32 = 16

    var memory: Int { bank.lent + bank.keptBytes }

    /// Nil without memory.
    init?(level: Int) {
        guard restart(level: level) else { return nil }
    }

    deinit { BrotliEncoderDestroyInstance(state) }

    func restart(level: Int) -> Bool {
        BrotliEncoderDestroyInstance(state)
        // The bank outlives the state, which is destroyed before this object lets go of the bank.
        let opaque = Unmanaged.passUnretained(bank).toOpaque()
        state = BrotliEncoderCreateInstance(
            { bank, size in
                bank.map { Unmanaged<MemoryBank>.fromOpaque($0).takeUnretainedValue() }?.take(size)
            },
            { bank, memory in
                bank.map { Unmanaged<MemoryBank>.fromOpaque($0).takeUnretainedValue() }?.giveBack(memory)
            },
            opaque)
        guard state != nil else { return false }
        return BrotliEncoderSetParameter(state, BROTLI_PARAM_QUALITY, UInt32(coding.clamped(level))) != 0
            && BrotliEncoderSetParameter(state, BROTLI_PARAM_LGWIN, Self.windowBits) != 0
    }

    /// The library changes its level between bodies only.
    func change(level: Int) {}

    func compress(_ input: ByteView, into output: inout Buffer, _ purpose: CompressionPurpose)
        -> CompressionStep?
    {
        guard BrotliEncoderIsFinished(state) == 0 else {
            return CompressionStep(consumed: 0, produced: 0, isDone: input.isEmpty)
        }
        guard output.room >= CompressionStep.leastRoom else { return .stuck }
        let step = input.withPointer { bytes, count in
            output.withRoom { room, roomCount -> CompressionStep? in
                var (left, free) = (count, roomCount)
                var (next, target): (UnsafePointer<UInt8>?, UnsafeMutablePointer<UInt8>?) = (bytes, room)
                guard
                    BrotliEncoderCompressStream(
                        state, purpose.brotliOperation, &left, &next, &free, &target, nil) != 0
                else { return nil }
                let isDone =
                    switch purpose {
                    case .run: left == 0
                    case .flush: left == 0 && BrotliEncoderHasMoreOutput(state) == 0
                    case .finish: BrotliEncoderIsFinished(state) != 0
                    }
                return CompressionStep(consumed: count - left, produced: roomCount - free, isDone: isDone)
            } ?? nil
        }
        if let step { output.filled(step.produced) }
        return step
    }
}

extension CompressionPurpose {
    fileprivate var brotliOperation: BrotliEncoderOperation {
        switch self {
        case .run: BROTLI_OPERATION_PROCESS
        case .flush: BROTLI_OPERATION_FLUSH
        case .finish: BROTLI_OPERATION_FINISH
        }
    }
}
