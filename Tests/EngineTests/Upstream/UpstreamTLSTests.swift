import Basics
import Testing

@testable import Engine

@Suite("Names of servers")
struct UpstreamTLSTests {
    @Test(
        "the name is the host without port and trailing dot; addresses have none",
        arguments: [
            ("a.example", "a.example"), ("a.example:8443", "a.example"), ("A.example.", "A.example"),
            ("a.example.:1", "a.example"), ("web1", "web1"), ("1.web", "1.web"), ("x.7z", "x.7z"),
            ("", ""), ("127.0.0.1", ""), ("127.0.0.1:80", ""), ("[::1]", ""), ("[::1]:443", ""),
            ("1", ""), ("a.1", ""),
        ])
    func names(host: String, name: String) {
        #expect(host.withView { UpstreamTLS.serverName(forHost: $0).string } == name)
    }

    @Test("what is longer than a name can be is none")
    func tooLong() {
        for (count, isName) in [(255, true), (256, false)] {
            let host = String(repeating: "a", count: count)
            #expect(host.withView { UpstreamTLS.serverName(forHost: $0).isEmpty } == !isName)
        }
    }
}
