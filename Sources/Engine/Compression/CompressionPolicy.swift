import Basics
import Model
import Wire

/// Whether and how an answer is compressed: HAProxy's conditions, with brotli and zstd besides.
///
/// ```
///   request   AcceptedCodings ─► choose ─► a coding, kept until the answer comes
///   answer    CompressionAnswer ─► verdict ─► .compress, or why not
///             writeFields      ─► Content-Encoding, Vary, ETag; Content-Length and the old ETag are dropped
/// ```
final class CompressionPolicy: Sendable {
    private let codings: FixedArray<ContentCoding>
    private let types: FixedArray<UInt8>
    private let minSize: Int64
    /// Whether servers are not told what the client accepts, once a coding was chosen.
    let isOffload: Bool

    init(_ settings: Compression) {
        codings = FixedArray(count: settings.algorithms.count) { ContentCoding(settings.algorithms[$0]) }
        // One after the other, each ended by a byte no type contains.
        types = FixedArray(settings.types.filter { !$0.isEmpty }.map { "\($0)\n" }.joined())
        minSize = settings.minSize
        isOffload = settings.isOffload
    }

    /// The coding the client likes best; of several the first of the configuration. Nil if it takes none of ours, or
    /// likes the body as it is better.
    ///
    /// HAProxy takes the first of the client's: but browsers name gzip first and weigh nothing.
    func choose(_ accepted: AcceptedCodings) -> ContentCoding? {
        var best: ContentCoding?
        var weight: Int16 = 0
        for i in 0..<codings.count {
            let coding = codings[i]
            let other = accepted.weight(of: coding.accepted)
            if other > weight { (best, weight) = (coding, other) }
        }
        return weight >= accepted.weightOfIdentity ? best : nil
    }

    /// Whether the answer is compressed. `isOverBudget` tells that compression costs more than it may.
    func verdict(_ answer: CompressionAnswer, isOverBudget: Bool = false) -> CompressionVerdict {
        guard answer.isModern else { return .skip(.oldVersion) }
        guard !answer.isHead else { return .skip(.noBody) }
        guard (200...203).contains(answer.status) else { return .skip(.status) }
        switch answer.framing {
        case .none, .length(0): return .skip(.noBody)
        case .untilClose: return .skip(.unknownLength)
        case .length(let count): if count < minSize { return .skip(.tooSmall) }
        case .chunked: break
        }
        guard !answer.isCoded else { return .skip(.coded) }
        guard !answer.forbidsTransform else { return .skip(.noTransform) }
        guard answer.isTagGood else { return .skip(.badTag) }
        guard isWanted(answer.type) else { return .skip(.type) }
        return isOverBudget ? .skip(.budget) : .compress
    }

    /// Writes the fields of a compressed answer. The caller drops `Content-Length`, and the answer's `ETag` if it is
    /// strong.
    func writeFields(_ coding: ContentCoding, _ answer: CompressionAnswer, to head: inout ByteWriter) {
        head.append("Content-Encoding: ")
        head.append(coding.token)
        head.append("\r\n")
        if !answer.varies { head.append("Vary: Accept-Encoding\r\n") }
        guard answer.hasStrongTag, let tag = answer.tag else { return }
        head.append("ETag: W/")
        head.append(tag)
        head.append("\r\n")
    }

    /// Multipart bodies never are: their parts have types of their own.
    private func isWanted(_ type: ByteView?) -> Bool {
        guard let type else { return types.count == 0 }
        if CompressionPolicy.begins(type, with: ("multipart" as StaticString).view) { return false }
        var rest = types.view
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            if CompressionPolicy.begins(type, with: rest[0..<end]) { return true }
            rest = rest[end + 1..<rest.count]
        }
        return types.count == 0
    }

    private static func begins(_ type: ByteView, with prefix: ByteView) -> Bool {
        type.count >= prefix.count && type[0..<prefix.count].equalsIgnoringCase(prefix)
    }
}

/// Whether an answer is compressed.
enum CompressionVerdict: Equatable {
    /// It is.
    case compress
    /// It goes out as it is.
    case skip(Reason)

    /// Why an answer goes out as it is.
    enum Reason: Equatable {
        /// Before HTTP/1.1, on either side: such a body could not be sent in chunks.
        case oldVersion
        /// There is nothing to compress.
        case noBody
        /// Not 200 to 203.
        case status
        /// The body ends with the connection.
        case unknownLength
        /// Below the least size.
        case tooSmall
        /// Compressed already.
        case coded
        /// `Cache-Control: no-transform`.
        case noTransform
        /// Its tag is none, or it has several.
        case badTag
        /// Not of a wanted type.
        case type
        /// Compression costs more than it may.
        case budget
    }
}

extension CompressionLimits {
    /// The level a body begins with.
    func level(of coding: ContentCoding) -> Int {
        switch coding {
        case .gzip, .deflate, .rawDeflate: maxLevel
        case .brotli: brotliLevel
        case .zstd: zstdLevel
        }
    }

    /// Whether compression costs more than it may: of a worker's time `idle` per cent were left, and `rate` bytes per
    /// second went into compression.
    func isExceeded(idle: Int, rate: Int64) -> Bool {
        idle < 100 - maxCPUUsage || maxRate > 0 && rate > maxRate
    }

    /// The level a running deflate goes on with, after each flush: one less while it costs too much, else one more.
    func nextLevel(after level: Int, isExceeded: Bool) -> Int {
        isExceeded ? max(0, level - 1) : min(maxLevel, level + 1)
    }
}

extension ContentCoding {
    fileprivate init(_ algorithm: CompressionAlgorithm) {
        switch algorithm {
        case .gzip: self = .gzip
        case .deflate: self = .deflate
        case .rawDeflate: self = .rawDeflate
        case .brotli: self = .brotli
        case .zstd: self = .zstd
        }
    }

    /// What the client has to accept for it.
    fileprivate var accepted: AcceptedCodings.Coding {
        switch self {
        case .gzip: .gzip
        case .deflate, .rawDeflate: .deflate
        case .brotli: .brotli
        case .zstd: .zstd
        }
    }
}
