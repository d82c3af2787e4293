import Glibc
import Testing

@testable import Kubernetes

@Suite("API client against the simulator", .timeLimit(.minutes(5)))
struct APIClientTests {
    private func version(_ access: ClusterAccess) async throws(ClusterError) -> String {
        let client = try APIClient(access, userAgent: "test/1")
        return String(decoding: try await client.get("/version"), as: UTF8.self)
    }

    @Test("every kind of credentials opens the door", arguments: ["token", "token-file", "certificate"])
    func credentials(auth: String) async throws {
        let simulator = try await SimulatorProcess.start(["--auth", auth])
        #expect(try await version(simulator.access).contains("gitVersion"))
    }

    @Test("without credentials the answer is 401, in the server's words")
    func noCredentials() async throws {
        let simulator = try await SimulatorProcess.start()
        var access = simulator.access
        access.identity = Identity()
        let client = try APIClient(access, userAgent: "test/1")
        await #expect(throws: ClusterError.refused(status: 401, reason: "Unauthorized")) {
            try await client.get("/apis/networking.k8s.io/v1/ingresses")
        }
    }

    @Test("a token that was rotated is read again when the old one is refused")
    func rotatedToken() async throws {
        let simulator = try await SimulatorProcess.start(["--auth", "token-file"])
        let client = try APIClient(simulator.access, userAgent: "test/1")
        _ = try await client.get("/api/v1/services")
        try await simulator.tell("rotate_token")
        #expect(try await client.send(APIRequest("/api/v1/services")).status == 200)
    }

    @Test("a certificate that we do not trust is refused")
    func untrustedAuthority() async throws {
        let simulator = try await SimulatorProcess.start()
        let other = try await SimulatorProcess.start()
        var access = simulator.access
        access.trust = other.access.trust
        await expectUnreachable(access, "certificate")
        access.trust = .system
        await expectUnreachable(access, "certificate")
        access.trust = .any
        #expect(try await version(access).contains("gitVersion"))
    }

    @Test("an authority that cannot be read trusts nobody, and heals when it can")
    func unreadableAuthority() async throws {
        let simulator = try await SimulatorProcess.start()
        var access = simulator.access
        let path = "\(simulator.directory)/late.crt"
        access.trust = .authorities(.file(path))
        let client = try APIClient(access, userAgent: "test/1")
        await #expect(throws: ClusterError.self) { try await client.get("/version") }
        try #require(link("\(simulator.directory)/ca.crt", path) == 0)
        defer { unlink(path) }
        _ = try await client.get("/version")
    }

    @Test("tls-server-name is what the certificate is checked against")
    func serverName() async throws {
        let simulator = try await SimulatorProcess.start()
        var access = simulator.access
        access.serverName = "kubernetes.default.svc"
        #expect(try await version(access).contains("gitVersion"))
        access.serverName = "other.test"
        await expectUnreachable(access, "certificate")
    }

    @Test("credentials are not sent in clear")
    func clearText() async throws {
        let simulator = try await SimulatorProcess.start()
        var access = ClusterAccess(server: simulator.access.server.replacing("https:", with: "http:"))
        access.identity = simulator.access.identity
        await #expect(throws: ClusterError.self) { try await version(access) }
    }

    @Test("a server that is not there is told in one line")
    func nobodyThere() async {
        await expectUnreachable(ClusterAccess(server: "https://127.0.0.1:1"), "connect")
    }

    @Test("many requests at once are answered each", arguments: [[], ["--http1"]])
    func manyRequests(arguments: [String]) async throws {
        let simulator = try await SimulatorProcess.start(arguments)
        let client = try APIClient(simulator.access, userAgent: "test/1")
        let answers = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<40 { group.addTask { (try? await client.get("/version")) != nil } }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(answers == 40)
        #expect(client.requests.all == [.init(method: "GET", status: 200): 40])
    }

    @Test("requests are counted by method and status, those that nobody answers too")
    func counts() async throws {
        let simulator = try await SimulatorProcess.start()
        let client = try APIClient(simulator.access, userAgent: "test/1")
        try await simulator.tell("fault", #"{"kind":"status","code":403,"times":1}"#)
        #expect(try await client.send(APIRequest("/api/v1/services")).status == 403)
        try await simulator.tell("fault", #"{"kind":"status","code":409,"times":1}"#)
        #expect(try await client.send(APIRequest("/api/v1/services", method: "POST")).status == 409)
        #expect(
            client.requests.all == [
                .init(method: "GET", status: 403): 1, .init(method: "POST", status: 409): 1,
            ])
        let nobody = try APIClient(ClusterAccess(server: "https://127.0.0.1:1"), userAgent: "test/1")
        await #expect(throws: ClusterError.self) { try await nobody.get("/version") }
        #expect(nobody.requests.all == [.init(method: "GET", status: 0): 1])
    }

    @Test("requests that are open when the client stops are answered with that")
    func stopsOpenRequests() async throws {
        let simulator = try await SimulatorProcess.start()
        try await simulator.tell("fault", #"{"kind":"hang"}"#)
        let client = try APIClient(simulator.access, userAgent: "test/1")
        async let answer = client.send(APIRequest("/api/v1/services"))
        // The request is on its way, or not even that: both must end.
        await client.stop()
        do {
            _ = try await answer
            Issue.record("was answered")
        } catch {
            #expect(error as? ClusterError == .stopped)
        }
    }

    private func expectUnreachable(_ access: ClusterAccess, _ word: String) async {
        do throws(ClusterError) {
            _ = try await version(access)
            Issue.record("was reached")
        } catch .unreachable(let reason) {
            #expect(reason.lowercased().contains(word), "\(reason)")
        } catch {
            Issue.record("\(error)")
        }
    }
}

@Suite("Plugins as processes", .timeLimit(.minutes(5)))
struct PluginRunTests {
    /// A plugin that is a line of shell.
    private func plugin(_ script: String) -> ExecPlugin {
        ExecPlugin(
            apiVersion: ExecPlugin.supportedVersions[0], command: "sh", arguments: ["-c", script],
            environment: [ExecPlugin.EnvironmentValue(name: "GREETING", value: "hello")])
    }

    private func answer(token: String) -> String {
        #"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"\#(token)"}}"#
    }

    private func reason(_ plugin: ExecPlugin) -> String? {
        guard case .failure(let refusal) = PluginRun.answer(of: plugin) else { return nil }
        return refusal.reason
    }

    @Test("it is asked in the environment and answers on standard output")
    func answers() throws {
        let script =
            #"test -n "$KUBERNETES_EXEC_INFO" && read x; echo '\#(answer(token: "$1"))' | sed "s/\$1/$GREETING/""#
        #expect(try PluginRun.answer(of: plugin(script)).get().token == Confidential("hello"))
    }

    @Test("one that fails, is missing, says nothing or wants a terminal is refused by name")
    func failures() {
        #expect(reason(plugin("exit 3")) == "the plugin sh failed with status 3")
        #expect(reason(plugin("true"))?.hasPrefix("the plugin sh: its output is no ExecCredential") == true)
        var missing = plugin("")
        missing.command = "no-such-plugin"
        missing.installHint = "get it"
        #expect(
            reason(missing)
                == "the plugin no-such-plugin cannot be started (No such file or directory): get it")
        var asking = plugin("")
        asking.interactiveMode = .always
        #expect(reason(asking) == "the plugin sh wants a terminal")
    }

    @Test("none of our files is open in it")
    func closedFiles() throws {
        let script = #"test "$(ls /proc/self/fd | wc -l)" -le 4 && echo '\#(answer(token: "x"))'"#
        #expect(try PluginRun.answer(of: plugin(script)).get().token != nil)
    }

    @Test("a client runs its plugin once for many requests, and again after a 401")
    func cached() async throws {
        let simulator = try await SimulatorProcess.start(["--auth", "token-file"])
        let count = "\(simulator.directory)/runs"
        let path = simulator.access.identity.tokenFile
        var access = simulator.access
        access.identity = Identity()
        access.identity.plugin = plugin(
            #"echo x >> \#(count); printf '\#(answer(token: "%s"))' "$(cat \#(path))""#)
        let client = try APIClient(access, userAgent: "test/1")
        async let first = client.get("/api/v1/services")
        async let second = client.get("/api/v1/services")
        _ = try await (first, second)
        #expect(try FileContents.read(count).get().count == 2, "one run of two bytes")
        try await simulator.tell("rotate_token")
        _ = try await client.get("/api/v1/services")
        #expect(try FileContents.read(count).get().count == 4)
        unlink(count)
    }
}
