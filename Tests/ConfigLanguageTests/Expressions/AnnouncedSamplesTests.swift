import Model
import Testing

@testable import ConfigLanguage

@Suite("Fields of PROXY headers in the configuration")
struct AnnouncedSamplesTests {
    @Test(
        "types are numbers as C reads them, below 256",
        arguments: [
            ("0", 0), ("225", 225), ("0xE1", 225), ("0Xe1", 225), ("0341", 225), ("255", 255), ("256", nil),
            ("0x100", nil), ("-1", nil), ("+1", nil), ("", nil), ("0x", nil), ("08", nil), ("1a", nil),
            ("1 ", nil),
        ] as [(String, UInt8?)])
    func numbers(text: String, expected: UInt8?) {
        #expect(AnnouncedSamples.number(text) == expected)
    }

    private func field(_ text: String) -> (fetch: Fetch?, findings: [String]) {
        let read = read("frontend f\n    mode http\n    http-request set-header x %[fc_pp_tlv(\(text))]\n")
        guard
            case .change(.setField(_, let format))? = read.configuration.frontends.first?.rules.request.first?
                .action
        else { return (nil, read.diagnostics.map(\.description)) }
        return (format.parts.first?.expression?.fetch, [])
    }

    @Test(
        "or names in any case",
        arguments: [
            ("alpn", 1), ("AUTHORITY", 2), ("crc32c", 3), ("NOOP", 4), ("unique_id", 5), ("SSL", 0x20),
            ("ssl_version", 0x21), ("SSL_CN", 0x22), ("SSL_CIPHER", 0x23), ("SSL_SIG_ALG", 0x24),
            ("SSL_KEY_ALG", 0x25), ("netns", 0x30), ("0xEA", 0xEA),
        ] as [(String, UInt8)])
    func names(text: String, expected: UInt8) {
        #expect(field(text).fetch == .announced(type: expected))
        #expect(Fetch.announced(type: 0x0A).description == "fc_pp_tlv(0x0A)")
    }

    @Test("anything else is told", arguments: ["", "256", "CRC32", "ssl-cn"])
    func wrong(text: String) {
        let told = field(text).findings
        #expect(told.contains { $0.contains("a number from 0 to 255, or one of ALPN, AUTHORITY") }, "\(told)")
    }

    @Test("fields of the user's choice keep their order, behind those of default-server")
    func sent() {
        let text = read(
            """
            backend b
                mode http
                timeout connect 1s
                timeout server 1s
                default-server send-proxy-v2 set-proxy-v2-tlv-fmt(0xE0) "a b"
                server s 127.0.0.1:1 set-proxy-v2-tlv-fmt(225) %[fc_pp_tlv(0xE1)] set-proxy-v2-tlv-fmt(0xE0) %{+Q}[req.hdr(x)]

            """)
        #expect(text.diagnostics.map(\.description) == [])
        let server = text.configuration.backends[BackendName("b")]?.servers.first
        #expect(server?.ownProxyFields.map(\.type) == [0xE0, 0xE1, 0xE0])
        #expect(server?.ownProxyFields.first?.value == FormatString([.text(Array("a b".utf8))]))
        // Bytes as they are, but for what is asked for as text.
        let flags = server?.ownProxyFields.compactMap { field -> FormatFlags? in
            guard case .sample(_, let flags)? = field.value.parts.first else { return nil }
            return flags
        }
        #expect(flags == [.verbatim, .quoted])
        #expect(RoundTrip.differences(text, read(text.printed.text)) == [])
    }

    @Test(
        "what is wrong with them is told",
        arguments: [
            (
                "set-proxy-v2-tlv-fmt x",
                "expected set-proxy-v2-tlv-fmt(TYPE), a type being a number from 0 to 255"
            ),
            ("set-proxy-v2-tlv-fmt(256) x", "expected set-proxy-v2-tlv-fmt(TYPE)"),
            ("set-proxy-v2-tlv-fmt(0xE0", "expected set-proxy-v2-tlv-fmt(TYPE)"),
            ("set-proxy-v2-tlv-fmt(authority) x", "expected set-proxy-v2-tlv-fmt(TYPE)"),
            ("set-proxy-v2-tlv-fmt(0xE0)", "a format such as"),
            ("set-proxy-v2-tlv-fmt(0xE0) %[res.hdr(x)]", "res.hdr"),
            ("set-proxy-v2-tlv-fmtx(0xE0) a", "did you mean 'set-proxy-v2-tlv-fmt'?"),
            (
                "set-proxy-v2-tlv-fmt(0xE0) %[req.hdr(x)]",
                "'set-proxy-v2-tlv-fmt' of backend b needs a request"
            ),
        ])
    func wrongFields(words: String, expected: String) {
        let told = findings("backend b\n    mode tcp\n    server s 127.0.0.1:1 send-proxy-v2 \(words)\n")
        #expect(told.contains { $0.contains(expected) }, "\(told)")
    }
}
