import Basics
import Model
import Testing

@testable import Engine

@Suite("Key hash")
struct KeyHashTests {
    private func hash(_ key: String, _ function: HashFunction) -> UInt32 {
        key.withView { KeyHash.hash($0, function) }
    }

    @Test(
        "known keys have their known numbers",
        arguments: [
            (.sdbm, "", 0), (.sdbm, "a", 97), (.sdbm, "ab", 97 &* 65_599 &+ 98),
            (.djb2, "", 5381), (.djb2, "a", 177_670), (.djb2, "ab", 177_670 * 33 + 98),
            (.crc32, "", 0), (.crc32, "123456789", 0xCBF4_3926),
            (.wt6, "", 0xA53C_965A ^ 0x5CA6_953A),
        ] as [(HashFunction, String, UInt32)])
    func known(function: HashFunction, key: String, expected: UInt32) {
        #expect(hash(key, function) == expected)
    }

    @Test(
        "`none` reads the number a key begins with and holds it within 64 bits",
        arguments: [
            ("", 0), ("17", 17), ("+17", 17), ("-1", 0xFFFF_FFFF), ("17x", 17), ("x17", 0), ("-", 0),
            ("--1", 0),
            ("4294967296", 0), ("4294967297", 1), ("9223372036854775807", 0xFFFF_FFFF),
            ("9223372036854775808", 0xFFFF_FFFF), ("-9223372036854775808", 0), ("-9223372036854775809", 0),
            ("99999999999999999999999999", 0xFFFF_FFFF), ("-99999999999999999999999999", 0),
        ] as [(String, UInt32)])
    func number(key: String, expected: UInt32) {
        #expect(hash(key, .none) == expected)
    }

    @Test("every byte value counts in every function", arguments: [HashFunction.sdbm, .djb2, .wt6, .crc32])
    func allBytes(function: HashFunction) {
        let numbers = (UInt8(0)...255).map { byte in
            [1, byte, 2].withView { KeyHash.hash($0, function) }
        }
        #expect(Set(numbers).count == 256)
    }

    @Test("the avalanche makes no two numbers alike and spreads neighbours")
    func avalanche() {
        let mixed = (UInt32(0)..<4_096).map(KeyHash.avalanche)
        #expect(Set(mixed).count == 4_096)
        for bucket in 0..<16 {
            let share = mixed.count { $0 >> 28 == UInt32(bucket) }
            #expect((180...330).contains(share), "\(bucket): \(share)")
        }
    }

    @Test("the modifier is applied where it is asked for, and only there")
    func modifier() {
        let plain = HashType(isConsistent: false, function: .djb2, hasAvalanche: false)
        let mixed = HashType(isConsistent: false, function: .djb2, hasAvalanche: true)
        "key".withView { key in
            #expect(KeyHash.hash(key, plain) == KeyHash.hash(key, .djb2))
            #expect(KeyHash.hash(key, mixed) == KeyHash.avalanche(KeyHash.hash(key, .djb2)))
        }
        #expect(KeyHash.mix(5, plain) == 5)
        #expect(KeyHash.mix(5, mixed) == KeyHash.avalanche(5))
    }
}
