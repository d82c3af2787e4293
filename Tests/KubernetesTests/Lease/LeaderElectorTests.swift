import Synchronization
import Testing

@testable import Kubernetes

@Suite("The elector against the simulator", .timeLimit(.minutes(5)))
struct LeaderElectorTests {
    private let key = ObjectKey(namespace: "default", name: "sluice-leader")

    /// An elector that has started, and what it reports.
    private func elector(_ simulator: SimulatorProcess, _ identity: String) throws
        -> (LeaderElector, AsyncStream<LeaseCondition>)
    {
        let client = try APIClient(simulator.access, userAgent: "test/1")
        let (conditions, entrance) = AsyncStream<LeaseCondition>.makeStream()
        let elector = LeaderElector(client, lease: key, identity: identity) { entrance.yield($0) }
        elector.start()
        return (elector, conditions)
    }

    @Test("the first one leads, the second follows, and leads when the first gives it up")
    func handover() async throws {
        let simulator = try await SimulatorProcess.start()
        let (first, firstSays) = try elector(simulator, "first")
        #expect(await firstSays.first { _ in true } == .leading)
        #expect(first.leadership.isHeld)
        let (second, secondSays) = try elector(simulator, "second")
        var says = secondSays.makeAsyncIterator()
        #expect(await says.next() == .following("first"))
        #expect(!second.leadership.isHeld)
        await withCheckedContinuation { done in first.release { done.resume() } }
        #expect(!first.leadership.isHeld)
        #expect(await says.next() == .vacant)
        #expect(await says.next() == .leading)
        #expect(second.leadership.isHeld)
        #expect(second.leadership.elections == 1)
    }

    @Test("giving up what is not held ends at once, twice as well")
    func releaseNothing() async throws {
        let simulator = try await SimulatorProcess.start()
        let client = try APIClient(simulator.access, userAgent: "test/1")
        let elector = LeaderElector(client, lease: key, identity: "idle") { _ in }
        await withCheckedContinuation { done in elector.release { done.resume() } }
        await client.stop()
        await withCheckedContinuation { done in elector.release { done.resume() } }
        #expect(!elector.leadership.isHeld)
    }

    @Test("who holds no election always leads")
    func always() {
        #expect(Leadership.always.isHeld)
        #expect(!Leadership().isHeld)
    }
}
