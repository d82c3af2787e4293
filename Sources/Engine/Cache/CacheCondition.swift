import Basics

/// Whether a client has an answer already (RFC 9110 13.2.2): the fields of a request that ask so.
struct CacheCondition {
    private let tag: ByteView
    private let modified: Int64
    private var hasTags = false
    private var isSame = false
    private var since: Int64?

    /// Compares with an answer's tag, which may be empty, and the date of its last change.
    init(tag: ByteView, modified: Int64) {
        self.tag = tag
        self.modified = modified
    }

    /// Takes one field into account.
    mutating func see(_ name: ByteView, _ value: ByteView) {
        switch name.count {
        case 13 where name.equalsIgnoringCase("if-none-match"):
            hasTags = true
            if EntityTag.matches(value, tag) { isSame = true }
        case 17 where name.equalsIgnoringCase("if-modified-since"): since = HTTPDate.seconds(value)
        default: break
        }
    }

    /// Whether it is to be told 304. Where tags are named, dates do not count.
    var isFulfilled: Bool {
        if hasTags { return isSame }
        return since.map { modified <= $0 } ?? false
    }
}
