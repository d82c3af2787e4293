/// A quick hash of bytes for tables whose keys an attacker can not choose: hosts and paths of our own configuration.
///
/// A looked-up key is foreign, but it only ever costs one probe sequence of a table that we filled.
public enum ByteHash {
    /// The hash of `bytes`; with `foldingCase`, ASCII letters hash alike in both cases.
    public static func hash(_ bytes: ByteView, foldingCase: Bool = false) -> UInt64 {
        let fold: UInt64 = foldingCase ? 0x2020_2020_2020_2020 : 0
        var hash: UInt64 = 0x9E37_79B9_7F4A_7C15 ^ UInt64(bytes.count)
        var at = 0
        while at + 8 <= bytes.count {
            hash = mix(hash, bytes.word(at: at) | fold)
            at &+= 8
        }
        if at < bytes.count, bytes.count >= 8 {
            // The last eight bytes again hold the rest.
            return mix(hash, bytes.word(at: bytes.count - 8) | fold)
        }
        var rest: UInt64 = 0
        while at < bytes.count {
            rest = rest << 8 | UInt64(bytes[at]) | fold & 0x20
            at &+= 1
        }
        return mix(hash, rest)
    }

    private static func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        return product.high ^ product.low
    }
}
