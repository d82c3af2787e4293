import Basics

/// XXH3 of 64 bits, https://github.com/Cyan4973/xxHash: HAProxy's `xxh3`.
enum XXHash3 {
    private static let prime32: (UInt64, UInt64, UInt64) = (0x9E37_79B1, 0x85EB_CA77, 0xC2B2_AE3D)
    private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
    private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
    private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
    private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

    /// The algorithm's constant, eight bytes to a number.
    private static let secret: [UInt64] = [
        0xBE4B_A423_396C_FEB8, 0x1CAD_21F7_2C81_017C, 0xDB97_9083_E96D_D4DE, 0x1F67_B3B7_A4A4_4072,
        0x78E5_C0CC_4EE6_79CB, 0x2172_FFCC_7DD0_5A82, 0x8E24_43F7_7446_08B8, 0x4C26_3A81_E690_35E0,
        0xCB00_C391_BB52_283C, 0xA32E_531B_8B65_D088, 0x4EF9_0DA2_9748_6471, 0xD8AC_DEA9_46EF_1938,
        0x3F34_9CE3_3F76_FAA8, 0x1D4F_0BC7_C7BB_DCF9, 0x3159_B4CD_4BE0_518A, 0x6473_78D9_C97E_9FC8,
        0xC3EB_D334_83AC_C5EA, 0xEB63_13FA_FFA0_81C5, 0x49DA_F0B7_51DD_0D17, 0x9E68_D429_2655_16D3,
        0xFCA1_477D_58BE_162B, 0xCE31_D07A_D1B8_F88F, 0x2804_1695_8F3A_CB45, 0x7E40_4BBB_CAFB_D7AF,
    ]

    /// The hash of `bytes`.
    static func hash(_ bytes: ByteView, seed: UInt64 = 0) -> UInt64 {
        switch bytes.count {
        case ...16: short(bytes, seed)
        case ...128: medium(bytes, seed)
        case ...240: longer(bytes, seed)
        default: long(bytes, seed)
        }
    }

    // MARK: Up to 240 bytes

    private static func short(_ bytes: ByteView, _ seed: UInt64) -> UInt64 {
        let count = bytes.count
        if count > 8 {
            let low = bytes.word(at: 0) ^ ((key(24) ^ key(32)) &+ seed)
            let high = bytes.word(at: count - 8) ^ ((key(40) ^ key(48)) &- seed)
            return avalanche(UInt64(count) &+ low.byteSwapped &+ high &+ folded(low, high))
        }
        if count >= 4 {
            let mixed = seed ^ UInt64(UInt32(truncatingIfNeeded: seed).byteSwapped) << 32
            let text = half(bytes, at: count - 4) &+ half(bytes, at: 0) << 32
            var hash = text ^ ((key(8) ^ key(16)) &- mixed)
            hash ^= rotate(hash, 49) ^ rotate(hash, 24)
            hash = hash &* 0x9FB2_1C65_1E98_DF25
            hash ^= hash >> 35 &+ UInt64(count)
            hash = hash &* 0x9FB2_1C65_1E98_DF25
            return hash ^ hash >> 28
        }
        guard count > 0 else { return oldAvalanche(seed ^ key(56) ^ key(64)) }
        let text =
            UInt64(bytes[0]) << 16 | UInt64(bytes[count >> 1]) << 24 | UInt64(bytes[count - 1]) | UInt64(
                count) << 8
        let flips = key(0)
        return oldAvalanche(text ^ ((flips & 0xFFFF_FFFF ^ flips >> 32) &+ seed))
    }

    private static func medium(_ bytes: ByteView, _ seed: UInt64) -> UInt64 {
        let count = bytes.count
        var sum = UInt64(count) &* prime1
        for i in 0...(count - 1) / 32 {
            sum &+= mixed(bytes, at: 16 * i, 32 * i, seed)
            sum &+= mixed(bytes, at: count - 16 * (i + 1), 32 * i + 16, seed)
        }
        return avalanche(sum)
    }

    private static func longer(_ bytes: ByteView, _ seed: UInt64) -> UInt64 {
        let count = bytes.count
        var sum = UInt64(count) &* prime1
        for i in 0..<8 { sum &+= mixed(bytes, at: 16 * i, 16 * i, seed) }
        sum = avalanche(sum)
        for i in 8..<count / 16 { sum &+= mixed(bytes, at: 16 * i, 16 * (i - 8) + 3, seed) }
        return avalanche(sum &+ mixed(bytes, at: count - 16, 136 - 17, seed))
    }

    private static func mixed(_ bytes: ByteView, at place: Int, _ secret: Int, _ seed: UInt64) -> UInt64 {
        folded(
            bytes.word(at: place) ^ (key(secret) &+ seed),
            bytes.word(at: place + 8) ^ (key(secret + 8) &- seed))
    }

    // MARK: More

    private static func long(_ bytes: ByteView, _ seed: UInt64) -> UInt64 {
        let secret = secret.enumerated().map { $0.offset % 2 == 0 ? $0.element &+ seed : $0.element &- seed }
        var lanes: [UInt64] = [prime32.2, prime1, prime2, prime3, prime4, prime32.1, prime5, prime32.0]
        let count = bytes.count
        let stripes = (count - 1) / 64
        for stripe in 0..<stripes {
            take(bytes, at: 64 * stripe, secret, 8 * (stripe % 16), &lanes)
            guard stripe % 16 == 15 else { continue }
            for i in 0..<8 {
                lanes[i] = (lanes[i] ^ lanes[i] >> 47 ^ key(128 + 8 * i, of: secret)) &* prime32.0
            }
        }
        take(bytes, at: count - 64, secret, 192 - 64 - 7, &lanes)
        var sum = UInt64(count) &* prime1
        for i in 0..<4 {
            sum &+= folded(
                lanes[2 * i] ^ key(11 + 16 * i, of: secret),
                lanes[2 * i + 1] ^ key(11 + 16 * i + 8, of: secret))
        }
        return avalanche(sum)
    }

    private static func take(
        _ bytes: ByteView, at place: Int, _ secret: [UInt64], _ offset: Int, _ lanes: inout [UInt64]
    ) {
        for i in 0..<8 {
            let word = bytes.word(at: place + 8 * i)
            let mixed = word ^ key(offset + 8 * i, of: secret)
            lanes[i ^ 1] &+= word
            lanes[i] &+= (mixed & 0xFFFF_FFFF) &* (mixed >> 32)
        }
    }

    // MARK: Words

    /// Eight bytes of the constant, from any place.
    private static func key(_ at: Int, of secret: [UInt64] = secret) -> UInt64 {
        let (place, bits) = (at / 8, UInt64(at % 8) * 8)
        return bits == 0 ? secret[place] : secret[place] >> bits | secret[place + 1] << (64 - bits)
    }

    private static func half(_ bytes: ByteView, at place: Int) -> UInt64 {
        (0..<4).reduce(0) { $0 | UInt64(bytes[place + $1]) << UInt64(8 * $1) }
    }

    private static func rotate(_ word: UInt64, _ bits: UInt64) -> UInt64 {
        word << bits | word >> (64 - bits)
    }

    private static func folded(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.low ^ product.high
    }

    private static func avalanche(_ sum: UInt64) -> UInt64 {
        let hash = (sum ^ sum >> 37) &* 0x1656_6791_9E37_79F9
        return hash ^ hash >> 32
    }

    private static func oldAvalanche(_ sum: UInt64) -> UInt64 {
        var hash = (sum ^ sum >> 33) &* prime2
        hash = (hash ^ hash >> 29) &* prime3
        return hash ^ hash >> 32
    }
}
