import Basics

/// The parameters of a query, as they stand there: names with case, nothing decoded. As HAProxy has it, `&`, `;` and what the
/// query begins with stand between them.
struct QueryParameters {
    private let text: ByteView
    private let delimiter: UInt8
    private let name: ByteView?
    private var at: Int

    /// Those behind the first `delimiter` of `path`.
    init(_ path: ByteView, _ delimiter: UInt8, _ name: ByteView?) {
        text = path
        self.delimiter = delimiter
        self.name = name
        at = path.firstIndex(of: delimiter).map { $0 + 1 } ?? path.count
    }

    /// Those of a form that is a request's body.
    init(form: ByteView, _ name: ByteView?) {
        (text, self.name, at) = (form, name, 0)
        delimiter = UInt8(ascii: "&")
    }

    /// The next value; a parameter without `=` has none.
    mutating func next() -> ByteView? {
        while at < text.count {
            var end = at
            while end < text.count, !isDelimiter(text[end]) { end += 1 }
            let parameter = text[at..<end]
            at = end + 1
            guard let equals = parameter.firstIndex(of: UInt8(ascii: "=")) else { continue }
            if let name, !parameter[0..<equals].equals(name) { continue }
            return parameter[equals + 1..<parameter.count]
        }
        return nil
    }

    private func isDelimiter(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "&") || byte == UInt8(ascii: ";") || byte == delimiter
    }

    /// The first value of a name; without a name the first of all.
    static func value(_ path: ByteView, _ delimiter: UInt8, _ name: ByteView?) -> ByteView? {
        var parameters = QueryParameters(path, delimiter, name)
        return parameters.next()
    }
}
