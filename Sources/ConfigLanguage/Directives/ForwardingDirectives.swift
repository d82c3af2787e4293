import Model

/// `option forwardfor`.
enum ForwardingDirectives {
    static let options = [
        ProxyOption("forwardfor", canBeNegated: false) { _, line, proxy throws(Refusal) in
            proxy.frontend.forwarding.appended = try forwardedFor(&line)
        }
    ]

    private static func forwardedFor(_ line: inout LineReader) throws(Refusal) -> AppendedForwardedFor {
        var appended = AppendedForwardedFor()
        while let word = line.takeIfAny() {
            switch word.text {
            case "except":
                let network = try line.take("a network")
                guard isNetwork(network.text) else {
                    throw .invalid(network, expected: "an address or a network")
                }
                appended.exceptions.append(network.text)
            case "header":
                let name = try line.take("the name of a header")
                guard !name.bytes.isEmpty, name.bytes.allSatisfy(HeaderSyntax.isNameCharacter) else {
                    throw .invalid(name, expected: "the name of a header")
                }
                appended.header = name.text
            case "if-none": appended.onlyIfAbsent = true
            default: throw .invalid(word, expected: "except, header or if-none")
            }
        }
        return appended
    }

    private static func isNetwork(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, AddressSyntax.isAddress(parts[0]) else { return false }
        guard parts.count == 2 else { return true }
        guard let prefix = try? Units.number(parts[1]) else { return false }
        return prefix <= (parts[0].contains(":") ? 128 : 32)
    }
}

/// RFC 9110 5.6.2.
enum HeaderSyntax {
    /// Whether a byte may stand in the name of a field.
    static func isNameCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
