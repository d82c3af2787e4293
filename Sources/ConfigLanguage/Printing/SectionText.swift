import Model

/// The text of one section while it is written: its lines, and the ACLs that its conditions name.
struct SectionText {
    /// `backend shop`.
    let title: [Word]
    let context: PrintContext
    /// How much the places of captures hold that are declared by the line which fills them, by their numbers.
    var ownSlots: [Int: Int] = [:]
    private var lines: [String] = []
    /// The ACLs that have been written, by what they ask.
    private var lists: [[SampleTest]: String] = [:]

    init(_ title: Word..., in context: PrintContext) { (self.title, self.context) = (title, context) }

    /// One that may have no name.
    init(_ title: Word, in context: PrintContext, name: String) {
        (self.title, self.context) = (name.isEmpty ? [title] : [title, Word(name)], context)
    }

    /// The whole section.
    var text: String {
        ([title.map(\.spelled).joined(separator: " ")] + lines.map { "    \($0)" }).joined(separator: "\n")
            + "\n"
    }

    /// Whether nothing stands in it.
    var isEmpty: Bool { lines.isEmpty }

    /// Writes a line.
    mutating func add(_ words: Word...) { add(words) }

    /// Writes a line with a condition.
    mutating func add(_ words: [Word], when condition: RuleCondition? = nil) {
        let behind = condition.map { self.words(of: $0, behind: words.count) } ?? []
        context.commit()
        lines.append((words + behind).map(\.spelled).joined(separator: " "))
    }

    /// Writes a line if it is so.
    mutating func add(_ words: Word..., if holds: Bool) { if holds { add(words) } }

    /// Says what the language has no word for, here and to whoever asked for the text.
    mutating func remark(_ sentence: String) {
        comment(sentence)
        context.remarks.append(
            "\(title.map(\.text).joined(separator: " ")): \(SectionText.oneLine(sentence))")
    }

    /// Says something about what follows.
    mutating func comment(_ sentence: String) { lines.append("# sluice: \(SectionText.oneLine(sentence))") }

    private static func oneLine(_ text: String) -> String {
        String(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : Character($0) })
    }

    /// The name of an ACL that asks this; it is written if it is not there yet.
    mutating func list(_ tests: [SampleTest]) -> Word {
        if let known = lists[tests] { return Word(known) }
        let name = "acl_\(lists.count + 1)"
        lists[tests] = name
        // The line that names it is written behind it.
        let outer = context.mentions
        context.mentions = []
        for test in tests.flatMap(TestSpelling.parts) {
            add(["acl", Word(name)] + TestSpelling.words(test, context))
        }
        context.mentions = outer
        return Word(name)
    }

    /// An expression as a word.
    func word(_ expression: Expression) -> Word {
        context.mention(expression)
        return Word(context.spelled(expression))
    }

    /// A format as a word.
    func word(_ format: FormatString, for place: FormatReader.Place) -> Word {
        for expression in format.parts.compactMap(\.expression) { context.mention(expression) }
        return FormatSpelling.word(format, for: place)
    }
}
