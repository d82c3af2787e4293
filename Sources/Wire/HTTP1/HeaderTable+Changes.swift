public import Basics

/// Changing heads that have been read: new bytes go behind those that came, in the same memory, and places point to them. So who
/// reads a head afterwards sees what it has become.
extension HeaderTable {
    /// Adds a field whose bytes are appended to the head; false, and nothing changed, if it can not be one or there is no room.
    mutating func add(
        _ name: ByteView, _ value: ByteView, to head: inout Buffer, removing removed: HeaderNames
    ) -> Bool {
        let start = head.count
        guard name.count > 0, name.count <= 255, (0..<name.count).allSatisfy({ isToken(name[$0]) }),
            HeaderTable.canBeSent(value), count < HeaderTable.limit,
            HeaderTable.fits(name.count + value.count + 4, behind: start)
        else { return false }
        let fits = head.write { output in
            output.append(name)
            output.append(": ")
            output.append(value)
            output.append("\r\n")
        }
        guard fits else { return false }
        let known = HeaderName(name)
        return append(
            HeaderField(
                nameStart: UInt16(start), valueStart: UInt16(start + name.count + 2),
                valueCount: UInt16(value.count), nameCount: UInt8(name.count), name: known, isCanonical: true,
                isRemoved: removed.contains(known)))
    }

    /// Gives a field another value, in its place.
    mutating func setValue(at index: Int, _ value: ByteView, in head: inout Buffer) -> Bool {
        let start = head.count
        guard HeaderTable.canBeSent(value), HeaderTable.fits(value.count, behind: start), head.append(value)
        else { return false }
        var field = self[index]
        (field.valueStart, field.valueCount) = (UInt16(start), UInt16(value.count))
        field.isCanonical = false
        self[index] = field
        return true
    }

    /// Forgets a field: nobody finds it any more.
    mutating func forget(at index: Int) {
        var field = self[index]
        (field.nameCount, field.name, field.isRemoved) = (0, .other, true)
        self[index] = field
    }

    /// Places are 16 bits long.
    static func fits(_ count: Int, behind start: Int) -> Bool { count < 60_000 && start + count < 60_000 }

    private static func canBeSent(_ value: ByteView) -> Bool {
        for i in 0..<value.count where value[i] < 0x20 && value[i] != 0x09 || value[i] == 0x7F {
            return false
        }
        return true
    }
}

/// A head whose fields can be changed, of a request or an answer; `head` is always the memory that its places are in.
public protocol ChangeableHead: ~Copyable {
    /// How many fields there are, forgotten ones included.
    var fieldCount: Int { get }
    /// One of them; a forgotten one has no name.
    func field(at index: Int) -> HeaderField
    /// Adds a field; false, and nothing changed, if it can not be one or there is no room.
    mutating func add(_ name: ByteView, _ value: ByteView, to head: inout Buffer) -> Bool
    /// Gives a field another value; false as above.
    mutating func setValue(at index: Int, _ value: ByteView, in head: inout Buffer) -> Bool
    /// Forgets a field.
    mutating func forgetField(at index: Int)
}

extension RequestHead: ChangeableHead {
    /// How many fields there are, forgotten ones included.
    public var fieldCount: Int { fields.count }

    /// One of them.
    public func field(at index: Int) -> HeaderField { fields[index] }

    /// Adds a field. There is one host: another one takes its place.
    public mutating func add(_ name: ByteView, _ value: ByteView, to head: inout Buffer) -> Bool {
        guard HeaderName(name) == .host else {
            return fields.add(name, value, to: &head, removing: .ofRequestsOnly)
        }
        guard HostSyntax.isValid(value) else { return false }
        forgetFields(.host)
        guard fields.add(name, value, to: &head, removing: .ofRequestsOnly) else { return false }
        let field = fields[fields.count - 1]
        host = HeadRange(Int(field.valueStart), count: Int(field.valueCount))
        return true
    }

    /// Gives a field another value.
    public mutating func setValue(at index: Int, _ value: ByteView, in head: inout Buffer) -> Bool {
        let isHost = fields[index].name == .host
        guard !isHost || HostSyntax.isValid(value), fields.setValue(at: index, value, in: &head) else {
            return false
        }
        if isHost { host = HeadRange(Int(fields[index].valueStart), count: value.count) }
        return true
    }

    /// Forgets a field.
    public mutating func forgetField(at index: Int) {
        if fields[index].name == .host { host = HeadRange() }
        fields.forget(at: index)
    }

    private mutating func forgetFields(_ name: HeaderName) {
        for i in 0..<fields.count where fields[i].name == name { fields.forget(at: i) }
    }

    /// Sends another method. False if it is none, or if the answer would be delimited in another way by it.
    public mutating func setMethod(_ name: ByteView, in head: inout Buffer) -> Bool {
        guard name.count > 0, name.count <= 32, name.equals("HEAD") == isHead, !name.equals("CONNECT") else {
            return false
        }
        let isName = (0..<name.count).allSatisfy { isToken(name[$0]) }
        let start = head.count
        guard isName, HeaderTable.fits(name.count, behind: start), head.append(name) else { return false }
        method = HeadRange(start, count: name.count)
        return true
    }

    /// Asks for another path and query, which stand at the end of the head.
    public mutating func setPath(from start: Int, in head: borrowing Buffer) -> Bool {
        guard start < head.count, HeaderTable.fits(0, behind: head.count) else { return false }
        path = HeadRange(start, count: head.count - start)
        isAsterisk = false
        hasNewPath = true
        look(at: head.view[path.indices])
        return true
    }
}

extension ResponseHead: ChangeableHead {
    /// How many fields there are, forgotten ones included.
    public var fieldCount: Int { fields.count }

    /// One of them.
    public func field(at index: Int) -> HeaderField { fields[index] }

    /// Adds a field.
    public mutating func add(_ name: ByteView, _ value: ByteView, to head: inout Buffer) -> Bool {
        fields.add(name, value, to: &head, removing: .hopByHop)
    }

    /// Gives a field another value.
    public mutating func setValue(at index: Int, _ value: ByteView, in head: inout Buffer) -> Bool {
        fields.setValue(at: index, value, in: &head)
    }

    /// Forgets a field.
    public mutating func forgetField(at index: Int) { fields.forget(at: index) }
}
