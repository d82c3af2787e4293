/// Cuts a file into logical lines: a backslash at the very end of a line joins the next one to it, unless it is quoted,
/// escaped itself, or part of a comment.
struct LineSplitter {
    private let bytes: [UInt8]
    private var position = 0
    private var number = 0

    /// What there is of a file.
    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The next logical line and the number of its first physical line; nil at the end.
    mutating func next() -> (number: Int, bytes: [UInt8])? {
        guard position < bytes.count else { return nil }
        let first = number + 1
        var line: [UInt8] = []
        while let piece = nextPhysical() {
            line += piece
            guard LineSplitter.isContinued(line) else { break }
            line.removeLast()
            // The indentation of the next line is no part of a word that goes on.
            guard position < bytes.count else { break }
        }
        return (first, line)
    }

    private mutating func nextPhysical() -> ArraySlice<UInt8>? {
        guard position < bytes.count else { return nil }
        let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        var line = bytes[position..<end]
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        position = end + 1
        number += 1
        return line
    }

    private static func isContinued(_ line: [UInt8]) -> Bool {
        guard line.last == UInt8(ascii: "\\") else { return false }
        var quote: UInt8?
        var i = 0
        while i < line.count - 1 {
            let byte = line[i]
            switch (byte, quote) {
            case (UInt8(ascii: "\\"), nil), (UInt8(ascii: "\\"), UInt8(ascii: "\"")):
                i += 2
                continue
            case (UInt8(ascii: "#"), nil): return false
            case (UInt8(ascii: "'"), nil), (UInt8(ascii: "\""), nil): quote = byte
            case (_, byte): quote = nil
            default: break
            }
            i += 1
        }
        // A last backslash that was stepped over belongs to the one before it.
        return i == line.count - 1 && quote != UInt8(ascii: "'")
    }
}
