import Model

/// `errorfile`, `errorloc302`, `errorloc303`, `http-error`: pages for both sides of a section, of which a backend's come first.
enum ErrorPageDirectives {
    static let table = [
        Directive("errorfile") { line, proxy throws(Refusal) in
            let status = try status(&line)
            set(status, try AnswerContent.page(file: try line.take("a file"), line), of: &proxy)
        },
        Directive("errorloc") { line, proxy throws(Refusal) in try redirect(&line, &proxy, 302) },
        Directive("errorloc302") { line, proxy throws(Refusal) in try redirect(&line, &proxy, 302) },
        Directive("errorloc303") { line, proxy throws(Refusal) in try redirect(&line, &proxy, 303) },
        Directive("http-error") { line, proxy throws(Refusal) in
            guard line.takes("status") else { throw .missing(expected: "status, and one of \(known)") }
            let status = try status(&line)
            guard let page = try answer(&line, status) else { return proxy.forgetPage(status) }
            set(status, page, of: &proxy)
            proxy.pageLines[status] = line.place
        },
        Directive("errorfiles") { line, proxy throws(Refusal) in
            let name = try line.take("the name of an http-errors section")
            let pages = try pages(of: name, line)
            guard line.next != nil else {
                for (status, page) in pages { set(status, page, of: &proxy) }
                return
            }
            while line.next != nil {
                let status = try status(&line)
                if let page = pages[status] {
                    set(status, page, of: &proxy)
                } else {
                    line.warn("http-errors section '\(name.text)' has no page for status \(status)")
                }
            }
        },
    ]

    /// What stands in an `http-errors` section.
    static let section = [
        PageKeyword("errorfile") { line, section throws(Refusal) in
            let status = try status(&line)
            section.pages[status] = try AnswerContent.page(file: try line.take("a file"), line)
        }
    ]

    /// The pages of a section that has been read.
    static func pages(of name: Word, _ line: LineReader) throws(Refusal) -> [UInt16: ErrorPage] {
        if let pages = line.surroundings.pages[name.text] { return pages }
        let nearest = Suggestion.nearest(to: name.text, among: line.surroundings.pages.keys.sorted())
        throw .conflict(
            "no http-errors section above is called '\(name.text)'"
                + (nearest.map { "; did you mean '\($0)'?" } ?? ""))
    }

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
        set(status, try AnswerContent.usable(page), of: &proxy)
    }

    /// The rest of `http-error`; nil for `default-errorfiles`, the built-in page.
    private static func answer(_ line: inout LineReader, _ status: UInt16) throws(Refusal) -> ErrorPage? {
        var content = AnswerContent()
        while let word = line.takeIfAny() {
            guard try content.takes(word, &line) else { throw .unexpected(word) }
        }
        if content.isDefault { return nil }
        if let pages = content.pages { return pages[status] }
        switch try content.answer(of: status) {
        case .own(let page, _): return page
        case .composed(let page): return ErrorPage(page)
        case .page: return nil
        }
    }
}

extension Proxy {
    fileprivate mutating func forgetPage(_ status: UInt16) {
        frontend.errorPages[status] = nil
        backend.errorPages[status] = nil
    }
}
