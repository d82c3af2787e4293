import Basics
import Model

/// HAProxy's hash functions, bit for bit: the same key must name the same server in both.
enum KeyHash {
    /// The number of a key by a backend's `hash-type`.
    static func hash(_ key: ByteView, _ type: HashType) -> UInt32 {
        mix(hash(key, type.function), type)
    }

    /// What is a number already, after the modifier.
    static func mix(_ number: UInt32, _ type: HashType) -> UInt32 {
        type.hasAvalanche ? avalanche(number) : number
    }

    static func hash(_ key: ByteView, _ function: HashFunction) -> UInt32 {
        switch function {
        case .sdbm: fold(key, 0) { UInt32($1) &+ ($0 << 6) &+ ($0 << 16) &- $0 }
        case .djb2: fold(key, 5381) { ($0 << 5) &+ $0 &+ UInt32($1) }
        case .wt6: wt6(key)
        case .crc32: crc32(key)
        case .none: number(key)
        }
    }

    @inline(__always)
    private static func fold(_ key: ByteView, _ start: UInt32, _ step: (UInt32, UInt8) -> UInt32) -> UInt32 {
        var sum = start
        for i in 0..<key.count { sum = step(sum, key[i]) }
        return sum
    }

    /// Two lanes that are turned by as many bits as they say themselves.
    private static func wt6(_ key: ByteView) -> UInt32 {
        var (one, two): (UInt32, UInt32) = (0xA53C_965A, 0x5CA6_953A)
        var (turnOne, turnTwo): (UInt32, UInt32) = (6, 18)
        for i in 0..<key.count {
            one = ~(one ^ UInt32(key[i]))
            two = ~(two &+ UInt32(key[i]))
            (one, two) = (rotate(two, by: turnOne), rotate(one, by: turnTwo))
            let turns = ((one >> 16) ^ two) & 0xFFFF
            (turnOne, turnTwo) = (turns & 31, turns >> 11)
        }
        return one ^ two
    }

    private static func rotate(_ value: UInt32, by bits: UInt32) -> UInt32 {
        value &<< bits | value &>> (32 &- bits)
    }

    /// CRC-32 as Ethernet and zip have it, bit by bit: keys are short.
    private static func crc32(_ key: ByteView) -> UInt32 {
        ~fold(key, ~0) { sum, byte in
            var rest = sum ^ UInt32(byte)
            for _ in 0..<8 { rest = (rest >> 1) ^ (rest & 1 == 0 ? 0 : 0xEDB8_8320) }
            return rest
        }
    }

    /// The decimal number a key begins with, held within 64 bits; its low 32 bits.
    private static func number(_ key: ByteView) -> UInt32 {
        let sign = key.isEmpty ? 0 : key[0]
        let isNegative = sign == UInt8(ascii: "-")
        let most = UInt64(Int64.max) + (isNegative ? 1 : 0)
        var value: UInt64 = 0
        for i in (isNegative || sign == UInt8(ascii: "+") ? 1 : 0)..<key.count {
            let digit = key[i] &- UInt8(ascii: "0")
            guard digit <= 9 else { break }
            let (tenfold, overflows) = value.multipliedReportingOverflow(by: 10)
            let (sum, isTooLarge) = tenfold.addingReportingOverflow(UInt64(digit))
            value = overflows || isTooLarge ? most : min(sum, most)
        }
        return UInt32(truncatingIfNeeded: isNegative ? 0 &- value : value)
    }

    /// Bob Jenkins' six-step mix of a 32-bit number, then HAProxy's multiplication that spreads it over the ring. No two
    /// numbers give the same.
    static func avalanche(_ number: UInt32) -> UInt32 {
        var a = number
        a = (a &+ 0x7ED5_5D16) &+ (a << 12)
        a = (a ^ 0xC761_C23C) ^ (a >> 19)
        a = (a &+ 0x1656_67B1) &+ (a << 5)
        a = (a &+ 0xD3A2_646C) ^ (a << 9)
        a = (a &+ 0xFD70_46C5) &+ (a << 3)
        a = (a ^ 0xB55A_4F09) ^ (a >> 16)
        return a &* 3_221_225_473
    }
}
