import Basics

/// One character of a text that may be UTF-8, with what is wrong with it: read as HAProxy does, which goes on at the same byte.
struct LooseCharacter {
    /// Its number, as far as its bytes say it.
    let value: UInt32
    /// Of how many bytes it is, at least 1.
    let count: Int
    let flaws: Flaws

    /// What may be wrong.
    struct Flaws: OptionSet {
        let rawValue: UInt8
        /// Bytes that make no character.
        static let broken = Flaws(rawValue: 1)
        /// More bytes than the character needs.
        static let overlong = Flaws(rawValue: 2)
        /// Half of a pair, or none that Unicode will ever have.
        static let outOfRange = Flaws(rawValue: 4)
    }

    /// The one that begins at a place of a text.
    init(of text: ByteView, at start: Int) {
        let first = text[start]
        guard first >= 0x80 else {
            (value, count, flaws) = (UInt32(first), 1, [])
            return
        }
        // As many as there are bits in front of the first that is not set; six are the most there ever were.
        let length = (~first).leadingZeroBitCount
        guard length >= 2, length <= 6, start + length <= text.count else {
            (value, count, flaws) = (UInt32(first), 1, .broken)
            return
        }
        var number = UInt32(first) & 0x7F >> UInt32(length)
        for place in 1..<length {
            let byte = text[start + place]
            guard byte & 0xC0 == 0x80 else {
                (value, count, flaws) = (number, place, .broken)
                return
            }
            number = number << 6 | UInt32(byte & 0x3F)
        }
        (value, count, flaws) = (number, length, LooseCharacter.flaws(of: number, length: length))
    }

    private static func flaws(of number: UInt32, length: Int) -> Flaws {
        let needed =
            switch number {
            case 0..<0x80: 1
            case 0x80..<0x800: 2
            case 0x800..<0x1_0000: 3
            case 0x1_0000..<0x20_0000: 4
            default: length
            }
        var flaws: Flaws = length > needed ? .overlong : []
        if (0xD800..<0xE000).contains(number) || number == 0xFFFE || number == 0xFFFF {
            flaws.insert(.outOfRange)
        }
        return flaws
    }
}
