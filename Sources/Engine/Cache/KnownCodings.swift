import Basics
import Wire

/// The content codings that HAProxy's cache can tell apart, as a set.
struct KnownCodings: OptionSet, Equatable {
    let rawValue: UInt32

    static let gzip = KnownCodings(rawValue: 1 << 0)
    static let deflate = KnownCodings(rawValue: 1 << 1)
    static let brotli = KnownCodings(rawValue: 1 << 2)
    static let compress = KnownCodings(rawValue: 1 << 3)
    static let aes128gcm = KnownCodings(rawValue: 1 << 4)
    static let exi = KnownCodings(rawValue: 1 << 5)
    static let pack200 = KnownCodings(rawValue: 1 << 6)
    static let zstd = KnownCodings(rawValue: 1 << 7)
    static let identity = KnownCodings(rawValue: 1 << 8)
    static let all = KnownCodings(rawValue: .max)

    init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The coding of a name; nil if it is none of these.
    init?(_ name: ByteView) {
        switch name.count {
        case 2 where name.equalsIgnoringCase("br"): self = .brotli
        case 3 where name.equalsIgnoringCase("exi"): self = .exi
        case 4 where name.equalsIgnoringCase("gzip"): self = .gzip
        case 4 where name.equalsIgnoringCase("zstd"): self = .zstd
        case 6 where name.equalsIgnoringCase("x-gzip"): self = .gzip
        case 7 where name.equalsIgnoringCase("deflate"): self = .deflate
        case 8 where name.equalsIgnoringCase("identity"): self = .identity
        case 8 where name.equalsIgnoringCase("compress"): self = .compress
        case 9 where name.equalsIgnoringCase("aes128gcm"): self = .aes128gcm
        case 10 where name.equalsIgnoringCase("x-compress"): self = .compress
        case 12 where name.equalsIgnoringCase("pack200-gzip"): self = .pack200
        default: return nil
        }
    }
}

/// What the `Accept-Encoding` lines of a request come to.
struct AcceptedSet {
    private var accepted: KnownCodings = .identity
    private var rejected: KnownCodings = []
    private var count = 0
    private var acceptsAny = false

    /// Whoever names more is not believed.
    private static let most = 16

    /// Takes one line into account.
    mutating func see(_ value: ByteView) {
        // An empty line wants no coding, which is something else than no line.
        if value.isEmpty { count += 1 }
        var list = CommaList(value)
        while count < AcceptedSet.most, let element = list.next() {
            count += 1
            take(element)
        }
    }

    private mutating func take(_ element: ByteView) {
        let end = element.firstIndex(of: UInt8(ascii: ";")) ?? element.count
        let isRejected = end < element.count && AcceptedSet.isZero(element[end + 1..<element.count].trimmed)
        let name = element[0..<end].trimmed
        if name.equals("*") {
            if !isRejected { acceptsAny = true }
        } else if let coding = KnownCodings(name) {
            if isRejected { rejected.formUnion(coding) } else { accepted.formUnion(coding) }
        }
    }

    /// Whether a weight is nothing: `q=0`, `q=0.0` and so on.
    private static func isZero(_ weight: ByteView) -> Bool {
        guard weight.count >= 3, weight[0..<2].equalsIgnoringCase("q=") else { return false }
        for i in 2..<weight.count where weight[i] != UInt8(ascii: "0") && weight[i] != UInt8(ascii: ".") {
            return false
        }
        return true
    }

    /// The codings an answer may have; nil if that can not be told.
    var codings: KnownCodings? {
        guard count < AcceptedSet.most else { return nil }
        guard count > 0 else { return .all }
        return (acceptsAny ? .all : accepted).subtracting(rejected)
    }
}
