import Basics
import Model

extension SampleHash {
    /// The hash of bytes as HAProxy's converters give it.
    func number(of bytes: ByteView) -> Int64 {
        switch self {
        case .function(let function, let hasAvalanche):
            Int64(SampleHash.mixed(KeyHash.hash(bytes, function), hasAvalanche))
        case .castagnoli(let hasAvalanche):
            Int64(SampleHash.mixed(SampleHash.castagnoli(bytes), hasAvalanche))
        case .xxh32(let seed): Int64(XXHash32.hash(bytes, seed: seed))
        case .xxh64(let seed): Int64(bitPattern: XXHash64.hash(bytes, seed: seed))
        case .xxh3(let seed): Int64(bitPattern: XXHash3.hash(bytes, seed: seed))
        }
    }

    private static func mixed(_ number: UInt32, _ hasAvalanche: Bool) -> UInt32 {
        hasAvalanche ? KeyHash.avalanche(number) : number
    }

    /// CRC-32C (RFC 3720), bit by bit.
    private static func castagnoli(_ bytes: ByteView) -> UInt32 {
        var sum = ~UInt32(0)
        for i in 0..<bytes.count {
            sum ^= UInt32(bytes[i])
            for _ in 0..<8 { sum = (sum >> 1) ^ (sum & 1 == 0 ? 0 : 0x82F6_3B78) }
        }
        return ~sum
    }
}
