import Model
import Testing

@testable import ConfigLanguage

@Suite("Sockets of this machine in the configuration language")
struct LocalSocketKeywordsTests {
    private func binds(_ lines: String, global: String = "") -> [Bind] {
        let text = read(
            "global\n\(global)\ndefaults\n mode http\nfrontend f\n\(lines)\n")
        #expect(text.diagnostics.filter { $0.severity == .error } == [])
        return text.configuration.frontends.first?.binds ?? []
    }

    @Test("a path, with or without its family, and names outside of the file system are addresses")
    func names() {
        let binds = binds(
            " bind /run/a.sock,unix@/run/b.sock,abns@c,abnsz@d,:80\n bind unix@e.sock accept-proxy")
        let names = ["unix@/run/a.sock", "unix@/run/b.sock", "abns@c", "abnsz@d", "0.0.0.0", "unix@e.sock"]
        #expect(binds.map(\.address) == names)
        #expect(binds.map(\.isLocal) == [true, true, true, true, false, true])
        #expect(binds.map(\.port) == [0, 0, 0, 0, 80, 0])
        #expect(binds.last?.proxyProtocol == .everyone)
    }

    @Test("rights are those of files, and only what has a name in the machine has any")
    func rights() {
        let binds = binds(" bind /a,:80 mode 660 uid 5 gid 0\n bind /b")
        #expect(binds.map(\.rights.mode) == [0o660, nil, nil])
        #expect(binds.map(\.rights.owner) == [5, nil, nil])
        #expect(binds.map(\.rights.group) == [0, nil, nil])
    }

    @Test("unix-bind is what bind lines begin with")
    func usual() {
        let binds = binds(" bind /a mode 600\n bind abns@b", global: " unix-bind prefix /run mode 666 uid 7")
        #expect(binds.map(\.address) == ["unix@/run/a", "abns@b"])
        #expect(binds.map(\.rights.mode) == [0o600, 0o666])
        #expect(binds.map(\.rights.owner) == [7, 7])
    }

    @Test("servers and their checks have them too")
    func servers() throws {
        let text = read(
            "backend b\n mode http\n server s /run/a.sock check\n server t 192.0.2.1:80 check addr unix@/run/t\n"
        )
        let servers = try #require(text.configuration.backends[BackendName("b")]).servers
        #expect(servers.map(\.address) == ["unix@/run/a.sock", "192.0.2.1"])
        #expect(servers.map(\.isLocal) == [true, false])
        #expect(servers.map(\.port) == [0, 80])
        #expect(servers.last?.check?.address == "unix@/run/t")
    }

    @Test(
        "what can not be one says why",
        arguments: [
            ("bind unix@", "expected a path"), ("bind abns@", "expected a name"),
            ("bind /\(String(repeating: "a", count: 95))", "a path of at most 95 bytes"),
            ("bind abns@\(String(repeating: "a", count: 108))", "a name of at most 107 bytes"),
            ("bind /a mode 9", "expected rights such as 660"),
            ("bind /a mode", "rights such as 660 is missing"),
            ("bind /a user nobody-here", "'user nobody-here': there is no such user"),
            ("bind /a group nobody-here", "'group nobody-here': there is no such group"),
        ])
    func wrong(line: String, expected: String) {
        let told = read("frontend f\n \(line)\n").diagnostics.first { $0.location?.line == 2 }?.message
        #expect(told?.contains(expected) == true, "\(told ?? "nothing")")
    }

    @Test("unix-bind without a word, and with a wrong one, is refused")
    func wrongDefaults() {
        #expect(!read("global\n unix-bind\n").isUsable)
        #expect(!read("global\n unix-bind prefx /a\n").isUsable)
    }
}
