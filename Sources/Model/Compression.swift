/// Which answers are compressed, and how: HAProxy's `compression` in a frontend or backend.
public struct Compression: Sendable, Equatable {
    /// What may be used; of those a client likes equally, the first. Empty: nothing is compressed.
    public var algorithms: [CompressionAlgorithm]
    /// The media types that are compressed, compared from their beginning without case; empty: all but multipart ones.
    public var types: [String]
    /// The fewest bytes a body must have, where its length is known. Default 0.
    public var minSize: Int64
    /// Whether servers are kept from compressing: they do not see what the client accepts. Default off.
    public var isOffload: Bool

    /// HAProxy's defaults, with the given algorithms.
    public init(algorithms: [CompressionAlgorithm]) {
        self.algorithms = algorithms
        types = []
        minSize = 0
        isOffload = false
    }
}

/// A way to compress, under the name it has in configuration.
public enum CompressionAlgorithm: String, Sendable, CaseIterable {
    case gzip
    /// With zlib's head, which is what the name means in HTTP.
    case deflate
    /// Without it, under the same name in HTTP, for clients that want it so.
    case rawDeflate = "raw-deflate"
    case brotli = "br"
    case zstd
}

/// What compression may cost, for the whole process.
public struct CompressionLimits: Sendable, Equatable {
    /// The highest level of gzip and deflate, 1-9 (`tune.comp.maxlevel`). Default 1.
    public var maxLevel: Int
    /// The level of brotli, 0-11. Default 4: HAProxy has none; above it time grows much faster than size shrinks.
    public var brotliLevel: Int
    /// The level of zstd, 1-19. Default 3, its library's.
    public var zstdLevel: Int
    /// Bytes per second before compression beyond which no further body is compressed and levels sink; 0 is no limit
    /// (`maxcomprate`, which is given in kilobytes). Default 0.
    public var maxRate: Int64
    /// Per cent of a worker's time in use beyond which the same happens (`maxcompcpuusage`). Default 100: never.
    public var maxCPUUsage: Int
    /// The most bodies a worker compresses at a time; more go out as they are. HAProxy bounds their memory instead
    /// (`maxzlibmem`). Default 256: 66 MiB if all are gzip, 480 MB if all are brotli.
    public var maxStreams: Int

    /// The defaults.
    public init() {
        (maxLevel, brotliLevel, zstdLevel) = (1, 4, 3)
        (maxRate, maxCPUUsage, maxStreams) = (0, 100, 256)
    }
}
