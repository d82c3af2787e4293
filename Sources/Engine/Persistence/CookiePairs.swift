import Basics

/// The cookies of one `Cookie` line, or the first of a `Set-Cookie` line, as HAProxy reads them: RFC 6265, and what
/// older RFCs and browsers allowed besides (commas between cookies, quoted values, blanks around `=`, `$` attributes).
///
/// ```
///   NAME1 = VALUE 1  ; NAME2=VALUE2;$Path="/"
///                    │ │    ││     │
///                    │ name ││     end, which is where the next one begins
///                    start  value
/// ```
struct CookiePairs {
    /// One cookie, as places in the line.
    struct Pair {
        /// Where it begins: its delimiter, unless it is the first.
        var start: Int
        /// Its name, without blanks.
        var name: Range<Int>
        /// Its value without blanks, quotes kept.
        var value: Range<Int>
        /// Where the next one begins.
        var end: Int
        /// Whether there is a `=` at all.
        var hasValue: Bool
        /// Whether it says something about the cookie before it (`$Path`, RFC 2109).
        var isAttribute: Bool
    }

    private let line: ByteView
    private let isSetCookie: Bool
    private var at = 0
    private var isFirst = true

    /// The cookies of a `Cookie` line.
    init(_ line: ByteView) {
        self.line = line
        isSetCookie = false
    }

    /// The cookie of a `Set-Cookie` line, whose attributes are none of ours.
    init(setCookie line: ByteView) {
        self.line = line
        isSetCookie = true
    }

    mutating func next() -> Pair? {
        guard at < line.count else { return nil }
        let start = at
        // Behind the first cookie every one begins with its delimiter; a line may begin with one as well.
        let nameStart = skipBlanks(from: isFirst ? start : start + 1)
        isFirst = false
        var nameEnd = nameStart
        var equals = nameStart
        while equals < line.count, !isEndOfName(line[equals]) {
            equals += 1
            if !isBlank(line[equals - 1]) { nameEnd = equals }
        }
        let hasValue = equals < line.count && line[equals] == UInt8(ascii: "=")
        let valueStart = hasValue ? skipBlanks(from: equals + 1) : equals
        let end = hasValue ? endOfValue(from: valueStart) : equals
        var valueEnd = end
        while valueEnd > valueStart, isBlank(line[valueEnd - 1]) { valueEnd -= 1 }
        at = isSetCookie ? line.count : end
        return Pair(
            start: start, name: nameStart..<nameEnd, value: valueStart..<valueEnd, end: at,
            hasValue: hasValue,
            isAttribute: nameStart < line.count && line[nameStart] == UInt8(ascii: "$"))
    }

    private func isEndOfName(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "=") || byte == UInt8(ascii: ";") || byte == UInt8(ascii: ",") && !isSetCookie
    }

    private func skipBlanks(from start: Int) -> Int {
        var at = start
        while at < line.count, isBlank(line[at]) { at += 1 }
        return at
    }

    /// The delimiter behind a value; within quotes there is none.
    private func endOfValue(from start: Int) -> Int {
        var at = start
        var isQuoted = false
        while at < line.count {
            switch line[at] {
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: "\\") where isQuoted: at += 1
            case UInt8(ascii: ";") where !isQuoted, UInt8(ascii: ",") where !isQuoted: return at
            default: break
            }
            at += 1
        }
        return line.count
    }
}
