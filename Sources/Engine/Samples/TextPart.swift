import Basics

/// Which of the parts of a text between delimiters: HAProxy's `field`, and `word`, where delimiters next to each other are one.
struct TextPart {
    /// From the first (1) or from the last (-1).
    let number: Int
    let delimiters: Literal
    /// How many parts, counted away from the end that `number` is counted from; 0 is all.
    let count: Int
    let isJoined: Bool

    /// The parts; nil for a field that is not there, empty for such a word.
    func cut(_ text: ByteView, _ delimiters: ByteView) -> ByteView? {
        isJoined ? word(text, delimiters) : field(text, delimiters)
    }

    private func field(_ text: ByteView, _ delimiters: ByteView) -> ByteView? {
        var scan = Scan(text, delimiters, isBackward: number < 0)
        guard scan.passParts(number.magnitude &- 1) else { return nil }
        let start = scan.at
        scan.passToEnd(of: count)
        return scan.slice(start, scan.at)
    }

    private func word(_ text: ByteView, _ delimiters: ByteView) -> ByteView {
        var scan = Scan(text, delimiters, isBackward: number < 0)
        scan.passDelimiters()
        for _ in 1..<max(1, number.magnitude) {
            scan.passPart()
            guard !scan.isAtEnd else { return .empty }
            scan.passDelimiters()
        }
        let start = scan.at
        guard !scan.isAtEnd else { return .empty }
        guard count > 0 else { return scan.slice(start, text.count) }
        for number in 1...count {
            scan.passPart()
            if number == count || scan.isAtEnd { break }
            scan.passDelimiters()
        }
        return scan.slice(start, scan.at)
    }

    /// A walk over the text in either direction; places are counted from where it begins.
    private struct Scan {
        private let text: ByteView
        private let delimiters: ByteView
        private let isBackward: Bool
        private(set) var at = 0

        init(_ text: ByteView, _ delimiters: ByteView, isBackward: Bool) {
            self.text = text
            self.delimiters = delimiters
            self.isBackward = isBackward
        }

        var isAtEnd: Bool { at >= text.count }

        private var isAtDelimiter: Bool {
            let byte = text[isBackward ? text.count - 1 - at : at]
            for i in 0..<delimiters.count where delimiters[i] == byte { return true }
            return false
        }

        mutating func passPart() {
            while !isAtEnd, !isAtDelimiter { at += 1 }
        }

        mutating func passDelimiters() {
            while !isAtEnd, isAtDelimiter { at += 1 }
        }

        /// Passes so many parts with a delimiter behind each; false if there are not so many.
        mutating func passParts(_ count: UInt) -> Bool {
            for _ in 0..<count {
                passPart()
                guard !isAtEnd else { return false }
                at += 1
            }
            return true
        }

        /// To the end of a number of parts, 0 for all.
        mutating func passToEnd(of count: Int) {
            guard count > 0 else {
                at = text.count
                return
            }
            for number in 1...count {
                passPart()
                if number == count || isAtEnd { return }
                at += 1
            }
        }

        func slice(_ start: Int, _ end: Int) -> ByteView {
            isBackward ? text[text.count - end..<text.count - start] : text[start..<end]
        }
    }

    /// Without the given bytes at one end.
    static func trim(_ text: ByteView, _ bytes: ByteView, isLeft: Bool) -> ByteView {
        var (start, end) = (0, text.count)
        if isLeft {
            while start < end, bytes.firstIndex(of: text[start]) != nil { start += 1 }
        } else {
            while start < end, bytes.firstIndex(of: text[end - 1]) != nil { end -= 1 }
        }
        return text[start..<end]
    }
}
