import Model
import Testing

@testable import ConfigLanguage

@Suite("Servers that are described at run time")
struct AddedServersTests {
    private let servers = read(
        """
        defaults
            mode http
            timeout client 10s
            timeout connect 1s
            timeout server 20s
            default-server weight 9
        backend b
            option httpchk GET /up
            server s 127.0.0.1:80
        """
    ).addedServers

    private func reading(_ text: String) -> AddedServers.Reading {
        servers.read("new", in: "b", text.split(separator: " ").map(String.init))
    }

    @Test("an address and keywords make a server, without what default-server says")
    func server() throws {
        guard case .server(let server) = reading("127.0.0.1:81 check inter 5s backup cookie c disabled")
        else {
            Issue.record("\(reading("127.0.0.1:81 check inter 5s backup cookie c disabled"))")
            return
        }
        #expect(server.name == "new")
        #expect(server.identity == "new")
        #expect(server.port == 81)
        #expect(server.weight == 1)
        #expect(server.isBackup)
        #expect(server.isDisabled)
        #expect(server.cookie == "c")
        #expect(server.check?.interval == 5_000)
        guard case .http? = server.check?.probe else {
            Issue.record("it is not asked what others of its backend are asked")
            return
        }
    }

    @Test(
        "names that would break the lines of statistics are refused",
        arguments: ["a,b", "a b", "a/b", "\u{e9}"])
    func names(name: String) {
        guard case .refused(let sentence) = servers.read(name, in: "b", ["127.0.0.1:80"]) else {
            Issue.record("'\(name)' is taken")
            return
        }
        #expect(sentence.hasSuffix("is not permitted in server name '\(name)'."))
        #expect(refused("server 'a,b' 127.0.0.1:80").first?.contains("'a,b'") == true)
        #expect(refused("server-template 'a:' 2 127.0.0.1:80").first?.contains("'a:'") == true)
        #expect(refused("server a-b_c.d:80 127.0.0.1:80\n server-template a 2 127.0.0.1:81").isEmpty)
    }

    private func refused(_ line: String) -> [String] {
        read("backend b\n timeout connect 1s\n timeout server 1s\n \(line)\n").diagnostics
            .filter { $0.severity == .error }.map(\.message)
    }

    @Test(
        "what can not be is refused as HAProxy does it",
        arguments: [
            ("", "'server' expects <name> and <addr>[:<port>] as arguments."),
            ("127.0.0.1:80 wieght 3", "unknown keyword 'wieght'; did you mean 'weight' maybe ?"),
            ("127.0.0.1:80 enabled", "'enabled' option is not accepted for dynamic server"),
            ("127.0.0.1:80 init-addr none", "'init-addr' option is not accepted for dynamic server"),
            (
                "127.0.0.1:80 agent-check",
                "server new does not have agent port. Agent check has been disabled."
            ),
            ("127.0.0.1:80 check track b/s", "'track' and checks of its own do not go together."),
            ("127.0.0.1:80 weight", "a weight from 0 to 256 is missing."),
            ("127.0.0.1:80 weight 300", "'300': expected a weight from 0 to 256."),
            ("nowhere.test:80", "'nowhere.test:80': no address is known for 'nowhere.test'"),
        ])
    func refused(text: String, sentence: String) {
        #expect(reading(text) == .refused(sentence))
    }
}
