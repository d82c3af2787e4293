import Model

/// Lines that begin with a dot: `.if` and its kin, and messages of the file itself.
extension SectionReader {
    /// The words there are.
    private static let words = [".if", ".elif", ".else", ".endif", ".notice", ".warning", ".alert", ".diag"]

    /// Reads such a line.
    mutating func readDotted(_ line: Line) {
        let place = SourceLocation(file: line.file, line: line.number)
        let word = line.words[0].text
        // A copy: conditions are asked about the rest of this reader while it changes.
        var blocks = blocks
        defer { self.blocks = blocks }
        do {
            let misplaced: String?
            switch word {
            case ".if":
                misplaced = nil
                try blocks.begin(place) { () throws(Condition.Flaw) in try holds(line) }
            case ".elif":
                misplaced = try blocks.otherwise { () throws(Condition.Flaw) in try holds(line) }
            case ".else", ".endif":
                misplaced = word == ".else" ? blocks.otherwise() : blocks.end()
                if line.words.count > 1 {
                    add(
                        .error, "UnexpectedArgument", "'\(word)': unexpected '\(line.words[1].text)'", place)
                }
            default:
                misplaced = nil
                say(line, place)
            }
            if let misplaced { add(.error, "Syntax", "'\(word)': \(misplaced)", place) }
        } catch {
            add(.error, "Syntax", "'\(word)': \(error.message)", place)
        }
    }

    /// The words behind the first are one condition, whatever blanks were between them.
    private func holds(_ line: Line) throws(Condition.Flaw) -> Bool {
        let text = line.words.dropFirst().map(\.bytes).joined(separator: [UInt8(ascii: " ")])
        return try Condition.holds(Array(text), Condition.Facts(environment: surroundings.environment))
    }

    private mutating func say(_ line: Line, _ place: SourceLocation) {
        let word = line.words[0].text
        guard SectionReader.words.contains(word) else {
            let nearest = Suggestion.nearest(to: word, among: SectionReader.words)
            let hint = nearest.map { "; did you mean '\($0)'?" } ?? ""
            return add(.error, "UnknownKeyword", "unknown keyword '\(word)'\(hint)", place)
        }
        // `.diag` is for HAProxy's diagnostic mode alone.
        guard blocks.areLinesTaken, word != ".diag" else { return }
        let message = line.words.dropFirst().map(\.text).joined(separator: " ")
        add(word == ".alert" ? .error : .warning, "Message", message, place)
    }
}
