import Model
import Testing

@testable import ConfigLanguage

@Suite("Versions of HTTP")
struct VersionKeywordsTests {
    private func parsed(_ bind: String, _ server: String, mode: String = "http", defaults: String = "") -> (
        ClientVersions?, Server?, [String]
    ) {
        let text =
            "defaults\n mode \(mode)\n timeout client 1s\n timeout server 1s\n timeout connect 1s\n"
            + "listen l\n \(defaults)\n bind :80 \(bind)\n server s 127.0.0.1:1 \(server)\n"
        let found = read(text)
        return (
            found.configuration.frontends.first?.binds.first?.versions,
            found.configuration.backends.values.first?.servers.first,
            found.diagnostics.filter { $0.severity == .error }.map(\.message)
        )
    }

    @Test("WebSockets go by the version that 'ws' says, where the server may speak it")
    func webSockets() {
        for (words, version) in [
            ("", WebSocketVersion.automatic), ("proto h2 ws auto", .automatic), ("proto h2 ws h1", .http1),
            ("ws h1", .http1), ("proto h2 ws h2", .http2), ("ssl verify none alpn h2,http/1.1 ws h2", .http2),
        ] {
            let (_, server, errors) = parsed("", words)
            #expect(server?.webSockets == version && errors == [], "\(words)")
        }
        for words in ["ws h2", "proto h1 ws h2", "ssl verify none alpn http/1.1 ws h2"] {
            #expect(parsed("", words).2.first?.contains("'ws h2' needs 'proto h2'") == true, "\(words)")
        }
        #expect(parsed("", "ws h3").2.first?.contains("expected one of auto, h1, h2") == true)
    }

    @Test("what is spoken to a server is what 'proto' says, else what its handshake chooses")
    func servers() {
        for (words, speaks, offered) in [
            ("", ServerProtocol.negotiated, nil), ("proto h2", .http2, nil), ("proto h1", .http1, nil),
            ("ssl verify none alpn h2,http/1.1", .negotiated, ["h2", "http/1.1"]),
            ("ssl verify none alpn h2 proto h2", .http2, ["h2"]),
            ("ssl verify none proto h2", .http2, []),
        ] {
            let (_, server, errors) = parsed("", words)
            #expect((server?.speaks, server?.tls?.protocols, errors) == (speaks, offered, []), "\(words)")
        }
        #expect(parsed("", "", defaults: "default-server proto h2").1?.speaks == .http2)
        #expect(parsed("", "proto h1", defaults: "default-server proto h2").1?.speaks == .http1)
    }

    @Test("what clients may speak is what 'proto' of a bind says, else what its 'alpn' offers over TLS")
    func binds() {
        for (words, versions) in [
            ("", ClientVersions.all), ("proto h1", .http1), ("proto h2", .http2), ("alpn http/1.1", .all),
            ("ssl", .all), ("ssl alpn http/1.1", .http1), ("ssl no-alpn", .http1),
            ("ssl alpn h2,http/1.1", .all), ("ssl alpn http/1.1 proto h2", .http2),
        ] {
            #expect(parsed(words, "").0 == versions, "\(words)")
        }
    }

    @Test("words of another mode, unknown ones and NPN are refused")
    func refused() {
        for (bind, server, mode, sentence) in [
            ("proto h3", "", "http", "one of h1, h2, none"), ("proto fcgi", "", "http", "not here yet"),
            ("proto none", "", "http", "mode http does not speak"),
            ("proto h2", "", "tcp", "mode tcp does not"),
            ("", "proto h2", "tcp", "mode tcp does not"), ("", "proto none", "http", "mode http does not"),
            ("npn h2", "", "http", "'alpn' is"), ("", "npn h2", "http", "'alpn' is"),
            ("", "ssl verify none alpn spdy", "http", "'h2' and 'http/1.1' do"),
            ("", "ssl verify none alpn \"\"", "http", "e.g. h2,http/1.1"),
        ] {
            let errors = parsed(bind, server, mode: mode).2
            #expect(errors.count == 1 && errors[0].contains(sentence), "\(bind) \(server): \(errors)")
        }
        #expect(parsed("proto none", "proto none", mode: "tcp").2 == [])
    }
}
