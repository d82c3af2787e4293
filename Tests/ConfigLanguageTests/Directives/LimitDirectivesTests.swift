import Model
import Testing

@testable import ConfigLanguage

@Suite("Limits, retries and error pages of the configuration language")
struct LimitDirectivesTests {
    private func backend(_ lines: String, files: [String: FileContent] = [:]) throws -> Backend {
        let text = read("backend b\n mode http\n\(lines)\n", files: files)
        #expect(text.diagnostics.filter { $0.severity == .error } == [])
        return try #require(text.configuration.backends[BackendName("b")])
    }

    private func told(_ line: String, files: [String: FileContent] = [:]) -> String? {
        read("backend b\n \(line)\n", files: files).diagnostics.first { $0.location?.line == 2 }?.message
    }

    @Test("limits of servers and their backend")
    func limits() throws {
        let pool = try backend(
            """
             fullconn 300
             default-server minconn 5 maxqueue 7
             server s 127.0.0.1:1 maxconn 20
             server t 127.0.0.1:2
            """)
        #expect(pool.fullConnections == 300)
        #expect(pool.servers.map(\.maxConnections) == [20, 0])
        #expect(pool.servers.map(\.minConnections) == [5, 5])
        #expect(pool.servers.map(\.maxQueue) == [7, 7])
    }

    @Test("limits of the process and of a frontend")
    func connections() throws {
        let text = read("global\n maxconn 900\nfrontend f\n mode http\n bind :80\n maxconn 50\n")
        #expect(text.global.maxConnections == 900)
        #expect(text.configuration.frontends.map(\.maxConnections) == [50])
    }

    @Test("limits of addresses, of each port for itself")
    func listeners() {
        let text = read("frontend f\n mode http\n bind :80-81 maxconn 5\n bind :82 maxconn 0\n bind :83\n")
        #expect(text.diagnostics.filter { $0.severity == .error } == [])
        #expect(text.configuration.frontends.first?.binds.map(\.maxConnections) == [5, 5, 0, 0])
        for line in ["maxconn", "maxconn x", "maxconn -1"] {
            #expect(read("frontend f\n bind :80 \(line)\n").diagnostics.contains { $0.severity == .error })
        }
    }

    @Test("what may begin in a second")
    func rates() {
        let text = read(
            "global\n maxconnrate 5\n maxsessrate 6\n maxsslrate 7\n maxsslconn 8\n"
                + "defaults\n mode http\n rate-limit sessions 9\n"
                + "frontend f\n bind :80\nlisten l\n bind :81\n rate-limit sessions 3\nlisten m\n bind :82\n rate-limit sessions 0\n"
        )
        #expect(text.diagnostics.filter { $0.severity == .error } == [])
        var limits = ProcessLimits()
        (limits.connectionRate, limits.sessionRate) = (5, 6)
        (limits.handshakeRate, limits.tlsConnections) = (7, 8)
        #expect(text.global.limits == limits)
        #expect(text.configuration.frontends.map(\.maxSessionRate) == [9, 3, 0])
        #expect(read("global\n maxconnrate 0\n").global.limits == ProcessLimits())
        for line in ["global\n maxconnrate x", "global\n maxsslconn", "frontend f\n rate-limit sessions"] {
            #expect(read("\(line)\n").diagnostics.contains { $0.severity == .error })
        }
    }

    @Test("files that the process must be able to open")
    func descriptors() {
        let global = { (lines: String) in read("global\n\(lines)\n") }
        #expect(global(" maxconn 5").global.descriptors == 0 && global(" maxconn 5").global.isStrict)
        #expect(global(" ulimit-n 4096").global.descriptors == 4_096)
        #expect(!global(" no strict-limits\n ulimit-n 5").global.isStrict)
        #expect(global(" no strict-limits\n strict-limits").global.isStrict)
        #expect(!global(" ulimit-n x").diagnostics.isEmpty && !global(" ulimit-n").diagnostics.isEmpty)
    }

    @Test("a page that is nothing is none")
    func silence() throws {
        let pages = try backend(
            " errorfile 503 /dev/null\n errorfile 504 /empty", files: ["/empty": .file([])]
        )
        .errorPages
        #expect(pages == [503: .silence, 504: .silence])
        #expect(ErrorPage.silence.flaw == nil)
    }

    @Test("what compression may cost the process")
    func compression() {
        let text = read("global\n maxcomprate 20\n maxcompcpuusage 80\n tune.comp.maxlevel 6\n")
        let limits = text.global.compression
        #expect((limits.maxRate, limits.maxCPUUsage, limits.maxLevel) == (20_480, 80, 6))
        #expect(text.diagnostics.isEmpty)
        #expect(read("global\n").global.compression == CompressionLimits())
    }

    @Test(
        "limits of compression that make no sense are refused",
        arguments: [
            "maxcomprate -1", "maxcomprate", "maxcompcpuusage 101", "tune.comp.maxlevel 0",
            "tune.comp.maxlevel 10", "tune.comp.maxlevel 1 2",
        ])
    func senselessCompression(line: String) {
        let errors = read("global\n \(line)\n").diagnostics.filter { $0.severity == .error }
        #expect(errors.map(\.location?.line) == [2])
    }

    @Test(
        "retries",
        arguments: [
            ("", 3, RetryConditions.connectionFailure, false, -1),
            (" option redispatch", 3, .connectionFailure, true, -1),
            (" option redispatch 2\n retries 5", 5, .connectionFailure, true, 2),
            (" option redispatch 0", 3, .connectionFailure, false, 0),
            (" option redispatch -2", 3, .connectionFailure, true, -2),
            (" no option redispatch", 3, .connectionFailure, false, -1),
            (" retry-on none", 3, [], false, -1),
            (" retry-on all-retryable-errors", 3, .allErrors, false, -1),
            (" retry-on empty-response junk-response", 3, [.emptyResponse, .junkResponse], false, -1),
        ] as [(String, Int, RetryConditions, Bool, Int)])
    func retries(
        lines: String, retries: Int, conditions: RetryConditions, redispatches: Bool, interval: Int
    ) throws {
        let pool = try backend(lines)
        #expect(pool.retries == retries && pool.retryOn == conditions && pool.redispatch == redispatches)
        if redispatches { #expect(pool.redispatchInterval == interval) }
    }

    @Test("pages of both sides")
    func pages() throws {
        let files: [String: FileContent] = [
            "/e/503.http": .file(Array("HTTP/1.0 503 Sorry\nX: y\n\nclosed".utf8)), "/e/b": .file([98, 0]),
        ]
        let lines = """
             errorfile 503 /e/503.http
             errorloc303 404 https://sorry.test/
             http-error status 429 content-type text/plain string "slow down" hdr Retry-After 5
             http-error status 502 content-type image/png file /e/b
            """
        let pages = try backend(lines, files: files).errorPages
        #expect(pages.keys.sorted() == [404, 429, 502, 503])
        #expect(pages[503]?.fields == [.init("X", "y")])
        #expect(pages[503]?.body == Array("closed".utf8))
        #expect(pages[404]?.status == 303)
        #expect(pages[429]?.fields == [.init("Content-Type", "text/plain"), .init("Retry-After", "5")])
        #expect(pages[502]?.body == [98, 0])
        let text = read("defaults\n\(lines)\nfrontend f\n mode http\n bind :80\n", files: files)
        #expect(text.configuration.frontends.first?.errorPages.keys.sorted() == [404, 429, 502, 503])
    }

    @Test("pages that are written for each answer come back when they are printed")
    func composedPages() throws {
        let lines = """
             http-error status 503 content-type text/html lf-file /e/503 hdr X %[src]
             http-error status 403 hdr Y %[path]
             http-error status 500 content-type text/plain lf-string x
            """
        let section = "backend b\n mode http\n timeout connect 1s\n timeout server 1s\n\(lines)\n"
        let text = read(section, files: ["/e/503": .file(Array("<b>%[path] \"50%%\"</b>\n".utf8))])
        let pages = try #require(text.configuration.backends[BackendName("b")]?.errorPages)
        #expect(pages[503]?.composed?.status == 503 && pages[503]?.composed?.contentType == "text/html")
        #expect(pages[503]?.composed?.body.parts.count == 3)
        #expect(pages[403]?.composed?.fields.map(\.name) == ["Y"])
        #expect(pages[500]?.composed?.body == FormatString([.text(Array("x".utf8))]))
        #expect(pages.values.allSatisfy { $0.flaw == nil })
        let again = read(text.printed.text, files: [:])
        #expect(again.configuration.backends[BackendName("b")]?.errorPages == pages)
    }

    @Test(
        "what is wrong is named",
        arguments: [
            ("retry-on", "is missing"), ("retry-on 200", "'200' at column 11"),
            ("retry-on none 503", "stands alone"), ("errorfile 499 /x", "'499' at column 12"),
            ("errorfile 503 /x", "no such file"), ("errorfile 503 /bad", "does not begin with a status line"),
            ("http-error 503", "status"), ("http-error status 503 string x", "content-type is missing"),
            ("http-error status 503 lf-string x", "content-type is missing"),
            ("http-error status 503 hdr X %[nothing]", "nothing"), ("fullconn 0", "above 0"),
            ("option redispatch x", "expected a number"),
            ("server s 127.0.0.1:1 minconn x", "number of connections"),
        ])
    func wrong(line: String, expected: String) {
        let text = told(line, files: ["/bad": .file(Array("hello\n\n".utf8))])
        #expect(text?.contains(expected) == true, "\(text ?? "nothing")")
    }
}
