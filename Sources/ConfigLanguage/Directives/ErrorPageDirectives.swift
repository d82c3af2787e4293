import Model

/// `errorfile`, `errorloc302`, `errorloc303`, `http-error`: pages for both sides of a section, of which a backend's come first.
enum ErrorPageDirectives {
    static let table = [
        Directive("errorfile") { line, proxy throws(Refusal) in
            let status = try status(&line)
            let word = try line.take("a file")
            guard word.text != "/dev/null" else {
                return line.ignore(
                    "errorfile … /dev/null", "clients are answered before they are disconnected")
            }
            set(status, try page(file: word, line), of: &proxy)
        },
        Directive("errorloc") { line, proxy throws(Refusal) in try redirect(&line, &proxy, 302) },
        Directive("errorloc302") { line, proxy throws(Refusal) in try redirect(&line, &proxy, 302) },
        Directive("errorloc303") { line, proxy throws(Refusal) in try redirect(&line, &proxy, 303) },
        Directive("http-error") { line, proxy throws(Refusal) in
            guard line.takes("status") else { throw .missing(expected: "status, and one of \(known)") }
            let status = try status(&line)
            guard let page = try answer(&line, status) else { return proxy.forgetPage(status) }
            set(status, page, of: &proxy)
        },
        .ignored("errorfiles", "pages come from 'errorfile' and 'http-error'"),
    ]

    private static let known = ErrorPage.statuses.map { "\($0)" }.joined(separator: ", ")

    private static func status(_ line: inout LineReader) throws(Refusal) -> UInt16 {
        let word = try line.take("a status: one of \(known)")
        guard let status = UInt16(word.text), ErrorPage.statuses.contains(status) else {
            throw .invalid(word, expected: "one of \(known)")
        }
        return status
    }

    private static func set(_ status: UInt16, _ page: ErrorPage, of proxy: inout Proxy) {
        proxy.frontend.errorPages[status] = page
        proxy.backend.errorPages[status] = page
    }

    private static func redirect(
        _ line: inout LineReader, _ proxy: inout Proxy, _ code: UInt16
    ) throws(Refusal) {
        let status = try status(&line)
        let page = ErrorPage(redirecting: code, to: try line.take("a location").text)
        set(status, try usable(page), of: &proxy)
    }

    private static func bytes(_ word: Word, _ line: LineReader) throws(Refusal) -> [UInt8] {
        switch line.surroundings.read(word.text) {
        case .file(let bytes): return bytes
        case .folder: throw .conflict("'\(word.text)' is a folder")
        case .unreadable(let why): throw .conflict("'\(word.text)': \(why)")
        }
    }

    private static func page(file word: Word, _ line: LineReader) throws(Refusal) -> ErrorPage {
        let bytes = try bytes(word, line)
        do {
            return try ErrorPage(file: bytes)
        } catch {
            throw .conflict("'\(word.text)': \(sentence(error))")
        }
    }

    private static func usable(_ page: ErrorPage) throws(Refusal) -> ErrorPage {
        if let flaw = page.flaw { throw .conflict(sentence(flaw)) }
        return page
    }

    /// The rest of `http-error`; nil for `default-errorfiles`, the built-in page.
    private static func answer(_ line: inout LineReader, _ status: UInt16) throws(Refusal) -> ErrorPage? {
        var (type, body, fields, isDefault) = ("", [UInt8]?.none, [ErrorPage.Field](), false)
        while let word = line.takeIfAny() {
            switch word.text {
            case "content-type": type = try line.take("a media type").text
            case "string": body = Array(try line.take("a text").text.utf8)
            case "file": body = try bytes(try line.take("a file"), line)
            case "errorfile":
                let page = try page(file: try line.take("a file"), line)
                guard line.next == nil else { throw .conflict("'errorfile' stands alone") }
                return page
            case "default-errorfiles": isDefault = true
            case "hdr":
                let name = try line.take("a field's name").text
                fields.append(.init(name, try fixed(try line.take("a value"))))
            case "lf-string", "lf-file", "errorfiles":
                throw .unsupported("http-error \(word.text)", instead: "'string', 'file' and 'errorfile' do")
            default: throw .unexpected(word)
            }
        }
        if isDefault { return nil }
        guard body == nil || !type.isEmpty else { throw .missing(expected: "content-type") }
        var page = ErrorPage(status: status, contentType: body == nil ? "" : type, body: body ?? [])
        page.fields += fields
        return try usable(page)
    }

    /// A format without anything to fill in.
    private static func fixed(_ word: Word) throws(Refusal) -> String {
        let text = word.text.split(separator: "%%", omittingEmptySubsequences: false)
        guard text.allSatisfy({ !$0.contains("%") }) else {
            throw .unsupported("hdr with a format", instead: "fixed text is")
        }
        return text.joined(separator: "%")
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

extension Proxy {
    fileprivate mutating func forgetPage(_ status: UInt16) {
        frontend.errorPages[status] = nil
        backend.errorPages[status] = nil
    }
}
