import Basics
import Wire

/// What an answer says about being compressed, gathered field by field. Its views are good as long as the head is.
struct CompressionAnswer {
    /// The final status.
    var status: UInt16
    /// Whether it answers HEAD.
    var isHead: Bool
    /// Whether both the request and the answer are HTTP/1.1 or newer.
    var isModern: Bool
    /// How its body is delimited.
    var framing: BodyFraming
    /// Of its tag, the value; nil if there is none.
    private(set) var tag: ByteView?
    private(set) var tags = 0
    /// Of its first media type, the value; nil if there is none.
    private(set) var type: ByteView?
    /// Whether it is compressed already.
    private(set) var isCoded = false
    /// Whether nobody may change it on the way.
    private(set) var forbidsTransform = false
    /// Whether it tells caches already that it depends on what is accepted.
    private(set) var varies = false

    /// An answer of which no field was seen.
    init(status: UInt16, isHead: Bool, isModern: Bool, framing: BodyFraming) {
        self.status = status
        self.isHead = isHead
        self.isModern = isModern
        self.framing = framing
    }

    /// Takes one field into account.
    mutating func see(_ name: ByteView, _ value: ByteView) {
        switch name.count {
        case 4 where name.equalsIgnoringCase("etag"):
            tags += 1
            tag = value
        case 4 where name.equalsIgnoringCase("vary"):
            varies = varies || CompressionAnswer.list(value, contains: "accept-encoding")
        case 12 where name.equalsIgnoringCase("content-type"):
            if type == nil { type = value }
        case 13 where name.equalsIgnoringCase("cache-control"):
            forbidsTransform = forbidsTransform || CompressionAnswer.list(value, contains: "no-transform")
        case 16 where name.equalsIgnoringCase("content-encoding"):
            isCoded = true
        default: break
        }
    }

    /// Whether its tag says that two answers of that tag are the same byte for byte, which a compressed one is not.
    var hasStrongTag: Bool { tag.map { $0.count >= 2 && $0[0] == UInt8(ascii: "\"") } ?? false }

    /// Whether it has no tag, or one that is one.
    var isTagGood: Bool {
        guard let tag else { return true }
        guard tags == 1, tag.count >= 2, tag[tag.count - 1] == UInt8(ascii: "\"") else { return false }
        return tag[0] == UInt8(ascii: "\"") || tag.hasPrefix(("W/\"" as StaticString).view)
    }

    private static func list(_ value: ByteView, contains word: StaticString) -> Bool {
        var list = CommaList(value)
        while let element = list.next() {
            if element.equalsIgnoringCase(word) { return true }
        }
        return false
    }
}
