public import Basics

/// Where one header field stands, relative to the first byte of its head. Heads are shorter than 64 KiB.
public struct HeaderField {
    /// Where the name begins, which is where the line begins.
    public var nameStart: UInt16
    /// Where the value begins.
    public var valueStart: UInt16
    /// How long the value is, without blanks around it.
    public var valueCount: UInt16
    /// How long the name is.
    public var nameCount: UInt8
    /// Which field it is.
    public var name: HeaderName
    /// Whether the line is exactly `name: value\r\n`, so that a copy of the line is what we would write.
    public var isCanonical: Bool
    /// Whether it concerns this connection only and is not passed on.
    public var isRemoved: Bool

    /// Just behind the line, if it is canonical.
    public var lineEnd: Int { Int(valueStart) + Int(valueCount) + 2 }

    /// The name as it stands in the head that the field was read from.
    public func name(in head: ByteView) -> ByteView { head[Int(nameStart)..<Int(nameStart) + Int(nameCount)] }

    /// The value there, without blanks around it.
    public func value(in head: ByteView) -> ByteView {
        head[Int(valueStart)..<Int(valueStart) + Int(valueCount)]
    }
}

/// The header fields of one message, in order: 128 at most. Memory is lent by a `HeaderTablePool`.
public struct HeaderTable: ~Copyable {
    fileprivate var fields: UnsafeMutablePointer<HeaderField>?
    /// How many fields there are.
    public private(set) var count = 0

    /// The most fields a message may have.
    public static var limit: Int { 128 }

    /// A table without memory, which holds nothing.
    public init() { fields = nil }

    deinit { fields?.deallocate() }

    /// Whether it has memory.
    public var hasMemory: Bool { fields != nil }

    /// The field at `index`.
    public subscript(index: Int) -> HeaderField {
        get {
            guard let fields, index >= 0, index < count else { preconditionFailure("no such header field") }
            return fields[index]
        }
        set {
            guard let fields, index >= 0, index < count else { preconditionFailure("no such header field") }
            fields[index] = newValue
        }
    }

    /// Calls `body` with each field: one check for all of them.
    @inline(__always)
    public func forEach(_ body: (HeaderField) -> Void) {
        guard let fields else { return }
        for i in 0..<count { body(fields[i]) }
    }

    /// The place of the next field of a name, from `start` on; letters are compared without case.
    public func index(named name: ByteView, in head: ByteView, from start: Int) -> Int? {
        guard let fields else { return nil }
        for i in max(0, start)..<max(start, count)
        where fields[i].nameCount == name.count && fields[i].name(in: head).equalsIgnoringCase(name) {
            return i
        }
        return nil
    }

    /// The same of a field that is known.
    public func index(of name: HeaderName, from start: Int) -> Int? {
        guard let fields else { return nil }
        for i in max(0, start)..<max(start, count) where fields[i].name == name { return i }
        return nil
    }

    /// Adds a field; false if the table is full or without memory.
    public mutating func append(_ field: HeaderField) -> Bool {
        guard let fields, count < Self.limit else { return false }
        fields[count] = field
        count &+= 1
        return true
    }

    /// Forgets all fields.
    public mutating func removeAll() { count = 0 }
}

/// Memory for header tables, last in, first out.
public final class HeaderTablePool {
    private var kept: UnsafeMutablePointer<UnsafeMutablePointer<HeaderField>>
    private var keptCount = 0
    private let keep: Int

    /// A pool that keeps at most `keep` unused tables.
    public init(keep: Int) {
        self.keep = keep
        kept = .allocate(capacity: keep)
    }

    deinit {
        for i in 0..<keptCount { kept[i].deallocate() }
        kept.deallocate()
    }

    /// Gives `table` memory if it has none, and empties it.
    public func lend(to table: inout HeaderTable) {
        table.removeAll()
        guard !table.hasMemory else { return }
        guard keptCount > 0 else {
            table.fields = .allocate(capacity: HeaderTable.limit)
            return
        }
        keptCount &-= 1
        table.fields = kept[keptCount]
    }

    /// Takes the table's memory back.
    public func takeBack(_ table: inout HeaderTable) {
        guard let fields = table.fields else { return }
        table.fields = nil
        table.removeAll()
        guard keptCount < keep else {
            fields.deallocate()
            return
        }
        kept[keptCount] = fields
        keptCount &+= 1
    }
}
