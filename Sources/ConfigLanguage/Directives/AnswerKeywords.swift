import Model

/// What `deny`, `tarpit` and `return` answer.
enum AnswerKeywords {
    /// Behind `deny` and `tarpit`: without anything but a status it is the section's page.
    static func refusal(_ line: inout LineReader, status: UInt16) throws(Refusal) -> RuleAnswer {
        var (status, isLegacy, content) = (status, true, AnswerContent())
        while let word = line.next, word.text != "if", word.text != "unless" {
            line.skip()
            switch word.text {
            case "deny_status": status = try self.status(&line)
            case "status":
                status = try self.status(&line)
                isLegacy = false
            default: guard try content.takes(word, &line) else { throw .unexpected(word) }
            }
        }
        if content.isDefault || content.isEmpty && isLegacy { return .page(try known(status)) }
        if let pages = content.pages { return try page(of: status, among: pages, &line) }
        return try content.answer(of: status)
    }

    /// Behind `return`.
    static func answer(_ line: inout LineReader) throws(Refusal) -> RuleAnswer {
        var (status, content) = (UInt16(200), AnswerContent())
        while let word = line.next, word.text != "if", word.text != "unless" {
            line.skip()
            if word.text == "status" {
                status = try self.status(&line)
            } else {
                guard try content.takes(word, &line) else { throw .unexpected(word) }
            }
        }
        if content.isDefault { return .page(try known(status)) }
        if let pages = content.pages { return try page(of: status, among: pages, &line) }
        return try content.answer(of: status)
    }

    /// The page of an `http-errors` section; one that it does not have is the section's own.
    private static func page(
        of status: UInt16, among pages: [UInt16: ErrorPage], _ line: inout LineReader
    ) throws(Refusal) -> RuleAnswer {
        if let page = pages[status] { return .own(page, loggedAs: status) }
        line.warn("the http-errors section has no page for status \(status)")
        return .page(try known(status))
    }

    private static func status(_ line: inout LineReader) throws(Refusal) -> UInt16 {
        UInt16(try line.number(in: 200...599, "a status from 200 to 599"))
    }

    /// A status that sections have pages of.
    private static func known(_ status: UInt16) throws(Refusal) -> UInt16 {
        guard ErrorPage.statuses.contains(status) else {
            throw .conflict(
                "there is no page for status \(status): one of "
                    + ErrorPage.statuses.map { "\($0)" }.joined(separator: ", ") + ", or a body of its own")
        }
        return status
    }
}
