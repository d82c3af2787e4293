import CBrotliDecoder
import CZlib
import CZstd
import Wire

/// What the libraries' own decoders make of a compressed body.
enum Decompression {
    /// What can be read of `bytes`; nil if they are broken, or `isWhole` and not at their end.
    static func decoded(_ bytes: [UInt8], _ coding: ContentCoding, isWhole: Bool = true) -> [UInt8]? {
        switch coding {
        case .gzip: inflated(bytes, bits: 15 + 16, isWhole)
        case .deflate: inflated(bytes, bits: 15, isWhole)
        case .rawDeflate: inflated(bytes, bits: -15, isWhole)
        case .brotli: brotli(bytes, isWhole)
        case .zstd: zstd(bytes, isWhole)
        }
    }

    private static let most = 4_194_304

    private static func inflated(_ bytes: [UInt8], bits: Int32, _ isWhole: Bool) -> [UInt8]? {
        var stream = z_stream()
        guard inflateInit2_(&stream, bits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            return nil
        }
        defer { inflateEnd(&stream) }
        var (input, output) = (bytes, [UInt8](repeating: 0, count: most))
        let result = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                return inflate(&stream, Z_SYNC_FLUSH)
            }
        }
        let isGood =
            result == Z_STREAM_END
            ? stream.avail_in == 0 : !isWhole && (result == Z_OK || result == Z_BUF_ERROR)
        return isGood ? Array(output.prefix(Int(stream.total_out))) : nil
    }

    private static func brotli(_ bytes: [UInt8], _ isWhole: Bool) -> [UInt8]? {
        let state = BrotliDecoderCreateInstance(nil, nil, nil)
        defer { BrotliDecoderDestroyInstance(state) }
        var output = [UInt8](repeating: 0, count: most)
        var (left, room, total) = (bytes.count, output.count, 0)
        let result = bytes.withUnsafeBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                var (next, target) = (input.baseAddress, output.baseAddress)
                return BrotliDecoderDecompressStream(state, &left, &next, &room, &target, &total)
            }
        }
        let isEnd = result == BROTLI_DECODER_RESULT_SUCCESS && left == 0
        let isGood = isEnd || !isWhole && result == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT
        return isGood ? Array(output.prefix(total)) : nil
    }

    private static func zstd(_ bytes: [UInt8], _ isWhole: Bool) -> [UInt8]? {
        let context = ZSTD_createDCtx()
        defer { ZSTD_freeDCtx(context) }
        var output = [UInt8](repeating: 0, count: most)
        return bytes.withUnsafeBufferPointer { input in
            let written = output.withUnsafeMutableBufferPointer { output -> Int? in
                var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
                var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
                var result = 1
                while source.pos < source.size {
                    result = ZSTD_decompressStream(context, &target, &source)
                    if ZSTD_isError(result) != 0 { return nil }
                }
                return isWhole && result != 0 ? nil : target.pos
            }
            return written.map { Array(output.prefix($0)) }
        }
    }
}
