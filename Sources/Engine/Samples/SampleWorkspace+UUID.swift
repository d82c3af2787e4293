import Basics

extension SampleWorkspace {
    /// A name that nobody else has, of version 4 or 7 (RFC 9562 5.4 and 5.7); nil if it does not fit. `now` is the nanoseconds of
    /// CLOCK_REALTIME.
    mutating func writeUUID(_ version: Int, _ first: UInt64, _ second: UInt64, now: UInt64) -> Sample? {
        var (high, low) = (first, second)
        if version == 7 { high = (now / 1_000_000) << 16 | high & 0xFFFF }
        high = high & ~0xF000 | UInt64(version & 15) << 12
        low = low & ~(3 << 62) | 2 << 62
        return write { writer in
            for (i, word) in [high, low].enumerated() {
                for place in 0..<16 {
                    if i == 0 ? place == 8 || place == 12 : place == 0 || place == 4 {
                        writer.append(UInt8(ascii: "-"))
                    }
                    let digit = UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * place)) & 15
                    writer.append(digit < 10 ? digit + UInt8(ascii: "0") : digit - 10 + UInt8(ascii: "a"))
                }
            }
        }.map { .string($0) }
    }
}
