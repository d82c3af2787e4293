import Model

/// A format as a word: the other way round than `FormatReader`.
enum FormatSpelling {
    /// As it stands where formats of this place are read.
    static func word(_ format: FormatString, for place: FormatReader.Place) -> Word {
        guard !format.isRecord else { return Word(Array(format.description.utf8), column: 1) }
        var bytes: [UInt8] = []
        for part in format.parts {
            switch part {
            case .text(let text):
                for byte in text { bytes += byte == UInt8(ascii: "%") ? [byte, byte] : [byte] }
            case .blank: bytes.append(UInt8(ascii: " "))
            case .sample(let expression, let flags):
                bytes += "%\(letters(flags, place))[\(expression)]".utf8
            case .variable(let variable, let flags):
                bytes += "%\(letters(flags, place))\(variable.rawValue)".utf8
            // No place of an haproxy.cfg has these.
            case .fact(let fact, _): bytes += "$\(fact.rawValue)".utf8
            case .json(let item): bytes += item.description.utf8
            }
        }
        return Word(bytes, column: 1)
    }

    /// What is so otherwise than by itself.
    private static func letters(_ flags: FormatFlags, _ place: FormatReader.Place) -> String {
        let changed = FormatReader.letters.compactMap { letter, flag -> String? in
            guard flags.contains(flag) != place.flags.contains(flag) else { return nil }
            return (flags.contains(flag) ? "+" : "-") + letter
        }
        return changed.isEmpty ? "" : "{\(changed.joined(separator: ","))}"
    }
}
