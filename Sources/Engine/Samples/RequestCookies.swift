import Basics
import Wire

/// The cookies a request brings, by their name or all of them.
struct RequestCookies {
    private let head: ByteView
    private let name: ByteView?
    private var index = 0
    private var line: ByteView = .empty
    private var pairs = CookiePairs(.empty)

    init(_ head: ByteView, _ name: ByteView?) {
        self.head = head
        self.name = name
    }

    /// The next value.
    mutating func next(_ fields: borrowing HeaderTable) -> ByteView? {
        while true {
            while let pair = pairs.next() {
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
            guard field.name == .cookie, !field.isRemoved else { continue }
            line = field.value(in: head)
            pairs = CookiePairs(line)
            return true
        }
        return false
    }

    /// The last value of a name; without a name the first of all.
    static func value(_ fields: borrowing HeaderTable, _ head: ByteView, _ name: ByteView?) -> ByteView? {
        var cookies = RequestCookies(head, name)
        var last: ByteView?
        while let value = cookies.next(fields) {
            if name == nil { return value }
            last = value
        }
        return last
    }

    static func count(_ fields: borrowing HeaderTable, _ head: ByteView, _ name: ByteView?) -> Int {
        var cookies = RequestCookies(head, name)
        var count = 0
        while cookies.next(fields) != nil { count += 1 }
        return count
    }
}
