import Basics
import Model
import Wire

/// All fields of a message as one sample, names in lower case as HAProxy keeps them.
struct MessageText {
    let read: MessageRead
    let head: ByteView
    /// What a request of HTTP/2 is for: it stands beside its fields.
    var host = ByteView.empty
    /// Whether the message is of HTTP/1.0.
    var isOld = false

    /// The sample; nil if it does not fit.
    func sample(of fields: borrowing HeaderTable, _ workspace: inout SampleWorkspace) -> Sample? {
        if read.part == .version { return .string((isOld ? "1.0" : "1.1" as StaticString).view) }
        let text = workspace.write { writer in
            switch read.part {
            case .lines, .binary: writeAll(fields, to: &writer)
            case .fieldNames: writeNames(fields, to: &writer)
            case .cookieNames: writeCookies(fields, to: &writer)
            case .version: break
            }
        }
        return text.map { read.part == .binary ? .binary($0) : .string($0) }
    }

    /// Every line that is there, the host first where it is no line.
    private func forEach(
        _ fields: borrowing HeaderTable, _ body: (_ name: ByteView, _ value: ByteView) -> Void
    ) {
        var hasHost = host.isEmpty
        for i in 0..<fields.count where fields[i].name == .host && fields[i].nameCount > 0 { hasHost = true }
        if !hasHost { body(("host" as StaticString).view, host) }
        for i in 0..<fields.count {
            let field = fields[i]
            // Host and length are kept apart from the other lines.
            let isKeptApart = field.name == .host || field.name == .contentLength
            if field.nameCount == 0 || field.isRemoved && !isKeptApart { continue }
            body(field.name(in: head), field.value(in: head))
        }
    }

    private func writeAll(_ fields: borrowing HeaderTable, to writer: inout ByteWriter) {
        let isBinary = read.part == .binary
        forEach(fields) { name, value in
            if isBinary { MessageText.append(varint: name.count, to: &writer) }
            MessageText.append(folded: name, to: &writer)
            if isBinary {
                MessageText.append(varint: value.count, to: &writer)
            } else {
                writer.append(": ")
            }
            writer.append(value)
            if !isBinary { writer.append("\r\n") }
        }
        if isBinary {
            writer.append(0)
            writer.append(0)
        } else {
            writer.append("\r\n")
        }
    }

    private func writeNames(_ fields: borrowing HeaderTable, to writer: inout ByteWriter) {
        var isFirst = true
        forEach(fields) { name, _ in
            if !isFirst { writer.append(read.separator) }
            isFirst = false
            MessageText.append(folded: name, to: &writer)
        }
    }

    /// Of each pair of a request, of the first one of an answer's lines.
    private func writeCookies(_ fields: borrowing HeaderTable, to writer: inout ByteWriter) {
        var isFirst = true
        forEach(fields) { name, value in
            let isCookie = name.equalsIgnoringCase(read.isAnswer ? "set-cookie" : "cookie")
            guard isCookie else { return }
            var pairs = read.isAnswer ? CookiePairs(setCookie: value) : CookiePairs(value)
            while let pair = pairs.next() {
                if !isFirst { writer.append(read.separator) }
                isFirst = false
                writer.append(value[pair.name])
                if read.isAnswer { break }
            }
        }
    }

    private static func append(folded name: ByteView, to writer: inout ByteWriter) {
        for i in 0..<name.count { writer.append(foldCase(name[i])) }
    }

    /// HAProxy's numbers: below 240 one byte; else four bits of it, and seven at a time of what is left.
    static func append(varint number: Int, to writer: inout ByteWriter) {
        guard number >= 240 else { return writer.append(UInt8(number)) }
        writer.append(UInt8(truncatingIfNeeded: number) | 0xF0)
        var rest = (number - 240) >> 4
        while rest >= 128 {
            writer.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest = (rest - 128) >> 7
        }
        writer.append(UInt8(truncatingIfNeeded: rest))
    }
}
