import Basics
import Wire

/// The values of all fields of a name, one after the other: HAProxy cuts them at commas that stand outside of quotes, unless
/// lines count as a whole. Empty ones are values too.
struct FieldValues {
    private let head: ByteView
    private let name: ByteView
    private let isWhole: Bool
    /// The next line, and what is left of the one under way.
    private var index = 0
    private var rest: ByteView?

    init(_ head: ByteView, _ name: ByteView, isWhole: Bool) {
        self.head = head
        self.name = name
        self.isWhole = isWhole
    }

    /// The next value.
    mutating func next(_ fields: borrowing HeaderTable) -> ByteView? {
        if let list = rest { return cut(list) }
        while index < fields.count {
            let field = fields[index]
            index += 1
            guard field.name(in: head).equalsIgnoringCase(name) else { continue }
            let value = field.value(in: head)
            return isWhole ? value : cut(value)
        }
        return nil
    }

    private mutating func cut(_ list: ByteView) -> ByteView {
        guard let comma = FieldValues.comma(in: list) else {
            rest = nil
            return list.trimmed
        }
        rest = list[comma + 1..<list.count]
        return list[0..<comma].trimmed
    }

    static func comma(in list: ByteView) -> Int? {
        guard list.firstIndex(of: UInt8(ascii: "\"")) != nil else {
            return list.firstIndex(of: UInt8(ascii: ","))
        }
        var (isQuoted, isEscaped) = (false, false)
        for i in 0..<list.count {
            switch list[i] {
            case _ where isEscaped: isEscaped = false
            case UInt8(ascii: "\\") where isQuoted: isEscaped = true
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: ",") where !isQuoted: return i
            default: break
            }
        }
        return nil
    }

    /// The value of a number, counted from the first (1) or from the last (-1).
    static func value(
        _ occurrence: Int, _ fields: borrowing HeaderTable, _ head: ByteView, _ name: ByteView, isWhole: Bool
    ) -> ByteView? {
        var number = occurrence
        if number < -1 {
            number += count(fields, head, name, isWhole: isWhole) + 1
            guard number > 0 else { return nil }
        }
        var values = FieldValues(head, name, isWhole: isWhole)
        var last: ByteView?
        var seen = 0
        while let value = values.next(fields) {
            seen += 1
            if seen == number { return value }
            last = value
        }
        return number == -1 ? last : nil
    }

    static func count(
        _ fields: borrowing HeaderTable, _ head: ByteView, _ name: ByteView, isWhole: Bool
    ) -> Int {
        var values = FieldValues(head, name, isWhole: isWhole)
        var count = 0
        while values.next(fields) != nil { count += 1 }
        return count
    }
}
