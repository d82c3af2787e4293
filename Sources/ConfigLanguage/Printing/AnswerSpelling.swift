import Model

/// What is answered, as words: the other way round than `AnswerContent`, `AnswerKeywords` and `RedirectKeywords`.
enum AnswerSpelling {
    /// A page whose status is said already; nil if it is more than these words can say.
    static func content(_ page: ErrorPage) -> [Word]? {
        guard page.reason.isEmpty else { return nil }
        var words: [Word] = []
        var fields = page.fields[...]
        if !page.body.isEmpty {
            guard let type = fields.popFirst(), type.name == "Content-Type", !type.value.isEmpty else {
                return nil
            }
            words += ["content-type", Word(type.value), "string", Word(page.body, column: 1)]
        }
        for field in fields {
            words += ["hdr", Word(field.name), fixed(Array(field.value.utf8))]
        }
        return words
    }

    /// A text where a format is read.
    private static func fixed(_ text: [UInt8]) -> Word {
        FormatSpelling.word(FormatString([.text(text)]), for: .message)
    }

    /// Behind `deny` and `tarpit`, whose status is this if nothing is said; nil if it can not be said.
    static func refusal(_ answer: RuleAnswer, usual: UInt16, _ section: SectionText) -> [Word]? {
        if case .page(let status) = answer { return status == usual ? [] : ["deny_status", "\(status)"] }
        return whole(answer, section)
    }

    /// Behind `return`.
    static func answer(_ answer: RuleAnswer, _ section: SectionText) -> [Word]? {
        if case .page(let status) = answer { return ["status", "\(status)", "default-errorfiles"] }
        return whole(answer, section)
    }

    private static func whole(_ answer: RuleAnswer, _ section: SectionText) -> [Word]? {
        switch answer {
        case .page: return nil
        case .own(let page, let status):
            if page.isSilent { return ["status", "\(status)", "errorfile", "/dev/null"] }
            if let file = section.context.files?.pages.first(where: { $0.page == page })?.file {
                return ["status", "\(status)", "errorfile", file]
            }
            guard page.status == status else { return nil }
            return content(page).map { ["status", "\(status)"] + $0 }
        case .composed(let page):
            return ["status", "\(page.status)"] + content(page, section)
        }
    }

    /// A page that is written by formats, whose status is said already.
    static func content(_ page: ComposedPage, _ section: SectionText) -> [Word] {
        var words: [Word] = []
        if page.body.parts != [.text([])] {
            words += [
                "content-type", Word(page.contentType), "lf-string", section.word(page.body, for: .message),
            ]
        }
        for field in page.fields {
            words += ["hdr", Word(field.name), section.word(field.value, for: .message)]
        }
        return words
    }

    /// Behind `redirect`; nil if its cookie is none that the words can set. Of the keyword of its own the target is literal.
    static func words(_ redirect: Redirect, isLiteral: Bool, _ section: SectionText) -> [Word]? {
        var target = section.word(redirect.target, for: .message)
        if isLiteral {
            var bytes: [UInt8] = []
            for part in redirect.target.parts {
                guard case .text(let text) = part else { return nil }
                bytes += text
            }
            target = Word(bytes, column: 1)
        }
        var words: [Word] = [Word(redirect.kind.rawValue), target]
        if redirect.status != 302 { words += ["code", "\(redirect.status)"] }
        if redirect.dropsQuery { words.append("drop-query") }
        if redirect.appendsSlash { words.append("append-slash") }
        if redirect.ignoresEmpty { words.append("ignore-empty") }
        guard let cookie = redirect.cookie else { return words }
        for (name, end) in [
            ("clear-cookie", RedirectKeywords.clearing), ("set-cookie", RedirectKeywords.setting),
        ] where cookie.hasSuffix(end) {
            return words + [Word(name), Word(String(cookie.dropLast(end.count)))]
        }
        return nil
    }
}
