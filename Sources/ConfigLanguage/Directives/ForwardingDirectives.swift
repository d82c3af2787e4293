import Model

/// What servers are told of where a request comes from: `option forwardfor`, `originalto` and `forwarded`.
enum ForwardingDirectives {
    static let options = [
        ProxyOption("forwardfor", canBeNegated: false) { _, line, proxy throws(Refusal) in
            let appended = try address(.source, &line)
            proxy.frontend.forwarding.appended = appended
            proxy.backend.told.source = appended
        },
        ProxyOption("originalto", canBeNegated: false) { _, line, proxy throws(Refusal) in
            let appended = try address(.destination, &line)
            proxy.frontend.forwarding.appendedDestination = appended
            proxy.backend.told.destination = appended
        },
        ProxyOption("forwarded") { isOn, line, proxy throws(Refusal) in
            proxy.backend.told.forwarded = isOn ? try forwarded(&line) : nil
            proxy.forwardedLine = line.place
        },
    ]

    private static func address(
        _ kind: AppendedAddress.Kind, _ line: inout LineReader
    ) throws(Refusal) -> AppendedAddress {
        var appended = AppendedAddress(kind)
        let expected = kind == .source ? "except, header or if-none" : "except or header"
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
            case "if-none" where kind == .source: appended.onlyIfAbsent = true
            default: throw .invalid(word, expected: expected)
            }
        }
        return appended
    }

    /// Without a word it is `proto for`.
    private static func forwarded(_ line: inout LineReader) throws(Refusal) -> ForwardedField {
        var field = ForwardedField()
        guard line.next != nil else { return field }
        (field.saysScheme, field.node) = (false, nil)
        var ports: (by: ForwardedField.Part?, node: ForwardedField.Part?)
        while let word = line.takeIfAny() {
            let isSample = word.text.hasSuffix("-expr")
            let name = isSample ? String(word.text.dropLast(5)) : word.text
            guard isSample ? parts.dropFirst().contains(name) : parts.contains(name) else {
                let words = parts + parts.dropFirst().map { "\($0)-expr" }
                throw .invalid(word, expected: "one of \(words.joined(separator: ", "))")
            }
            let part = isSample ? ForwardedField.Part.sample(try line.expression(for: .choosingServer)) : .own
            switch name {
            case "proto": field.saysScheme = true
            case "host": field.host = part
            case "by": field.by = .init(part)
            case "for": field.node = .init(part)
            case "by_port": ports.by = part
            default: ports.node = part
            }
        }
        field.by?.port = ports.by
        field.node?.port = ports.node
        if ports.by != nil, field.by == nil { line.warn("'by_port' has no effect without 'by' or 'by-expr'") }
        if ports.node != nil, field.node == nil {
            line.warn("'for_port' has no effect without 'for' or 'for-expr'")
        }
        return field
    }

    /// What may be said; all but the first by an expression too.
    private static let parts = ["proto", "host", "by", "by_port", "for", "for_port"]

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
