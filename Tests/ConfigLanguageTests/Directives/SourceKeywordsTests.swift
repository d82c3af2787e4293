import Model
import Testing

@testable import ConfigLanguage

@Suite("Directives: where connections to servers come from")
struct SourceKeywordsTests {
    private func source(_ words: String, section: String = "") throws -> ServerSource? {
        let text = read("backend b\n    mode http\n    \(section)\n    server s 127.0.0.1:1 \(words)\n")
        #expect(text.isUsable, "\(text.diagnostics.map(\.description))")
        return try #require(text.configuration.backends[BackendName("b")]?.servers.first).source
    }

    private func made(_ change: (inout ServerSource) -> Void) -> ServerSource {
        var source = ServerSource()
        change(&source)
        return source
    }

    @Test("addresses, ports and ranges of them")
    func places() throws {
        #expect(try source("") == nil)
        #expect(try source("source 192.0.2.1") == made { $0.address = "192.0.2.1" })
        #expect(try source("source 192.0.2.1:0") == made { $0.address = "192.0.2.1" })
        #expect(
            try source("source 192.0.2.1:20")
                == made { ($0.address, $0.ports) = ("192.0.2.1", 20...20) })
        #expect(
            try source("source 192.0.2.1:1024-65535")
                == made { ($0.address, $0.ports) = ("192.0.2.1", 1_024...65_535) })
        #expect(try source("source ipv6@::1") == made { $0.address = "::1" })
        #expect(
            try source("source [2001:db8::1]:5-6")
                == made { ($0.address, $0.ports) = ("2001:db8::1", 5...6) })
        #expect(try source("source *:5") == made { ($0.address, $0.ports) = ("0.0.0.0", 5...5) })
    }

    @Test("clients' addresses, interfaces and patience")
    func others() throws {
        #expect(try source("source 0.0.0.0 usesrc clientip") == made { $0.foreign = .clientAddress })
        #expect(
            try source("source 192.0.2.1 usesrc client interface eth0")
                == made { ($0.address, $0.foreign, $0.interface) = ("192.0.2.1", .client, "eth0") })
        #expect(try source("tcp-ut 5s") == made { $0.patience = 5_000 })
        #expect(try source("tcp-ut 0") == nil)
        #expect(
            try source("tcp-ut 5s source 192.0.2.1")
                == made { ($0.address, $0.patience) = ("192.0.2.1", 5_000) })
    }

    @Test("a section's holds for servers that say nothing")
    func sections() throws {
        let section = "source 192.0.2.9"
        #expect(try source("", section: section)?.address == "192.0.2.9")
        #expect(try source("source 192.0.2.1", section: section)?.address == "192.0.2.1")
        #expect(
            try source("tcp-ut 5s", section: section)
                == made { ($0.address, $0.patience) = ("192.0.2.9", 5_000) })
        #expect(
            try source("", section: "\(section)\n    default-server source 192.0.2.2")?.address == "192.0.2.2"
        )
        #expect(try source("source 0.0.0.0", section: section) == nil)
        #expect(
            try source("source 0.0.0.0 tcp-ut 5s", section: section) == made { $0.patience = 5_000 })
        #expect(
            try source("tcp-ut 5s source 0.0.0.0", section: section) == made { $0.patience = 5_000 })
        #expect(try source("", section: "\(section)\n    default-server source 0.0.0.0") == nil)
        let text = read("defaults\n    mode http\n    \(section)\nbackend b\n    server s 127.0.0.1:1\n")
        #expect(
            text.configuration.backends[BackendName("b")]?.servers.first?.source?.address == "192.0.2.9")
    }

    @Test(
        "what is wrong is told where it is",
        arguments: [
            ("source", "an address is missing"),
            ("source nosuch", "'nosuch' at column 12: expected an address"),
            ("source 192.0.2.1:9-5", "expected an address such as"),
            ("source 192.0.2.1:x", "expected an address such as"),
            ("source 192.0.2.1:70000", "expected an address such as"),
            ("source 192.0.2.1 usesrc", "client or clientip is missing"),
            ("source 192.0.2.1 usesrc other", "'other' at column 29: expected client or clientip"),
            (
                "source 192.0.2.1 usesrc hdr_ip(x)",
                "'http-request set-src hdr_ip(…)' with 'usesrc clientip' does it"
            ),
            ("source 192.0.2.1 usesrc 192.0.2.2", "'source ADDRESS' is"),
            ("source 192.0.2.1 interface abcdefghijklmnop", "expected a network interface"),
            ("source 192.0.2.1 other", "unexpected 'other'"),
        ])
    func refusals(line: String, expected: String) {
        let messages = findings("backend b\n    mode http\n    \(line)\n")
        #expect(messages.contains { $0.contains(expected) }, "\(messages)")
    }
}
