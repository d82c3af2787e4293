import Basics

@testable import Wire

/// Everything a request head came to, as values that outlive its bytes.
struct RequestReading: Equatable {
    struct Field: Equatable {
        var name: String
        var value: String
        var known: HeaderName
        var isRemoved: Bool
    }

    var progress = HeadProgress.incomplete
    var method = ""
    var target = ""
    var path = ""
    var host = ""
    var framing = BodyFraming.none
    var minorVersion: UInt8 = 1
    var keepsAlive = true
    var wantsUpgrade = false
    var expectsContinue = false
    var isHead = false
    var isAsterisk = false
    var hasDotSegments = false
    var isIdempotent = false
    var fields: [Field] = []

    /// Reads `bytes` as they would arrive when cut at the given places.
    init(_ bytes: [UInt8], cuts: [Int] = []) { self.init(ReceivedBytes(bytes), cuts: cuts) }

    /// The same, for bytes that are read again and again.
    init(_ received: ReceivedBytes, cuts: [Int] = []) {
        var head = RequestHead()
        let tables = HeaderTablePool(keep: 1)
        tables.lend(to: &head.fields)
        defer { tables.takeBack(&head.fields) }
        for end in cuts + [received.count] {
            progress = head.parse(received.prefix(end))
            if progress != .incomplete { break }
        }
        guard case .complete(let count) = progress else { return }
        take(head, received.prefix(count))
    }

    init(_ text: String, cuts: [Int] = []) { self.init(Array(text.utf8), cuts: cuts) }

    private mutating func take(_ head: borrowing RequestHead, _ bytes: ByteView) {
        method = bytes[head.method.indices].text
        target = bytes[head.target.indices].text
        path = bytes[head.path.indices].text
        host = bytes[head.host.indices].text
        (framing, minorVersion, keepsAlive) = (head.framing, head.minorVersion, head.keepsAlive)
        (wantsUpgrade, expectsContinue) = (head.wantsUpgrade, head.expectsContinue)
        (isHead, isAsterisk, hasDotSegments) = (head.isHead, head.isAsterisk, head.hasDotSegments)
        isIdempotent = head.isIdempotent(in: bytes)
        for i in 0..<head.fields.count {
            let field = head.fields[i]
            let start = Int(field.nameStart)
            fields.append(
                Field(
                    name: bytes[start..<start + Int(field.nameCount)].text,
                    value: field.value(in: bytes).text, known: field.name, isRemoved: field.isRemoved))
        }
    }

    /// Why the head was refused; nil if it was not.
    var refusal: HeadError? {
        guard case .refused(let error) = progress else { return nil }
        return error
    }

    /// Whether the head is whole.
    var isComplete: Bool {
        guard case .complete = progress else { return false }
        return true
    }

    /// The names of the fields that are passed on.
    var kept: [String] { fields.filter { !$0.isRemoved }.map(\.name) }

    /// The request written from what was understood, as a forwarder would.
    var rewritten: String {
        var text = "\(method) \(target) HTTP/1.\(minorVersion)\r\n"
        for field in fields { text += "\(field.name): \(field.value)\r\n" }
        return text + "\r\n"
    }
}
