import Model

/// Reads lists for those who ask them.
struct PatternFileReader {
    let files: PatternFiles
    let read: @Sendable (String) -> FileContent
    let isPattern: @Sendable (String) -> Bool

    /// Enters a use of a file; each line has to fit it.
    func enter(_ word: Word, _ use: PatternUse, asMap: Bool, id: Int? = nil) throws(Refusal) {
        let name = PatternListName(word.text)
        let entries: [PatternList.Entry]
        if let known = files[name] {
            guard known.hasValues == asMap else {
                let (now, before) = asMap ? ("with", "without") : ("without", "with")
                throw .conflict("'\(word.text)' is read \(now) values here, and was \(before) before")
            }
            entries = known.list.entries
        } else {
            let content = try content(word)
            entries = asMap ? PatternText.map(content) : PatternText.list(content)
        }
        if let line = entries.first(where: { !fits($0, use) }) {
            let text = String(decoding: line.pattern + (asMap ? [0x20] + line.value : []), as: UTF8.self)
            throw .conflict("'\(word.text)': '\(text)' is not what it is asked for: \(expected(use))")
        }
        files.enter(name, entries, hasValues: asMap, use, id: id)
    }

    private func content(_ word: Word) throws(Refusal) -> [UInt8] {
        switch read(word.text) {
        case .file(let bytes): return bytes
        case .folder: throw .conflict("'\(word.text)' is a folder")
        case .unreadable(let why): throw .conflict("'\(word.text)': \(why)")
        }
    }

    private func expected(_ use: PatternUse) -> String {
        let pattern =
            switch use.method {
            case .text: "a text"
            case .regex, .groups: "a regular expression"
            case .number, .length: "a number or a range such as 1:3"
            case .address: "an address, with or without a prefix"
            case .binary: "hexadecimal digits"
            }
        return switch use.output {
        case nil, .text: pattern
        case .number: "\(pattern), and a number"
        case .address: "\(pattern), and an address"
        }
    }

    private func fits(_ line: PatternList.Entry, _ use: PatternUse) -> Bool {
        if let output = use.output, !PatternFileReader.isValue(line.value, output) { return false }
        let pattern = String(decoding: line.pattern, as: UTF8.self)
        return switch use.method {
        case .text: true
        case .regex, .groups: isPattern(pattern)
        case .number, .length: (try? PatternReader.range(Word(pattern))) != nil
        case .binary: HexDigits.bytes(pattern) != nil
        case .address: PatternFileReader.isNetwork(pattern)
        }
    }

    /// Whether a value can be read as what it is for.
    static func isValue(_ bytes: [UInt8], _ output: PatternUse.Output) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        return switch output {
        case .text: true
        case .number: Int64(text) != nil
        case .address: AddressSyntax.isAddress(text, isV6: text.contains(":"))
        }
    }

    private static func isNetwork(_ text: String) -> Bool {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let isV6 = text.contains(":")
        guard let host = parts.first, AddressSyntax.isAddress(String(host), isV6: isV6) else { return false }
        guard parts.count == 2 else { return true }
        return (try? Units.number(parts[1])).map { $0 <= (isV6 ? 128 : 32) } ?? false
    }
}
