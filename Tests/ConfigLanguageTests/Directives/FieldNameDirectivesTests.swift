import Model
import Testing

@testable import ConfigLanguage

@Suite("Names of fields in the configuration")
struct FieldNameDirectivesTests {
    private static let sections = """
        defaults
            mode http
            timeout client 1s
            timeout connect 1s
            timeout server 1s
            option h1-case-adjust-bogus-server
        frontend f
            bind :1
            option h1-case-adjust-bogus-client
            default_backend b
        frontend g
            bind :2
        backend b
            http-send-name-header X-Server
            server s 127.0.0.1:1
        backend c
            no option h1-case-adjust-bogus-server

        """

    private func names(_ global: String, files: [String: FileContent] = [:]) -> ConfigurationText {
        read("global\n\(global)" + FieldNameDirectivesTests.sections, files: files)
    }

    @Test("who asks for it has all names of lines and of the last file")
    func lists() {
        let text = names(
            """
                h1-case-adjust etag ETag
                h1-case-adjust-file /one
                h1-case-adjust-file /two

            """,
            files: [
                "/one": .file(Array("date DATE\n".utf8)),
                "/two": .file(Array("# names\n\n  te\tTE  \r\ncontent-length Content-Length".utf8)),
            ])
        let all = ["ETag", "TE", "Content-Length"]
        #expect(text.diagnostics.map(\.description) == [])
        #expect(text.configuration.frontends.map(\.fieldNames) == [all, []])
        #expect(text.configuration.backends[BackendName("b")]?.told.fieldNames == all)
        #expect(text.configuration.backends[BackendName("b")]?.told.serverName == "X-Server")
        #expect(text.configuration.backends[BackendName("c")]?.told == ToldFields())
        let again = read(text.printed.text)
        #expect(RoundTrip.differences(text, again) == [])
    }

    @Test(
        "what is wrong is told",
        arguments: [
            ("h1-case-adjust etag", "the name of a header is missing"),
            ("h1-case-adjust etag Etags", "'etag' and 'Etags' differ in more than their case"),
            ("h1-case-adjust etag ETag\n    h1-case-adjust etag Etag", "'etag' is adjusted already"),
            (
                "h1-case-adjust Etag etag",
                "warning: 'h1-case-adjust': 'Etag' is not in lower case and adjusts nothing"
            ),
            ("h1-case-adjust e:tag E:tag", "'e:tag' at column 20: expected the name of a header"),
            ("h1-case-adjust etag ETag x", "unexpected 'x'"),
            ("h1-case-adjust-file", "a file is missing"),
            ("h1-case-adjust-file /none", "'/none': no such file"),
            ("h1-case-adjust-file /bad", "'/bad', line 2: expected two names of headers"),
            (
                "h1-case-adjust etag ETag\n    h1-case-adjust-file /two",
                "'/two', line 1: 'etag' is adjusted already"
            ),
        ])
    func wrong(lines: String, expected: String) {
        let files: [String: FileContent] = [
            "/bad": .file(Array("\na b c\n".utf8)), "/two": .file(Array("etag Etag".utf8)),
        ]
        let told = names("    \(lines)\n", files: files).diagnostics.map(\.description)
        #expect(told.contains { $0.contains(expected) }, "\(told)")
    }

    @Test(
        "names that delimit messages are not the server's",
        arguments: ["Host", "content-length", "connection"])
    func reserved(name: String) {
        let told = findings("backend b\n    http-send-name-header \(name)\n")
        #expect(told.contains { $0.contains("expected another name than host") }, "\(told)")
    }
}
