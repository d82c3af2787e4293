/// A way to compress a body, by its name in `Content-Encoding` (RFC 9110 8.4.1).
public enum ContentCoding: UInt8, Sendable, CaseIterable {
    /// Deflate with gzip's head and checksum (RFC 1952).
    case gzip
    /// Deflate with zlib's head and checksum (RFC 1950), which is what `deflate` means.
    case deflate
    /// Deflate alone (RFC 1951), sent under the name `deflate` because some clients want it so.
    case rawDeflate
    /// RFC 7932.
    case brotli
    /// RFC 8878.
    case zstd

    /// The name that travels.
    public var token: StaticString {
        switch self {
        case .gzip: "gzip"
        case .deflate, .rawDeflate: "deflate"
        case .brotli: "br"
        case .zstd: "zstd"
        }
    }

    /// The levels its library knows; a higher one costs more time and makes less. 0 of deflate only packs.
    public var levels: ClosedRange<Int> {
        switch self {
        case .gzip, .deflate, .rawDeflate: 0...9
        case .brotli: 0...11
        case .zstd: 1...19
        }
    }
}
