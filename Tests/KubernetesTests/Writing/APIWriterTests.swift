import Synchronization
import Testing

@testable import Kubernetes

@Suite("The writer against the simulator", .timeLimit(.minutes(5)))
struct APIWriterTests {
    private static let target = "/apis/networking.k8s.io/v1/namespaces/default/ingresses/web/status"

    /// Keys that wait to be written, and what became of them.
    private final class Owner: Sendable {
        let waiting = Mutex<[Int]>([])
        let asked = Atomic<Int>(0)

        func next() -> WriteStep<Int> {
            asked.add(1, ordering: .relaxed)
            return waiting.withLock { waiting in
                guard !waiting.isEmpty else { return .idle }
                var request = APIRequest(APIWriterTests.target, method: "PATCH")
                request.headers = ["Content-Type: application/merge-patch+json"]
                request.body = Array(#"{"status":{}}"#.utf8)
                return .write(waiting.removeFirst(), request)
            }
        }
    }

    private func writer(_ simulator: SimulatorProcess, _ owner: Owner, inFlight: Int = 2) throws -> (
        APIWriter<Int>, AsyncStream<(Int, WriteOutcome)>
    ) {
        let client = try APIClient(simulator.access, userAgent: "test/1")
        let (outcomes, entrance) = AsyncStream<(Int, WriteOutcome)>.makeStream()
        let writer = APIWriter<Int>(
            client, rate: WriteRate(perSecond: 1_000, burst: 1_000, inFlight: inFlight),
            next: { _ in owner.next() }, ended: { key, outcome, _ in entrance.yield((key, outcome)) })
        return (writer, outcomes)
    }

    @Test("everything that waits is written, and each end is told once")
    func all() async throws {
        let simulator = try await SimulatorProcess.start()
        try await simulator.apply(ingress: "web")
        let owner = Owner()
        owner.waiting.withLock { $0 = Array(0..<50) }
        let (writer, outcomes) = try writer(simulator, owner)
        for _ in 0..<100 { writer.wake() }
        var ended: Set<Int> = []
        for await (key, outcome) in outcomes {
            guard case .done = outcome else {
                Issue.record("\(outcome)")
                return
            }
            ended.insert(key)
            if ended.count == 50 { break }
        }
        #expect(writer.statistics == ["done": 50])
    }

    @Test(
        "each refusal is told as what it is",
        arguments: [
            (409, "conflict"), (404, "missing"), (403, "forbidden"), (422, "rejected"), (503, "failed"),
        ])
    func refusals(code: Int, name: String) async throws {
        let simulator = try await SimulatorProcess.start()
        try await simulator.apply(ingress: "web")
        try await simulator.tell("fault", #"{"kind":"status","verb":"patch","times":1,"code":\#(code)}"#)
        let owner = Owner()
        owner.waiting.withLock { $0 = [7] }
        let (writer, outcomes) = try writer(simulator, owner)
        writer.wake()
        #expect(await outcomes.first { _ in true }?.0 == 7)
        #expect(writer.statistics == [name: 1])
    }

    @Test("a token that was rotated costs no write")
    func rotatedToken() async throws {
        let simulator = try await SimulatorProcess.start(["--auth", "token-file"])
        try await simulator.apply(ingress: "web")
        let owner = Owner()
        let (writer, outcomes) = try writer(simulator, owner)
        var ends = outcomes.makeAsyncIterator()
        for key in 0..<2 {
            owner.waiting.withLock { $0 = [key] }
            writer.wake()
            _ = await ends.next()
            try await simulator.tell("rotate_token")
        }
        #expect(writer.statistics == ["done": 2])
    }

    @Test("after the end nothing is asked for")
    func stopped() async throws {
        let simulator = try await SimulatorProcess.start()
        let owner = Owner()
        let (writer, _) = try writer(simulator, owner)
        writer.stop()
        writer.wake()
        try await simulator.tell("state")
        #expect(owner.asked.load(ordering: .relaxed) == 0)
    }
}
