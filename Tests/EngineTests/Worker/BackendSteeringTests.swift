import Model
import Testing

@testable import Engine

@Suite("What operators say of backends")
struct BackendSteeringTests {
    private let a = BackendName("a")
    private let b = BackendName("b")
    private let new = BackendName("new")

    private func frontend(_ mode: Mode = .http) -> Frontend {
        var frontend = Frontend(name: "f", binds: [])
        frontend.mode = mode
        frontend.fallback = .backend(b)
        frontend.backendRules = [
            BackendRule(.known(a)), BackendRule(.written(FormatString([.text(Array("x".utf8))]))),
        ]
        frontend.namedBackends = [a, b]
        return frontend
    }

    @Test("without anything said a frontend is as it is configured")
    func nothing() { #expect(BackendSteering().steered(frontend()) == frontend()) }

    @Test("rules lead to nobody who is not published")
    func unpublished() {
        var steering = BackendSteering()
        steering.unpublished = [a, b]
        let steered = steering.steered(frontend())
        #expect(steered.backendRules.map(\.backend) == [nil])
        #expect(steered.namedBackends.isEmpty)
        #expect(steered.fallback == .answer(status: 503))
        #expect(steering.steered(frontend(.tcp)).fallback == nil)
        // A section keeps its own servers.
        var own = frontend()
        own.isListen = true
        #expect(steering.steered(own).fallback == .backend(b))
    }

    @Test("one that is added may be named by rules of its mode, once it is published")
    func added() {
        var steering = BackendSteering()
        steering.added = [new: .http]
        steering.unpublished = [new]
        #expect(steering.steered(frontend()).namedBackends == [a, b])
        steering.unpublished = []
        #expect(steering.steered(frontend()).namedBackends == [a, b, new])
        #expect(steering.steered(frontend(.tcp)).namedBackends == [a, b])
        var plain = frontend()
        (plain.backendRules, plain.namedBackends) = ([], [])
        #expect(steering.steered(plain).namedBackends.isEmpty)
    }
}
