import Basics
import Wire

/// The cookies that a request brings or an answer sets, by their name or all of them.
struct MessageCookies {
    private let lines: HeaderName
    private let head: ByteView
    private let name: ByteView?
    private var index = 0
    private var line: ByteView = .empty
    private var pairs = CookiePairs(.empty)

    /// Those of `Cookie` lines, or of `Set-Cookie` lines, which have one each.
    init(in lines: HeaderName, _ head: ByteView, _ name: ByteView?) {
        self.lines = lines
        self.head = head
        self.name = name
    }

    /// The next value.
    mutating func next(_ fields: borrowing HeaderTable) -> ByteView? {
        while true {
            while let pair = pairs.next() {
                if lines == .setCookie { pairs = CookiePairs(.empty) }
                guard pair.hasValue, name.map({ line[pair.name].equals($0) }) ?? true else { continue }
                return line[pair.value]
            }
            guard advance(fields) else { return nil }
        }
    }

    private mutating func advance(_ fields: borrowing HeaderTable) -> Bool {
        while index < fields.count {
            let field = fields[index]
            index += 1
            // Crumbs that stand joined in another line do not count twice.
            guard field.name == lines, !field.isRemoved else { continue }
            line = field.value(in: head)
            pairs = lines == .setCookie ? CookiePairs(setCookie: line) : CookiePairs(line)
            return true
        }
        return false
    }

    /// The last value of a name; without a name the first of all.
    static func value(
        in lines: HeaderName, _ fields: borrowing HeaderTable, _ head: ByteView, _ name: ByteView?
    ) -> ByteView? {
        var cookies = MessageCookies(in: lines, head, name)
        var last: ByteView?
        while let value = cookies.next(fields) {
            if name == nil { return value }
            last = value
        }
        return last
    }

    static func count(
        in lines: HeaderName, _ fields: borrowing HeaderTable, _ head: ByteView, _ name: ByteView?
    ) -> Int {
        var cookies = MessageCookies(in: lines, head, name)
        var count = 0
        while cookies.next(fields) != nil { count += 1 }
        return count
    }
}
