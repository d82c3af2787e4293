/// `errorfile`: a whole answer as it would go over the wire, lines ended by CRLF or by LF alone.
extension ErrorPage {
    /// Fields that are ours to write.
    private static let ours = ["connection", "keep-alive", "proxy-connection", "content-length"]

    /// Reads a file's bytes.
    public init(file bytes: [UInt8]) throws(ErrorPageFlaw) {
        guard bytes.count <= ErrorPage.longest else { throw .tooLong }
        var lines = HeadLines(bytes)
        guard let first = lines.next() else { throw .noEnd }
        self.init(status: 0, contentType: "", body: [])
        try readStatusLine(first)
        var length: Int?
        while let line = lines.next() {
            guard !line.isEmpty else {
                body = Array(bytes[lines.at...])
                guard length == nil || length == body.count else { throw .badLength }
                if let flaw { throw flaw }
                return
            }
            try readField(line, &length)
        }
        throw .noEnd
    }

    private mutating func readStatusLine(_ line: String) throws(ErrorPageFlaw) {
        let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0] == "HTTP/1.0" || parts[0] == "HTTP/1.1" else { throw .badStatusLine }
        guard parts[1].utf8.count == 3, let number = UInt16(parts[1]), (200...599).contains(number) else {
            throw .badStatus
        }
        status = number
        reason = parts.count == 3 ? String(parts[2]) : ""
    }

    private mutating func readField(_ line: String, _ length: inout Int?) throws(ErrorPageFlaw) {
        guard let colon = line.firstIndex(of: ":") else { throw .badField(line) }
        let name = String(line[..<colon])
        let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        var value = line[line.index(after: colon)...].drop(while: blank)
        while let last = value.last, blank(last) { value = value.dropLast() }
        let lower = name.lowercased()
        guard lower != "transfer-encoding" else { throw .encoded }
        if lower == "content-length" {
            guard let number = Int(value), number >= 0, length == nil || length == number else {
                throw .badLength
            }
            length = number
        }
        if !ErrorPage.ours.contains(lower) { fields.append(Field(name, String(value))) }
    }
}

/// The lines of a head, one by one.
private struct HeadLines {
    private let bytes: [UInt8]
    /// Behind the last line.
    private(set) var at = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func next() -> String? {
        guard let end = bytes[at...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        var line = bytes[at..<end]
        at = end + 1
        if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
        return String(decoding: line, as: UTF8.self)
    }
}
