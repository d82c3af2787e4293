import Basics

@testable import Wire

/// Everything a response head came to, as values that outlive its bytes.
struct ResponseReading: Equatable {
    var progress = HeadProgress.incomplete
    var status: UInt16 = 0
    var reason = ""
    var minorVersion: UInt8 = 1
    var framing = BodyFraming.none
    var framingForHead = BodyFraming.none
    var plainFraming = BodyFraming.none
    var keepsAlive = true
    var isInterim = false
    var announcedLength: Int64?
    var fields: [RequestReading.Field] = []

    /// Reads `text` as it would arrive when cut at the given places.
    init(_ text: String, cuts: [Int] = []) { self.init(Array(text.utf8), cuts: cuts) }

    init(_ bytes: [UInt8], cuts: [Int] = []) { self.init(ReceivedBytes(bytes), cuts: cuts) }

    /// The same, for bytes that are read again and again.
    init(_ received: ReceivedBytes, cuts: [Int] = []) {
        var head = ResponseHead()
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

    private mutating func take(_ head: borrowing ResponseHead, _ bytes: ByteView) {
        (status, minorVersion, keepsAlive, isInterim) = (
            head.status, head.minorVersion, head.keepsAlive, head.isInterim
        )
        reason = bytes[head.reason.indices].text
        (plainFraming, announcedLength) = (head.framing, head.announcedLength)
        framing = head.bodyFraming(isHead: false)
        framingForHead = head.bodyFraming(isHead: true)
        for i in 0..<head.fields.count {
            let field = head.fields[i]
            let (start, value) = (Int(field.nameStart), Int(field.valueStart))
            fields.append(
                RequestReading.Field(
                    name: bytes[start..<start + Int(field.nameCount)].text,
                    value: bytes[value..<value + Int(field.valueCount)].text, known: field.name,
                    isRemoved: field.isRemoved))
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

    /// The head written from what was understood.
    var rewritten: String {
        var text = "HTTP/1.\(minorVersion) \(status) \(reason)\r\n"
        for field in fields { text += "\(field.name): \(field.value)\r\n" }
        return text + "\r\n"
    }
}
