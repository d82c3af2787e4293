import Basics

/// XXH32, https://github.com/Cyan4973/xxHash: of sixteen bytes what HAProxy makes of an IPv6 address for `hash-key addr`.
enum XXHash32 {
    private static let primes: InlineArray<5, UInt32> = [
        2_654_435_761, 2_246_822_519, 3_266_489_917, 668_265_263, 374_761_393,
    ]

    /// The hash of two words, each the little-endian number of its eight bytes.
    static func hash(_ first: UInt64, _ second: UInt64, seed: UInt32) -> UInt32 {
        // One stripe of four lanes, and nothing left over.
        var sum = rotate(round(seed &+ primes[0] &+ primes[1], UInt32(truncatingIfNeeded: first)), 1)
        sum &+= rotate(round(seed &+ primes[1], UInt32(truncatingIfNeeded: first >> 32)), 7)
        sum &+= rotate(round(seed, UInt32(truncatingIfNeeded: second)), 12)
        sum &+= rotate(round(seed &- primes[0], UInt32(truncatingIfNeeded: second >> 32)), 18)
        return finish(sum &+ 16)
    }

    /// The hash of bytes.
    static func hash(_ bytes: ByteView, seed: UInt32) -> UInt32 {
        var at = 0
        var sum = bytes.count >= 16 ? stripes(bytes, &at, seed) : seed &+ primes[4]
        sum &+= UInt32(truncatingIfNeeded: bytes.count)
        while at + 4 <= bytes.count {
            sum = rotate(sum &+ word(bytes, at) &* primes[2], 17) &* primes[3]
            at += 4
        }
        while at < bytes.count {
            sum = rotate(sum &+ UInt32(bytes[at]) &* primes[4], 11) &* primes[0]
            at += 1
        }
        return finish(sum)
    }

    /// Stripes of 16 bytes in four lanes.
    private static func stripes(_ bytes: ByteView, _ at: inout Int, _ seed: UInt32) -> UInt32 {
        var (a, b) = (seed &+ primes[0] &+ primes[1], seed &+ primes[1])
        var (c, d) = (seed, seed &- primes[0])
        while at + 16 <= bytes.count {
            a = round(a, word(bytes, at))
            b = round(b, word(bytes, at + 4))
            c = round(c, word(bytes, at + 8))
            d = round(d, word(bytes, at + 12))
            at += 16
        }
        return rotate(a, 1) &+ rotate(b, 7) &+ rotate(c, 12) &+ rotate(d, 18)
    }

    private static func word(_ bytes: ByteView, _ at: Int) -> UInt32 {
        (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[at + $1]) << UInt32(8 * $1) }
    }

    private static func finish(_ unmixed: UInt32) -> UInt32 {
        var sum = unmixed
        sum = (sum ^ sum >> 15) &* primes[1]
        sum = (sum ^ sum >> 13) &* primes[2]
        return sum ^ sum >> 16
    }

    private static func round(_ lane: UInt32, _ input: UInt32) -> UInt32 {
        rotate(lane &+ input &* primes[1], 13) &* primes[0]
    }

    private static func rotate(_ value: UInt32, _ bits: UInt32) -> UInt32 {
        value << bits | value >> (32 - bits)
    }
}
