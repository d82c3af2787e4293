import Model
import Testing
import Wire

@testable import Engine

@Suite("What operators say of checked servers")
struct WatchTests {
    private func watch() throws -> Watch {
        var model = Server(address: "10.0.0.1", port: 80)
        model.check = ServerCheck()
        let address = try #require(SocketAddress("10.0.0.1", port: 80))
        let plan = try #require(CheckPlan(model, at: address, timeouts: ServerTimeouts()))
        let state = ServerState(address: address, name: "s", identity: "", workers: 1)
        return Watch(
            WatchedServer(
                state: state, backend: BackendName("b"), identity: model.asIdentity, plan: plan, tls: nil,
                serial: 1,
                isUp: true))
    }

    @Test("a word holds until checks say otherwise")
    func words() throws {
        let watch = try watch()
        watch.force(.server(.down))
        #expect(!watch.condition.isUp)
        #expect(watch.state.isSurelyDown)
        _ = watch.note(CheckResult(.connected))
        #expect(!watch.condition.isUp)
        _ = watch.note(CheckResult(.connected))
        #expect(watch.condition.isUp)
        watch.force(.server(.stopping))
        #expect(watch.condition.isUp)
        #expect(watch.condition.isDraining)
        watch.force(.server(.up))
        #expect(!watch.condition.isDraining)
        #expect(watch.state.isSurelyUp)
    }

    @Test("an agent's word is its own")
    func agent() throws {
        let watch = try watch()
        watch.force(.agent(isUp: false))
        #expect(!watch.condition.isUp)
        #expect(watch.state.isUp)
        watch.force(.agent(isUp: true))
        #expect(watch.condition.isUp)
    }

    @Test("one failure takes down who has just come back")
    func maintenance() throws {
        let watch = try watch()
        watch.force(.server(.down))
        watch.force(.afterMaintenance)
        #expect(watch.condition.isUp)
        _ = watch.note(CheckResult(.connectFailed))
        #expect(!watch.condition.isUp)
    }
}
