/// XXH32 of sixteen bytes: what HAProxy makes of an IPv6 address for `hash-key addr`.
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
        sum &+= 16
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
