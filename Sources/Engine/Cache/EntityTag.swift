import Basics

/// Tags of answers (RFC 9110 8.8.3): `"x"`, or `W/"x"` for one that means the same but not byte for byte.
enum EntityTag {
    /// What is between the quotation marks of either kind; nil if it is no tag.
    static func opaque(_ tag: ByteView) -> ByteView? {
        let isWeak = tag.count >= 2 && tag[0] == UInt8(ascii: "W") && tag[1] == UInt8(ascii: "/")
        let quoted = isWeak ? tag[2..<tag.count] : tag
        let mark = UInt8(ascii: "\"")
        guard quoted.count >= 2, quoted[0] == mark, quoted[quoted.count - 1] == mark else { return nil }
        return quoted[1..<quoted.count - 1]
    }

    /// Whether a value of `If-None-Match` names the tag, or any: compared weakly (RFC 9110 13.1.2).
    static func matches(_ condition: ByteView, _ tag: ByteView) -> Bool {
        if condition.equals("*") { return true }
        guard let own = opaque(tag) else { return false }
        // A comma inside of quotation marks is part of the tag.
        var at = 0
        while at < condition.count {
            let end = endOfElement(condition, from: at)
            let element = condition[at..<end].trimmed
            if element.equals("*") || opaque(element).map({ $0.equals(own) }) == true { return true }
            at = end + 1
        }
        return false
    }

    private static func endOfElement(_ list: ByteView, from start: Int) -> Int {
        var isQuoted = false
        for i in start..<list.count {
            if list[i] == UInt8(ascii: "\"") { isQuoted.toggle() }
            if list[i] == UInt8(ascii: ","), !isQuoted { return i }
        }
        return list.count
    }
}
