/// The compressors of one worker: a bounded number at work, a bounded number kept with their memory for the next body.
public final class CompressorPool {
    private let limit: Int
    private let keep: Int
    private var kept: [any Compressor] = []
    /// How many are at work.
    public private(set) var lent = 0

    /// A pool of at most `limit` compressors at work, of which `keep` are kept when they are done.
    public init(limit: Int, keep: Int) {
        self.limit = limit
        self.keep = keep
    }

    /// A compressor at the beginning of a body; nil when all are at work or there is no memory: the body then goes out
    /// as it is.
    public func take(_ coding: ContentCoding, level: Int) -> (any Compressor)? {
        guard lent < limit, let compressor = reuse(coding, level) ?? make(coding, level) else { return nil }
        lent += 1
        return compressor
    }

    /// Takes one back, in whatever state.
    public func takeBack(_ compressor: any Compressor) {
        lent -= 1
        if kept.count < keep { kept.append(compressor) }
    }

    private func reuse(_ coding: ContentCoding, _ level: Int) -> (any Compressor)? {
        guard let index = kept.lastIndex(where: { $0.coding == coding }) else { return nil }
        let compressor = kept.remove(at: index)
        return compressor.restart(level: level) ? compressor : nil
    }

    private func make(_ coding: ContentCoding, _ level: Int) -> (any Compressor)? {
        switch coding {
        case .gzip, .deflate, .rawDeflate: ZlibCompressor(coding, level: level)
        case .brotli: BrotliCompressor(level: level)
        case .zstd: ZstdCompressor(level: level)
        }
    }
}
