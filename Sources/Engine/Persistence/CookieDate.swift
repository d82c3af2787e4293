import Basics

/// Dates inside persistence cookies: seconds since 1970 in units of four, 30 bits, as five digits of base64.
enum CookieDate {
    /// Seconds; they reach into the year 2106.
    typealias Seconds = UInt32

    /// Writes `now`, rounded up, so that no date is read back as one of the past second.
    static func write(_ now: Int64, to writer: inout ByteWriter) {
        write(units: UInt32(truncatingIfNeeded: (now &+ 3) >> 2), to: &writer)
    }

    /// Writes a date that was read.
    static func write(again date: Seconds, to writer: inout ByteWriter) {
        write(units: date >> 2, to: &writer)
    }

    private static func write(units: UInt32, to writer: inout ByteWriter) {
        for digits in 0..<5 as Range<UInt32> {
            writer.append(digit(UInt8(truncatingIfNeeded: units >> (24 - 6 * digits) & 63)))
        }
    }

    /// The date in the first five bytes; nil if they are none or mean no time at all.
    static func read(_ bytes: ByteView) -> Seconds? {
        guard bytes.count >= 5 else { return nil }
        var units: UInt32 = 0
        for i in 0..<5 {
            guard let value = value(of: bytes[i]) else { return nil }
            units = units << 6 | UInt32(value)
        }
        return units > 0 ? units << 2 : nil
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        switch value {
        case 0..<26: UInt8(ascii: "A") + value
        case 26..<52: UInt8(ascii: "a") + value - 26
        case 52..<62: UInt8(ascii: "0") + value - 52
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): digit - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
