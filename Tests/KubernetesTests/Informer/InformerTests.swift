import Testing

@testable import Kubernetes

@Suite("Informer against the simulator", .timeLimit(.minutes(5)))
struct InformerTests {
    @Test("the first batch is the whole list, and later ones are what changes", arguments: [[], ["--http1"]])
    func listThenChanges(arguments: [String]) async throws {
        let simulator = try await SimulatorProcess.start(["--bulk", "3"] + arguments)
        var follower = try Follower<Ingress>(simulator.access)
        let first = try await follower.next()
        #expect(first.isInitial && first.changes.count == 3)

        try await simulator.apply(ingress: "late", host: "late.test")
        let added = try await follower.next()
        #expect(added.changes.map(\.key.name) == ["late"] && !added.isInitial && added.receivedAt > 0)
        try await simulator.delete(ingress: "late")
        #expect(
            try await follower.next().changes == [.deleted(ObjectKey(namespace: "default", name: "late"))])
        await follower.client.stop()
    }

    @Test("an empty list is told as well")
    func emptyList() async throws {
        let simulator = try await SimulatorProcess.start()
        var follower = try Follower<Ingress>(simulator.access)
        let first = try await follower.next()
        #expect(first.isInitial && first.changes.isEmpty)
        #expect(await follower.conditions(1) == ["live"])
    }

    @Test("a server without streamed lists is listed in the plain way")
    func plainList() async throws {
        let simulator = try await SimulatorProcess.start(["--bulk", "700"])
        try await simulator.tell("watchlist_unsupported")
        var follower = try Follower<Ingress>(simulator.access)
        #expect(try await follower.next().changes.count == 700)
        try await simulator.apply(ingress: "late")
        #expect(try await follower.next().changes.count == 1)
    }

    @Test("what was missed while the server was away arrives as changes, deletes too")
    func missedWhileAway() async throws {
        let simulator = try await SimulatorProcess.start()
        try await simulator.apply(ingress: "stays")
        try await simulator.apply(ingress: "goes")
        var follower = try Follower<Ingress>(simulator.access)
        #expect(try await follower.next().changes.count == 2)
        try await simulator.tell("stop")
        // Back before anybody has asked again, it would not have been away.
        #expect(await follower.conditions(2) == ["live", "unreachable"])
        try await simulator.delete(ingress: "goes")
        try await simulator.apply(ingress: "comes")
        try await simulator.tell("compact")
        try await simulator.tell("start")
        let changes = try await follower.next().changes
        #expect(Set(changes.map(\.key.name)) == ["goes", "comes"])
        #expect(changes.contains(.deleted(ObjectKey(namespace: "default", name: "goes"))))
        #expect(await follower.conditions(1) == ["live"])
    }

    @Test(
        "the stream heals after a fault, and nothing is told twice",
        arguments: [
            #"{"kind":"reset","resource":"ingresses","verb":"watch","times":1,"after":10}"#,
            #"{"kind":"truncate","resource":"ingresses","verb":"watch","times":1,"after":10}"#,
            #"{"kind":"error","resource":"ingresses","verb":"watch","times":1,"code":410,"reason":"Expired"}"#,
            #"{"kind":"garbage","resource":"ingresses","verb":"watch","times":1}"#,
            #"{"kind":"duplicate","resource":"ingresses","verb":"watch","times":1}"#,
            #"{"kind":"slow","resource":"ingresses","verb":"watch","times":1}"#,
            #"{"kind":"status","resource":"ingresses","verb":"watch","times":1,"code":429,"retry_after":1}"#,
            #"{"kind":"status","resource":"ingresses","verb":"watch","times":1,"code":401}"#,
            #"{"kind":"goaway","resource":"ingresses","verb":"watch","times":1}"#,
        ])
    func faults(fault: String) async throws {
        let simulator = try await SimulatorProcess.start(["--bulk", "2"])
        var follower = try Follower<Ingress>(simulator.access)
        #expect(try await follower.next().changes.count == 2)
        try await simulator.tell("fault", fault)
        // The faulty watch is the next one.
        try await simulator.tell("drop")
        for i in 0..<3 { try await simulator.apply(ingress: "late-\(i)") }
        var names: [String] = []
        while names.count < 3 { names += try await follower.next().changes.map(\.key.name) }
        #expect(names == ["late-0", "late-1", "late-2"] || names.sorted() == ["late-0", "late-1", "late-2"])
        try await simulator.apply(ingress: "last")
        #expect(try await follower.next().changes.map(\.key.name) == ["last"])
    }

    @Test("a kind that may not be read is reported and syncs when it may")
    func forbidden() async throws {
        let simulator = try await SimulatorProcess.start(["--bulk", "2"])
        try await simulator.tell(
            "fault", #"{"kind":"status","resource":"ingresses","code":403,"reason":"Forbidden","times":2}"#)
        var follower = try Follower<Ingress>(simulator.access)
        #expect(try await follower.next().changes.count == 2)
        #expect(await follower.conditions(2) == ["forbidden", "live"])
    }

    @Test("all kinds share one connection")
    func oneConnection() async throws {
        let simulator = try await SimulatorProcess.start(["--bulk", "2"])
        let client = try APIClient(simulator.access, userAgent: "test")
        var ingresses = Follower<Ingress>(client)
        var services = Follower<Service>(client)
        var slices = Follower<EndpointSlice>(client)
        _ = try await (ingresses.next(), services.next(), slices.next())
        let dropped = try await simulator.tell("drop")
        #expect(dropped.contains(#""dropped":1}"#), "\(dropped)")
    }

    @Test("over HTTP/1.1 each kind has its connection")
    func connectionsOverHTTP1() async throws {
        let simulator = try await SimulatorProcess.start(["--bulk", "2", "--http1"])
        let client = try APIClient(simulator.access, userAgent: "test")
        var ingresses = Follower<Ingress>(client)
        var services = Follower<Service>(client)
        var slices = Follower<EndpointSlice>(client)
        var secrets = Follower<Secret>(client)
        _ = try await (ingresses.next(), services.next(), slices.next(), secrets.next())
        _ = try await client.get("/version")
    }

    @Test("more watches than one connection carries are all served")
    func manyWatches() async throws {
        let simulator = try await SimulatorProcess.start()
        let client = try APIClient(simulator.access, userAgent: "test")
        var followers = (0..<270).map { i in
            Follower<Secret>(
                client, ObjectSelection(namespace: "default", fieldSelector: "metadata.name=s\(i)"))
        }
        for i in followers.indices { #expect(try await followers[i].next().isInitial) }
        for follower in followers.dropLast() { follower.informer.stop() }
        try await simulator.tell(
            "apply",
            #"[{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s269","namespace":"default"},"type":"Opaque"}]"#
        )
        #expect(try await followers[269].next().changes.map(\.key.name) == ["s269"])
    }

    @Test("a rotated token reaches the next watch")
    func rotatedToken() async throws {
        let simulator = try await SimulatorProcess.start(["--auth", "token-file"])
        var follower = try Follower<Ingress>(simulator.access)
        _ = try await follower.next()
        try await simulator.tell("rotate_token")
        try await simulator.tell("drop")
        try await simulator.apply(ingress: "late")
        #expect(try await follower.next().changes.map(\.key.name) == ["late"])
        #expect(follower.informer.statistics.condition == .live)
    }

    @Test("stopping the client ends everything at once, and again does nothing")
    func stops() async throws {
        let simulator = try await SimulatorProcess.start()
        var follower = try Follower<Ingress>(simulator.access)
        _ = try await follower.next()
        await follower.client.stop()
        await follower.client.stop()
        await #expect(throws: ClusterError.stopped) { try await follower.client.get("/version") }
    }
}

/// One informer and all it tells.
struct Follower<Object: DecodableObject> {
    let client: APIClient
    let informer: Informer<Object>
    private var batches: AsyncStream<ObjectBatch<Object>>.Iterator
    private var reported: AsyncStream<InformerCondition>.Iterator

    init(_ access: ClusterAccess) throws {
        self.init(try APIClient(access, userAgent: "test"))
    }

    init(_ client: APIClient, _ selection: ObjectSelection = ObjectSelection()) {
        let (stream, continuation) = AsyncStream<ObjectBatch<Object>>.makeStream()
        let (conditions, reports) = AsyncStream<InformerCondition>.makeStream()
        reported = conditions.makeAsyncIterator()
        self.client = client
        batches = stream.makeAsyncIterator()
        informer = Informer(client) {
            reports.yield($0)
        } deliver: {
            continuation.yield($0)
        }
        informer.start()
    }

    mutating func next() async throws -> ObjectBatch<Object> {
        try #require(await batches.next(isolation: nil))
    }

    /// The names of the next conditions.
    mutating func conditions(_ count: Int) async -> [String] {
        var names: [String] = []
        while names.count < count, let condition = await reported.next(isolation: nil) {
            names.append(condition.name)
        }
        return names
    }
}
