import Model

/// What PROXY headers of version 2 say beside addresses: `fc_pp_tlv(0xE1)`.
enum AnnouncedSamples {
    static let fetches: [(String, FetchTable.Reader)] = [
        (
            "fc_pp_tlv",
            { arguments throws(Refusal) in
                let expected = "a number from 0 to 255, or one of \(names.map(\.key).joined(separator: ", "))"
                let word = try arguments.take(expected)
                let named = names.first { $0.key == word.text.uppercased() }?.value
                guard let type = named ?? number(word.text) else { throw .invalid(word, expected: expected) }
                return .announced(type: type)
            }
        )
    ]

    /// HAProxy's names of types.
    private static let names: KeyValuePairs<String, UInt8> = [
        "ALPN": 0x01, "AUTHORITY": 0x02, "CRC32C": 0x03, "NOOP": 0x04, "UNIQUE_ID": 0x05, "SSL": 0x20,
        "SSL_VERSION": 0x21, "SSL_CN": 0x22, "SSL_CIPHER": 0x23, "SSL_SIG_ALG": 0x24, "SSL_KEY_ALG": 0x25,
        "NETNS": 0x30,
    ]

    /// A type as a number: decimal, `0x` and hexadecimal, or `0` and octal, as C reads them.
    static func number(_ text: String) -> UInt8? {
        let (digits, radix): (Substring, Int) =
            switch text.lowercased() {
            case let low where low.hasPrefix("0x"): (text.dropFirst(2), 16)
            case let low where low.hasPrefix("0") && low.count > 1: (text.dropFirst(1), 8)
            default: (text[...], 10)
            }
        guard digits.first != "+", digits.first != "-" else { return nil }
        return UInt8(digits, radix: radix)
    }
}
