import Model
import Testing

@testable import ConfigLanguage

@Suite("States of servers that a configuration wants loaded")
struct ServerStatesTests {
    private static func line(
        _ server: String, backend: String = "b", id: Int = 2, weight: Int = 5, forced: Int = 0
    ) -> String {
        "\(id) \(backend) 1 \(server) 192.0.2.9 2 0 \(weight) 1 0 6 3 4 6 0 \(forced) 0 - 80 - 0 0 - - 0\n"
    }

    private func read(_ text: String, files: [String: String] = [:]) -> ConfigurationText {
        let surroundings = Surroundings(
            environment: [:],
            read: { path in
                if path == "/folder" { return .folder([]) }
                if path == "/secret" { return .unreadable("Permission denied") }
                guard let text = files[path] else { return .unreadable("No such file or directory") }
                return .file(Array(text.utf8))
            },
            resolve: { _ in "192.0.2.7" })
        let times = "\ndefaults\n timeout connect 1s\n timeout server 1s\n timeout client 1s\n"
        let file = ConfigurationFile(
            name: "t.cfg", bytes: Array((text + "\n").replacing("DEFAULTS", with: times).utf8))
        return ConfigurationText.read([file], surroundings)
    }

    private func weights(_ text: ConfigurationText) -> [String: Int] {
        Dictionary(
            uniqueKeysWithValues: text.serverStates.map { ("\($0.key)", $0.value.weight) })
    }

    private func warnings(_ text: ConfigurationText) -> [String] {
        text.diagnostics.map { "\($0.location?.file ?? ""):\($0.location?.line ?? 0)" }
    }

    private func section(_ state: String) -> String {
        "DEFAULTS\nbackend a\nbackend b\n \(state)\n server s 127.0.0.1:80\n server t 127.0.0.1:81\n"
    }

    @Test("a file for all: the first line about a server counts, and those about others are nobody's")
    func all() {
        let global = "global\n server-state-base /var/states\n server-state-file all\n"
        let file =
            "1\n" + Self.line("s") + Self.line("s", weight: 6) + Self.line("t", backend: "x") + Self.line("u")
        let text = read(
            global + section("load-server-state-from-file global"), files: ["/var/states/all": file])
        #expect(text.diagnostics.isEmpty && weights(text) == ["b/s": 5])
        #expect(text.configuration.backends[BackendName("b")]?.stateSource == .global)
        // Numbers of backends are not looked at there.
        let other = read(
            global + section("load-server-state-from-file global"),
            files: ["/var/states/all": "1\n" + Self.line("t", id: 77)])
        #expect(other.diagnostics.isEmpty && weights(other) == ["b/t": 5])
    }

    @Test("defaults say it for all that follows; 'none' takes it back")
    func defaults() {
        let global = "global\n server-state-file /all\nDEFAULTS\n load-server-state-from-file global\n"
        let sections =
            "backend b\n server s 127.0.0.1:80\nbackend c\n load-server-state-from-file none\n server s 127.0.0.1:80\n"
        let file = "1\n" + Self.line("s") + Self.line("s", backend: "c")
        #expect(weights(read(global + sections, files: ["/all": file])) == ["b/s": 5])
    }

    @Test("a backend's own file has its name, or another one")
    func local() {
        let file = ["/states/b": "1\n" + Self.line("s"), "/states/other": "1\n" + Self.line("t")]
        let global = "global\n server-state-base /states/\n"
        let local = "load-server-state-from-file local"
        #expect(weights(read(global + section(local), files: file)) == ["b/s": 5])
        let named = section(local + "\n server-state-file-name other")
        #expect(weights(read(global + named, files: file)) == ["b/t": 5])
        let own = section(local + "\n server-state-file-name use-backend-name")
        #expect(weights(read(global + own, files: file)) == ["b/s": 5])
        let absolute = section("server-state-file-name /states/other\n " + local)
        #expect(weights(read(absolute, files: file)) == ["b/t": 5])
    }

    @Test("lines of a backend's own file that are about another one")
    func foreign() {
        func told(_ lines: String) -> (weights: [String: Int], warnings: [String]) {
            let text = read(
                section("load-server-state-from-file local\n server-state-file-name /f"),
                files: ["/f": "1\n" + lines])
            return (weights(text), warnings(text))
        }
        #expect(told(Self.line("s", backend: "x", id: 9)) == ([:], []))
        #expect(told(Self.line("s", id: 9)) == (["b/s": 5], ["/f:2"]))
        #expect(told(Self.line("s", backend: "x")) == ([:], ["/f:2"]))
        #expect(told(Self.line("s", backend: "x", forced: 1)) == (["b/s": 5], ["/f:2"]))
        #expect(told(Self.line("s") + Self.line("u")) == (["b/s": 5], ["/f:3"]))
        #expect(told(Self.line("s") + Self.line("t", weight: 257)) == (["b/s": 5], ["/f:3"]))
        #expect(told(Self.line("s") + "x\n") == ([:], ["/f:3"]))
    }

    @Test("a file that is not there yet is nothing; one that can not be read is a warning")
    func files() {
        let global = "global\n server-state-file FILE\n" + section("load-server-state-from-file global")
        for (file, told) in [("/none", []), ("/secret", ["/secret:1"]), ("/folder", ["/folder:1"])] {
            let text = read(global.replacing("FILE", with: file))
            #expect(warnings(text) == told && text.serverStates.isEmpty && text.isUsable)
        }
        let without = read(section("load-server-state-from-file global"))
        #expect(warnings(without).count == 1 && without.isUsable)
    }

    @Test("an address counts of servers that have a name, unless another beginning stands in front")
    func addresses() {
        func address(_ line: String) -> String? {
            let text = read(
                "DEFAULTS\nbackend a\nbackend b\n load-server-state-from-file local\n server-state-file-name /f\n server s \(line)\n",
                files: ["/f": "1\n" + Self.line("s")])
            #expect(text.serverStates.count == 1)
            return text.serverStates.first?.value.address
        }
        #expect(address("web.example:80") == "192.0.2.9")
        #expect(address("web.example:80 init-addr libc,last") == nil)
        #expect(address("web.example:80 init-addr last,none") == "192.0.2.9")
        #expect(address("127.0.0.1:80") == nil)
    }

    @Test("mistakes in the lines")
    func mistakes() {
        for line in ["load-server-state-from-file", "load-server-state-from-file file"] {
            #expect(!read(section(line)).isUsable, "\(line)")
        }
        let twice = read("global\n server-state-file /a\n server-state-file /b\n")
        #expect(twice.global.serverStateFile == "/a" && twice.diagnostics.map(\.reason) == ["Adjusted"])
        let inherited = read("DEFAULTS\n server-state-file-name f\nbackend b\n server s 127.0.0.1:80\n")
        #expect(inherited.diagnostics.map(\.reason) == ["Adjusted"])
    }

    @Test("all of it is printed")
    func printed() {
        let text = read(
            "global\n server-state-base /b\n server-state-file f\n"
                + section("load-server-state-from-file local\n server-state-file-name other")
                + "backend c\n load-server-state-from-file global\n server s 127.0.0.1:80\n"
                + "backend d\n load-server-state-from-file local\n server s 127.0.0.1:80\n")
        let again = read(text.printed.text)
        #expect(RoundTrip.differences(text, again) == [])
        #expect(again.global.serverStateFile == "f" && again.global.serverStateBase == "/b")
        #expect(again.configuration.backends[BackendName("b")]?.stateSource == .local("other"))
        #expect(again.configuration.backends[BackendName("d")]?.stateSource == .local("d"))
    }
}
