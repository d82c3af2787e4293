import Synchronization
import Testing

@testable import Kubernetes

/// A reflector that is told what a real server said, without a network.
@Suite("Reflector with recordings")
struct RecordedReflectorTests {
    @Test("a streamed list is one initial batch, however its bytes fall", arguments: [1, 7, 1000, 1 << 20])
    func watchList(chunk: Int) throws {
        let stage = try ReflectorStage<Ingress>()
        try stage.answer("watchlist-ingresses", chunk: chunk)
        let batch = try #require(stage.batches.first)
        #expect(stage.batches.count == 1 && batch.isInitial)
        #expect(
            Set(batch.changes.map(\.key.name)) == ["web", "web-1", "web-2", "web-3", "web-4", "web-5"])
        #expect(stage.conditions == [.live])
        #expect(stage.statistics.events == [.added: 6, .bookmark: 1])
    }

    @Test("changes after the initial events come as they happen", arguments: [1, 500, 1 << 20])
    func changes(chunk: Int) throws {
        let stage = try ReflectorStage<Ingress>()
        try stage.answer("watch-ingress-changes", chunk: chunk)
        let later = stage.batches.dropFirst().flatMap(\.changes)
        #expect(later.map(\.key.name).prefix(2) == ["web-1", "web-5"])
        #expect(later.contains(.deleted(ObjectKey(namespace: "rec", name: "web-5"))))
        stage.end(.complete)
        #expect(stage.target.contains("watch=1&allowWatchBookmarks=true&resourceVersion=53440&"))
    }

    @Test("a rolling deployment's slices arrive in order, one batch a chunk")
    func endpointSlices() throws {
        let stage = try ReflectorStage<EndpointSlice>()
        let empty =
            #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"1","#
            + #""annotations":{"k8s.io/initial-events-end":"true"}}}}"#
        stage.head(200)
        stage.body(Array(empty.utf8))
        stage.body(try Recording("watch-endpointslices-roll").body)
        #expect(stage.batches.count == 2)
        #expect(stage.batches.last?.changes.isEmpty == false)
    }

    @Test("a server that cannot stream lists is asked for a plain one")
    func watchListUnsupported() throws {
        let stage = try ReflectorStage<Ingress>()
        try stage.answer("watchlist-unsupported")
        #expect(stage.target == "/apis/networking.k8s.io/v1/ingresses?limit=500&resourceVersion=0")
        #expect(stage.conditions.isEmpty)
    }

    @Test("pages are gathered into one list")
    func pages() throws {
        let stage = try ReflectorStage<Ingress>()
        try stage.answer("watchlist-unsupported")
        for page in ["list-ingresses-page1", "list-ingresses-page2"] {
            try stage.answer(page, chunk: 700)
            stage.end(.complete)
            #expect(stage.target.contains("limit=500&continue="))
        }
        #expect(stage.batches.isEmpty)
        try stage.answer("list-ingresses-rv0")
        stage.end(.complete)
        #expect(stage.batches.count == 1 && stage.batches[0].changes.count == 7)
        #expect(stage.target.contains("watch=1&"))
    }

    @Test("an expired watch is followed by a list that tells only what differs")
    func expired() throws {
        let stage = try ReflectorStage<Ingress>()
        try stage.answer("watchlist-ingresses")
        stage.end(.complete)
        try stage.answer("watch-expired")
        #expect(stage.target.contains("resourceVersion=53414") && stage.target.contains("sendInitialEvents"))
        try stage.answer("watchlist-ingresses")
        #expect(stage.batches.count == 1, "the same list again changes nothing")
        #expect(stage.statistics.restarts == [.closed: 1, .expired: 1])
    }

    @Test("a list at an expired version is asked for anew, and a 401 once more")
    func refusals() throws {
        let stage = try ReflectorStage<Ingress>()
        try stage.answer("watchlist-unsupported")
        try stage.answer("list-exact-rv-expired-410")
        stage.end(.complete)
        #expect(stage.target == "/apis/networking.k8s.io/v1/ingresses?limit=500")
        try stage.answer("unauthorized-401")
        stage.end(.complete)
        #expect(stage.target == "/apis/networking.k8s.io/v1/ingresses?limit=500")
        try stage.answer("unauthorized-401")
        stage.end(.complete)
        #expect(stage.conditions == [.unauthorized("401 Unauthorized")])
        #expect(stage.reflector.transfer == nil)
    }

    @Test("a kind the server does not know is reported as missing")
    func missing() throws {
        let stage = try ReflectorStage<Ingress>()
        for _ in 0..<2 {
            try stage.answer("not-found-404")
            stage.end(.complete)
        }
        #expect(stage.conditions == [.missing])
    }

    @Test(
        "an answer that is no list is not taken for an empty one",
        arguments: ["{}", "", "<html>", #"{"items":[]}"#])
    func strangeList(body: String) throws {
        let stage = try ReflectorStage<Ingress>()
        try stage.answer("watchlist-unsupported")
        stage.head(200)
        stage.body(Array(body.utf8))
        stage.end(.complete)
        #expect(stage.batches.isEmpty)
        #expect(stage.conditions.map(\.name) == ["failing"])
    }

    @Test("a proxy's error page is a failure with its status")
    func errorPage() throws {
        let stage = try ReflectorStage<Ingress>()
        stage.head(502)
        stage.body(Array(repeating: UInt8(ascii: "x"), count: 1 << 20))
        stage.end(.complete)
        #expect(stage.conditions == [.failing("status 502")])
    }

    @Test("an object that cannot be read is told and touches no other")
    func rejectedObject() throws {
        let stage = try ReflectorStage<Ingress>()
        try stage.answer("watchlist-ingresses")
        stage.body(
            Array(
                #"{"type":"MODIFIED","object":{"metadata":{"name":"web","resourceVersion":"9"},"spec":7}}"#
                    .utf8))
        let batch = try #require(stage.batches.last)
        #expect(batch.changes.isEmpty && batch.rejected.map(\.key.name) == ["web"])
        #expect(stage.statistics.rejected == 1 && stage.statistics.objects == 6)
    }
}

/// A reflector on a loop that never turns.
private final class ReflectorStage<Object: DecodableObject> {
    private let loop: ClientLoop
    let reflector: Reflector<Object>
    private let log = Log()

    private final class Log: Sendable {
        let batches = Mutex<[ObjectBatch<Object>]>([])
        let conditions = Mutex<[InformerCondition]>([])
        let statistics = Mutex(InformerStatistics())
    }

    init() throws {
        let log = log
        loop = try #require(
            ClientLoop(
                ClusterAccess(server: "https://a.test"), userAgent: "test", mailbox: Mailbox(),
                counts: RequestCounts()))
        let consumer = InformerConsumer<Object>(
            onCondition: { new in log.conditions.withLock { $0.append(new) } },
            deliver: { new in log.batches.withLock { $0.append(new) } },
            record: { new in log.statistics.withLock { $0 = new } })
        reflector = Reflector(loop, selection: ObjectSelection(), consumer: consumer)
        reflector.start()
    }

    /// The open request holds its reflector, which holds the loop that holds the request.
    deinit { reflector.stop() }

    var batches: [ObjectBatch<Object>] { log.batches.withLock { $0 } }
    var conditions: [InformerCondition] { log.conditions.withLock { $0 } }
    var statistics: InformerStatistics { log.statistics.withLock { $0 } }

    /// What the open request asks for.
    var target: String { reflector.transfer?.request.target ?? "" }

    func head(_ status: Int) {
        guard let transfer = reflector.transfer else { return }
        reflector.received(status: status, retryAfter: nil, of: transfer)
    }

    func body(_ bytes: [UInt8]) {
        guard let transfer = reflector.transfer else { return }
        reflector.received(bytes, arrivedAt: 1, of: transfer)
    }

    func end(_ end: TransferEnd) {
        guard let transfer = reflector.transfer else { return }
        reflector.ended(end, of: transfer)
    }

    /// Head and body of a recording, but not the end.
    func answer(_ name: String, chunk: Int = 1 << 20) throws {
        let recording = try Recording(name)
        let transfer = try #require(reflector.transfer)
        head(recording.status)
        for start in stride(from: 0, to: recording.body.count, by: chunk)
        where reflector.transfer === transfer {
            body(Array(recording.body[start..<min(start + chunk, recording.body.count)]))
        }
    }
}
