import Basics
import Model
import Wire

@testable import Engine

/// An engine on a free port with one route to one backend, `shop.example/`, and its servers.
final class TestEngine {
    let engine: Engine
    let port: UInt16
    private let frontend: Frontend

    init(
        workers: Int = 1, accessLog: Int32? = nil, format: AccessLogFormat = .text, maxConnections: Int = 0,
        waits: Bool = false, notices: TestNotices? = nil,
        compression: CompressionLimits = CompressionLimits(), http2: HTTP2Choices = HTTP2Choices(),
        frontend configure: (inout Frontend) -> Void = { _ in }
    ) throws {
        var attempts = 0
        while true {
            let port = try TestEngine.freePort()
            var frontend = Frontend(name: "http", binds: [Bind(address: "127.0.0.1", port: port)])
            configure(&frontend)
            var options = EngineOptions(
                workers: workers, accessLog: accessLog, accessLogFormat: format)
            options.maxConnections = maxConnections
            options.compression = compression
            options.http2 = http2
            options.waitsForConfiguration = waits
            if let notices { options.onHealth = { notices.take($0) } }
            let engine = Engine(options)
            do {
                try engine.start([frontend])
            } catch {
                // Somebody else has taken the port in between.
                attempts += 1
                guard attempts < 5 else { throw error }
                continue
            }
            self.engine = engine
            self.port = port
            self.frontend = frontend
            return
        }
    }

    deinit { engine.stop() }

    private static func freePort() throws -> UInt16 {
        let any = SocketAddress("127.0.0.1", port: 0) ?? SocketAddress()
        return try Listener(any, v6Only: true, deferAccept: false).address.port
    }

    func connect() -> TestConnection { TestConnection(port: port) }

    /// Requests that wait for a place at a server of the backend.
    var queued: UInt64? { engine.metrics().backends.first?.queued }

    static let backend = BackendName("shop/web:80")
    static let origin = Origin(namespace: "shop", name: "web")

    /// Publishes the route and the backend, and waits until every worker has them.
    func serve(
        _ backends: [TestBackend], routes: [Route]? = nil, _ configure: (inout Backend) -> Void = { _ in }
    ) -> Bool {
        var change = TestEngine.change(backends, configure)
        let route = Route(
            path: "/", match: .prefix, target: .backend(TestEngine.backend), origin: TestEngine.origin)
        change.routes = [.exact("shop.example"): HostRoutes(routes ?? [route])]
        return publish(change)
    }

    /// Replaces the backend's servers alone.
    func swap(to backends: [TestBackend], _ configure: (inout Backend) -> Void = { _ in }) -> Bool {
        publish(TestEngine.change(backends, configure))
    }

    /// Publishes other settings of the frontend.
    func publishFrontend(_ configure: (inout Frontend) -> Void) -> Bool {
        var change = Change()
        var changed = frontend
        configure(&changed)
        change.frontends = [changed]
        return publish(change)
    }

    /// Publishes and waits until every worker has adopted it.
    func publish(_ change: Change) -> Bool {
        var change = change
        change.receivedAt = Clock.now()
        let before = adoptions
        _ = engine.publish(change)
        return eventually { adoptions > before }
    }

    private var adoptions: UInt64 {
        engine.metrics().propagation.values.reduce(0) { $0 + $1.buckets.reduce(0, +) }
    }

    private static func change(_ backends: [TestBackend], _ configure: (inout Backend) -> Void) -> Change {
        var pool = Backend(
            servers: backends.map { Server(address: "127.0.0.1", port: $0.port, name: $0.name) },
            origin: origin)
        configure(&pool)
        var change = Change()
        change.backends = [backend: pool]
        return change
    }
}
