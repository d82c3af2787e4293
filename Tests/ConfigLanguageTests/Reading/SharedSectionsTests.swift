import Model
import Testing

@testable import ConfigLanguage

@Suite("Sections that others begin with or take pages from")
struct SharedSectionsTests {
    private let pages: [String: FileContent] = [
        "/a": .file(Array("HTTP/1.0 503 A\r\n\r\na".utf8)),
        "/b": .file(Array("HTTP/1.0 403 B\r\n\r\nb".utf8)),
    ]
    private let section = "http-errors site\n errorfile 503 /a\n errorfile 403 /b\n"

    private func errors(_ text: String) -> [String] {
        read(text, files: pages).diagnostics.filter { $0.severity == .error }.map(\.message)
    }

    private func frontend(_ lines: String) throws -> Frontend {
        let text = read(section + "frontend f\n mode http\n bind :80\n\(lines)\n", files: pages)
        #expect(text.diagnostics.filter { $0.severity == .error } == [])
        return try #require(text.configuration.frontends.first)
    }

    @Test("errorfiles takes all pages of a section, or those of some statuses")
    func errorFiles() throws {
        #expect(try frontend(" errorfiles site").errorPages.keys.sorted() == [403, 503])
        #expect(try frontend(" errorfiles site 403").errorPages.keys.sorted() == [403])
        let text = read(section + "backend b\n mode http\n errorfiles site 500\n", files: pages)
        #expect(text.diagnostics.contains { $0.message.contains("has no page for status 500") })
        #expect(
            try frontend(" http-error status 503 errorfiles site").errorPages[503]?.body == [
                UInt8(ascii: "a")
            ])
    }

    @Test("rules answer with a section's page, under their own status")
    func rules() throws {
        let found = try frontend(
            " http-request return status 503 errorfiles site\n http-request deny errorfiles site")
        let page = try #require(try frontend(" errorfiles site").errorPages[503])
        #expect(found.rules.request.first?.action == .answer(.own(page, loggedAs: 503)))
        guard case .deny(.own(let other, loggedAs: 403))? = found.rules.request.last?.action else {
            return #expect(Bool(false))
        }
        #expect(other.status == 403)
    }

    @Test(
        "what is wrong with pages is told",
        arguments: [
            ("backend b\n errorfiles site", "no http-errors section above is called 'site'"),
            ("http-errors a\nhttp-errors a", "another http-errors section"),
            ("http-errors", "a name is missing"),
            ("http-errors a\n errorfil 503 /a", "did you mean 'errorfile'?"),
            ("http-errors a\n errorfile 999 /a", "'999' at column 12"),
            (
                "http-errors site\nfrontend f\n mode http\n http-request return errorfiles sit",
                "did you mean 'site'?"
            ),
        ])
    func wrongPages(text: String, expected: String) {
        #expect(errors(text).contains { $0.contains(expected) }, "\(errors(text))")
    }

    @Test("rules of defaults stand before a section's own")
    func inherited() throws {
        let text = read(
            """
            defaults web
             mode http
             acl a path /a
             http-request deny if a
             http-request auth
             http-response del-header X
             tcp-request connection reject if { src ::1 }
            frontend f from web
             bind :80
             http-request reject
            """)
        #expect(text.diagnostics.filter { $0.severity == .error } == [])
        let frontend = try #require(text.configuration.frontends.first)
        #expect(
            frontend.rules.request.map(\.action) == [.deny(.page(403)), .authenticate(realm: "f"), .reject])
        #expect(frontend.rules.response.count == 1 && frontend.openingRules.connection.count == 1)
    }

    @Test(
        "what HAProxy refuses of rules in defaults is refused",
        arguments: [
            ("defaults\n http-request reject", "only if that has a name"),
            ("defaults a\n http-request reject\ndefaults b from a", "can not begin with one that has rules"),
            ("defaults a\n http-request reject\nlisten l", "a listen section can not begin"),
            (
                "defaults a\n http-request reject\nfrontend f\nbackend b",
                "for frontends or for backends, not both"
            ),
            ("defaults a\n tcp-request session reject\nbackend b", "rules about connections"),
            ("defaults a\n mode http\n http-request capture path id 5", "no capture 5"),
            (
                "defaults a\n acl own src ::1\nlisten l\n mode http\n http-request deny if own",
                "no ACL is called 'own'"
            ),
        ])
    func refusals(text: String, expected: String) {
        #expect(errors(text).contains { $0.contains(expected) }, "\(errors(text))")
    }

    @Test("what follows from a refused line is not told again")
    func followUps() {
        #expect(errors("frontend f\n mode http\n bind :80\n acl a lua.x\n http-request deny if a").count == 1)
        #expect(
            errors(
                "peers p\n server localhost\n table t type x\nfrontend f\n mode http\n bind :80\n http-request track-sc0 src table p/t"
            ).count == 1)
        let table = "backend b\n mode http\n stick-table type ip size 1k write-to p\n stick on src\n"
        #expect(errors(table).count == 1)
    }

    @Test("tickets are off where a line says so")
    func tickets() {
        let lines = "global\n ssl-default-bind-options no-tls-tickets\n"
        let text = read(
            lines + "frontend f\n mode http\n bind :80\n bind :443 ssl\n bind :444 ssl tls-tickets\n")
        let binds = text.configuration.frontends.first?.binds ?? []
        #expect(binds.map { $0.tlsParameters?.usesTickets } == [false, false, true])
    }

    @Test("what is said of HTTP/2 for one side counts more than for both")
    func http2() {
        let both = "global\n tune.h2.max-concurrent-streams 50\n tune.h2.initial-window-size 128k\n"
        var expected = HTTP2Choices()
        (expected.clientWindow, expected.serverWindow, expected.serverStreams) = (131_072, 131_072, 50)
        #expect(read(both).global.http2 == expected)
        let one = " tune.h2.fe.max-concurrent-streams 7\n tune.h2.be.initial-window-size 1m\n"
        expected.serverWindow = 1_048_576
        #expect(read("global\n tune.h2.be.max-concurrent-streams 9\n").global.http2.serverStreams == 9)
        let frontend = "frontend f\n mode http\n bind :80\n"
        for text in [both + one, "global\n" + one + both.dropFirst(7)] {
            let read = read(text + frontend)
            #expect(read.global.http2 == expected)
            #expect(read.configuration.frontends.map(\.maxStreams) == [7])
        }
        #expect(read(both + frontend).configuration.frontends.map(\.maxStreams) == [50])
        #expect(read(frontend).configuration.frontends.map(\.maxStreams) == [100])
        #expect(errors("global\n tune.h2.initial-window-size 32m").first?.contains("from 1 to 16m") == true)
        #expect(
            errors("global\n tune.h2.max-concurrent-streams 0").first?.contains("number of streams") == true)
        #expect(errors("global\n tune.h2.fe.max-total-streams 5").first?.contains("not here yet") == true)
    }
}
