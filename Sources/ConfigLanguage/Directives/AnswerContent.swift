import Model

/// What is answered, as `http-error`, `deny` and `return` say it: `content-type`, one of the ways to give a body, and `hdr`.
struct AnswerContent {
    private var type = ""
    private var body: [UInt8]?
    private var fields: [ComposedPage.Field] = []
    /// `lf-string`, `lf-file`.
    private var format: FormatString?
    private var file: ErrorPage?
    /// `default-errorfiles`: what the section answers with the status.
    private(set) var isDefault = false
    /// `errorfiles`: what an `http-errors` section has, by status.
    private(set) var pages: [UInt16: ErrorPage]?
    /// Whether anything was said.
    private(set) var isEmpty = true

    /// Takes a keyword with its arguments; false if it is none of these.
    mutating func takes(_ word: Word, _ line: inout LineReader) throws(Refusal) -> Bool {
        switch word.text {
        case "content-type": type = try line.take("a media type").text
        case "string": try set(try line.take("a text").bytes)
        case "file": try set(try AnswerContent.bytes(try line.take("a file"), line))
        case "errorfile":
            guard body == nil, file == nil, !isDefault else { throw AnswerContent.several }
            file = try AnswerContent.page(file: try line.take("a file"), line)
        case "default-errorfiles":
            guard body == nil, file == nil else { throw AnswerContent.several }
            isDefault = true
        case "hdr":
            let name = try line.take("a field's name").text
            let value = try line.format(for: .message, SampleLayers(rawValue: .max))
            fields.append(.init(name, value))
        case "lf-string": try set(try line.format(for: .message, SampleLayers(rawValue: .max)))
        case "lf-file":
            let bytes = try AnswerContent.bytes(try line.take("a file"), line)
            let expressions = ExpressionReader(line.surroundings, layers: SampleLayers(rawValue: .max))
            try set(try FormatReader(expressions, for: .message).format(Word(bytes, column: 1)))
        case "errorfiles":
            guard body == nil, file == nil, !isDefault else { throw AnswerContent.several }
            pages = try ErrorPageDirectives.pages(
                of: try line.take("the name of an http-errors section"), line)
        default: return false
        }
        isEmpty = false
        return true
    }

    private mutating func set(_ bytes: [UInt8]) throws(Refusal) {
        guard body == nil, file == nil, !isDefault else { throw AnswerContent.several }
        body = bytes
    }

    private mutating func set(_ format: FormatString) throws(Refusal) {
        try set([] as [UInt8])
        self.format = format
    }

    /// What is answered with a status: a page, or one that is written by formats if there is anything to fill in.
    func answer(of status: UInt16) throws(Refusal) -> RuleAnswer {
        guard format != nil || fields.contains(where: { $0.value.fixedText == nil }) else {
            return .own(try page(of: status), loggedAs: status)
        }
        if file != nil { throw .conflict("'errorfile' stands alone") }
        guard body == nil || !type.isEmpty else { throw .missing(expected: "content-type") }
        let page = ComposedPage(
            status: status, contentType: body == nil ? "" : type, fields: fields,
            body: format ?? FormatString([.text(body ?? [])]))
        if body != nil, status == 204 || status == 304 {
            throw .conflict("an answer with status \(status) has no body")
        }
        if let flaw = page.flaw { throw .conflict(AnswerContent.sentence(flaw)) }
        return .composed(page)
    }

    private static var several: Refusal { .conflict("there is one body, from one place") }

    /// The page it makes with a status, without formats; a file has its own.
    private func page(of status: UInt16) throws(Refusal) -> ErrorPage {
        if let file {
            guard fields.isEmpty, type.isEmpty else { throw .conflict("'errorfile' stands alone") }
            return file
        }
        guard body == nil || !type.isEmpty else { throw .missing(expected: "content-type") }
        guard body?.isEmpty != false || status != 204 && status != 304 else {
            throw .conflict("an answer with status \(status) has no body")
        }
        var page = ErrorPage(status: status, contentType: body == nil ? "" : type, body: body ?? [])
        for field in fields {
            page.fields.append(.init(field.name, field.value.fixedText ?? ""))
        }
        return try AnswerContent.usable(page)
    }

    /// The bytes of a file.
    static func bytes(_ word: Word, _ line: LineReader) throws(Refusal) -> [UInt8] {
        switch line.surroundings.read(word.text) {
        case .file(let bytes): return bytes
        case .folder: throw .conflict("'\(word.text)' is a folder")
        case .unreadable(let why): throw .conflict("'\(word.text)': \(why)")
        }
    }

    /// A file as `errorfile` names it; one that is empty is no page at all.
    static func page(file word: Word, _ line: LineReader) throws(Refusal) -> ErrorPage {
        if word.text == "/dev/null" { return .silence }
        let bytes = try bytes(word, line)
        if bytes.isEmpty { return .silence }
        do {
            let page = try ErrorPage(file: bytes)
            line.surroundings.patterns.note { $0.pages.append((page, word)) }
            return page
        } catch {
            throw .conflict("'\(word.text)': \(sentence(error))")
        }
    }

    /// The page, if it can be sent.
    static func usable(_ page: ErrorPage) throws(Refusal) -> ErrorPage {
        if let flaw = page.flaw { throw .conflict(sentence(flaw)) }
        return page
    }

    private static func sentence(_ flaw: ErrorPageFlaw) -> String {
        switch flaw {
        case .badStatusLine: "it does not begin with a status line of HTTP/1"
        case .badStatus: "its status is none an answer can have"
        case .badField(let name): "'\(name)' is no header field, or not with that value"
        case .noEnd: "its head has no end"
        case .badLength: "its Content-Length is not its body's"
        case .encoded: "a Transfer-Encoding is not for files"
        case .tooLong: "a page has at most \(ErrorPage.longest) bytes"
        }
    }
}

extension FormatString {
    /// What it says, if there is nothing to fill in.
    fileprivate var fixedText: String? {
        var text = ""
        for part in parts {
            guard case .text(let bytes) = part else { return nil }
            text += String(decoding: bytes, as: UTF8.self)
        }
        return text
    }
}
