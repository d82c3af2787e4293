import Basics
import Model
import Testing

@testable import Engine

@Suite struct RelayPassageTests {
    private static let relay = Relay(
        pathPrefix: "/pods/b:80/proxy",
        credentials: RelayCredentials(
            [
                RelayCredentials.Field("Authorization", "Bearer t"),
                RelayCredentials.Field("Impersonate-User", "jo"),
            ],
            reserved: ["authorization", "impersonate-"]), ownAnswer: #"{"kind":"Status""#)

    private func written(_ head: String, by relay: Relay = relay) -> String {
        let form = RelayPassage(relay).form
        var output = Buffer(capacity: head.utf8.count + form.growth)
        let fits = head.withView { view in output.write { form.write(view, to: &$0) } }
        #expect(fits, "growth is enough")
        return String(decoding: output.view.bytes, as: UTF8.self)
    }

    private static let ours = "Authorization: Bearer t\r\nImpersonate-User: jo\r\n"

    @Test("the path gets the prefix and the head our fields, in front of its end; the body stays")
    func plain() {
        #expect(
            written("POST /a?b=/c HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nA: b\r\n\r\nc")
                == "POST /pods/b:80/proxy/a?b=/c HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\(Self.ours)\r\nA: b\r\n\r\nc"
        )
    }

    @Test(
        "clients say nothing of who they are",
        arguments: [
            "Authorization: Basic YTpi", "authorization:x", "AUTHORIZATION: ", "Impersonate-User: admin",
            "impersonate-group: system:masters", "Impersonate-Extra-Scopes: a", "Impersonate-: a",
        ])
    func reserved(line: String) {
        #expect(
            written("GET / HTTP/1.1\r\nHost: x\r\n\(line)\r\nA: b\r\n\r\n")
                == "GET /pods/b:80/proxy/ HTTP/1.1\r\nHost: x\r\nA: b\r\n\(Self.ours)\r\n")
    }

    @Test(
        "other fields pass",
        arguments: ["Authorization2: a", "X-Authorization: a", "Impersonat: a", "A: authorization: b"])
    func others(line: String) {
        #expect(written("GET / HTTP/1.1\r\n\(line)\r\n\r\n").contains("\r\n\(line)\r\n"))
    }

    @Test("a request about the server as a whole is one about its root")
    func asterisk() {
        #expect(
            written("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n").hasPrefix(
                "OPTIONS /pods/b:80/proxy/ HTTP/1.1\r\nHost: x"))
    }

    @Test("without credentials clients' fields still do not pass")
    func empty() {
        let relay = Relay(pathPrefix: "/p", credentials: RelayCredentials(reserved: ["authorization"]))
        #expect(
            written("GET / HTTP/1.1\r\nAuthorization: a\r\n\r\n", by: relay) == "GET /p/ HTTP/1.1\r\n\r\n")
    }

    @Test(
        "a relay's own answers are known by how they begin, whatever the white space",
        arguments: [
            (#"{"kind":"Status","apiVersion":"v1"}"#, true), ("{\n  \"kind\": \"Status\",\n", true),
            (#"{"kind":"Statu"#, false), (#"{"kind":"State"}"#, false), ("", false), ("<html>", false),
        ])
    func own(body: String, isOwn: Bool) {
        let form = RelayPassage(Self.relay).form
        #expect(body.withView { form.isOwn($0) } == isOwn)
    }

    @Test("a relay whose answers are unknown has none of its own")
    func unknown() {
        let form = RelayPassage(Relay(pathPrefix: "", credentials: RelayCredentials(reserved: []))).form
        #expect(!"{}".withView { form.isOwn($0) })
    }

    @Test("other credentials are those of the requests that follow")
    func adopted() {
        let passage = RelayPassage(Self.relay)
        var next = Self.relay
        next.credentials = RelayCredentials(
            [RelayCredentials.Field("Authorization", "Bearer u")], reserved: [])
        passage.adopt(next)
        #expect(String(decoding: passage.form.lines, as: UTF8.self) == "Authorization: Bearer u\r\n")
    }
}
