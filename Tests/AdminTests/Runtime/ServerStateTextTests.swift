import Engine
import Model
import Testing

@testable import Admin

@Suite("The state of servers as text")
struct ServerStateTextTests {
    private func text(_ change: (inout ServerStatistics, inout Server) -> Void) -> ServerStateText {
        var proxy = ProxyStatistics(name: "b", place: ProxyPlace())
        proxy.backend = BackendStatistics()
        proxy.backend?.idleTimeout = 5_000
        var server = ServerStatistics()
        (server.name, server.id, server.userWeight, server.configuredWeight) = ("s", 1, 3, 4)
        server.changedAt = 1_000_000_000
        server.idlePerWorker = [2, 0]
        server.idle = 2
        var model = Server(address: "::1", port: 80, name: "s")
        change(&server, &model)
        server.settings = model
        return ServerStateText(
            proxy: proxy, proxyID: 5, backend: proxy.backend ?? BackendStatistics(), server: server,
            moment: 3_500_000_000)
    }

    @Test("a server that nobody checks")
    func plain() {
        #expect(text { _, _ in }.state == "5 b 1 s ::1 2 0 3 4 2 1 0 2 0 0 0 0 - 80 - 0 0 - - 0\n")
        #expect(text { _, _ in }.connections == "b/s 5/1 ::1 80 - 5000 0 0 0 0 2 0 2 2 0\n")
    }

    @Test("operators' words are bits")
    func steered() {
        let maintained = text { server, _ in server.state = .maintenance }
        #expect(maintained.state.hasPrefix("5 b 1 s ::1 0 1 "))
        let drained = text { server, _ in server.state = .drain }
        #expect(drained.state.hasPrefix("5 b 1 s ::1 2 8 "))
        let down = text { server, _ in (server.isUp, server.saidHealth) = (false, .down) }
        #expect(down.state == "5 b 1 s ::1 0 0 3 4 2 1 0 0 0 0 0 0 - 80 - 0 0 - - 0\n")
    }

    @Test("a check that is paused is configured and not enabled")
    func paused() {
        let paused = text { server, model in
            model.check = ServerCheck()
            model.check?.agent = AgentCheck(port: 9)
            (server.isCheckPaused, server.hasGivenID) = (true, true)
        }
        #expect(paused.state == "5 b 1 s ::1 2 0 3 4 2 1 0 2 2 22 0 1 - 80 - 0 0 - - 9\n")
    }
}
