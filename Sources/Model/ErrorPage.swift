/// What clients are sent in place of an answer of our own: HAProxy's `errorfile` and `http-error`.
///
/// The framing and the connection's fields are always ours; everything else is as it stands here.
public struct ErrorPage: Sendable, Equatable {
    /// The status clients see, which need not be the one it stands for.
    public var status: UInt16
    /// The reason phrase; may be empty.
    public var reason: String
    /// Header fields, in order.
    public var fields: [Field]
    /// The body.
    public var body: [UInt8]
    /// Nothing is said: the client is disconnected, whatever stands above.
    public var isSilent = false
    /// It is written by formats for each answer, whatever stands above; nil, the default, is not.
    public var composed: ComposedPage?

    /// A header field.
    public struct Field: Sendable, Equatable {
        /// Its name.
        public var name: String
        /// Its value.
        public var value: String

        /// A field from its parts.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The statuses HAProxy has pages for.
    public static let statuses: [UInt16] = [
        200, 400, 401, 403, 404, 405, 407, 408, 410, 413, 414, 421, 422, 425, 429, 431, 500, 501, 502, 503,
        504,
    ]

    /// The most bytes of a page, its head included.
    public static let longest = 48 * 1024

    /// A body of a type (`http-error status … content-type … file|string`).
    public init(status: UInt16, reason: String = "", contentType: String, body: [UInt8]) {
        self.status = status
        self.reason = reason
        fields = contentType.isEmpty ? [] : [Field("Content-Type", contentType)]
        self.body = body
    }

    /// A page that is written by formats (`http-error status … lf-file|lf-string`, and fields with formats).
    public init(_ composed: ComposedPage) {
        self.init(status: composed.status, contentType: "", body: [])
        self.composed = composed
    }

    /// No page at all (`errorfile … /dev/null`).
    public static var silence: ErrorPage {
        var page = ErrorPage(status: 200, contentType: "", body: [])
        page.isSilent = true
        return page
    }

    /// A redirection (`errorloc302`, `errorloc303`).
    public init(redirecting status: UInt16, to location: String) {
        self.init(status: status, reason: status == 303 ? "See Other" : "Found", contentType: "", body: [])
        fields = [Field("Cache-Control", "no-cache"), Field("Location", location)]
    }

    /// Why a page can not be sent; nil if it can.
    public var flaw: ErrorPageFlaw? {
        if let composed { return composed.flaw }
        guard (200...599).contains(status) else { return .badStatus }
        guard ErrorPage.isText(reason.utf8) else { return .badStatusLine }
        for field in fields where !ErrorPage.isName(field.name.utf8) || !ErrorPage.isText(field.value.utf8) {
            return .badField(field.name)
        }
        let head = fields.reduce(reason.utf8.count) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
        guard body.count <= ErrorPage.longest, head <= 8 * 1024, head + body.count <= ErrorPage.longest else {
            return .tooLong
        }
        return nil
    }

    /// Whether a header field may be called so.
    public static func isFieldName(_ name: String) -> Bool { isName(name.utf8) }

    static func isName(_ name: String.UTF8View) -> Bool {
        let marks = "!#$%&'*+-.^_`|~".utf8
        return !name.isEmpty
            && name.allSatisfy { byte in
                let letter = byte | 0x20
                return letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z")
                    || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") || marks.contains(byte)
            }
    }

    static func isText(_ text: String.UTF8View) -> Bool {
        text.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 9 }
    }
}

/// Why a page can not be used.
public enum ErrorPageFlaw: Error, Equatable {
    /// It does not begin with a status line of HTTP/1.
    case badStatusLine
    /// The status is none an answer can have.
    case badStatus
    /// A header field of this name, or a line that is none.
    case badField(String)
    /// Its head does not end.
    case noEnd
    /// Its `Content-Length` is another than its body's.
    case badLength
    /// Its body is framed by a `Transfer-Encoding`.
    case encoded
    /// It is longer than `ErrorPage.longest`.
    case tooLong
}
