import Controller
import Kubernetes
import Model
import Synchronization

/// Tells a pipeline how pods are reached: as the command line says, or as it turns out.
final class PodAccessSource: Sendable {
    private let client: APIClient
    private let pipeline: Pipeline
    private let names: ChosenNames?
    private let log: Logger
    private let state = Mutex(State())

    private struct State {
        var task: Task<Void, Never>?
        var isStopped = false
        /// What the API server was told last, and when it last did not accept it (nanoseconds).
        var credentials: AccessCredentials?
        var rejectedAt: UInt64 = 0
        var hasProblem = false
    }

    init(_ client: APIClient, _ pipeline: Pipeline, _ names: ChosenNames?, _ log: Logger) {
        (self.client, self.pipeline, self.names, self.log) = (client, pipeline, names, log)
    }

    /// Begins.
    func start(_ choice: EndpointAccess) throws(StartError) {
        switch client.access.isServiceAccount ? choice.inCluster : choice {
        case .direct: pipeline.send(.podAccess(.direct))
        case .proxied:
            guard let route = try ServerRoute(client.access) else {
                throw StartError("--endpoint-access: cannot read where the API server is")
            }
            follow(route)
            log.info("requests go through the API server's proxy of pods (--endpoint-access); \(Self.limits)")
        case .automatic: find()
        }
    }

    /// Ends: nothing is told afterwards.
    func stop() {
        state.withLock {
            $0.isStopped = true
            $0.task?.cancel()
        }
    }

    /// The API server does not accept what it is told: the credentials are read anew, every few seconds at most.
    func rejected(at now: UInt64) {
        let credentials = state.withLock { state -> AccessCredentials? in
            guard state.rejectedAt == 0 || now &- state.rejectedAt > 5_000_000_000 else { return nil }
            state.rejectedAt = now
            return state.credentials
        }
        if let credentials { client.reject(credentials) }
    }

    private static let limits =
        "clients' Authorization fields do not pass, nor do TCP services, TLS that is passed through, and gRPC"

    private func find() {
        let trial = ReachTrial(pipeline) { [self] verdict in
            switch verdict {
            case .direct: pipeline.send(.podAccess(.direct))
            case .proxied(let count): fallBack(tried: count)
            }
        }
        state.withLock { $0.task = Task.detached { await trial.run() } }
    }

    private func fallBack(tried count: Int) {
        let place = "no pod can be reached from here (\(count) tried)"
        do throws(StartError) {
            guard let route = try ServerRoute(client.access) else {
                throw StartError("it can not be read where the API server is")
            }
            log.warning(
                "\(place): requests go through the API server's proxy of pods; \(Self.limits); --endpoint-access direct turns this off"
            )
            follow(route)
        } catch {
            log.warning("\(place), and not through the API server: \(error)")
            pipeline.send(.podAccess(.direct))
        }
    }

    private func follow(_ route: ServerRoute) {
        if let name = route.resolvableName { names?.add(name) }
        let isFollowed = client.followCredentials { [weak self] news in self?.take(news, route) }
        if !isFollowed { log.error("no credentials: the client of the API server has ended") }
    }

    private func take(_ news: CredentialNews, _ route: ServerRoute) {
        switch news {
        case .missing(let reason):
            state.withLock { $0.hasProblem = true }
            log.error("no credentials for requests through the API server: \(reason)")
        case .current(let credentials):
            let (isStopped, wasMissing) = state.withLock { state in
                state.credentials = credentials
                defer { state.hasProblem = false }
                return (state.isStopped, state.hasProblem)
            }
            guard !isStopped else { return }
            if wasMissing { log.info("requests through the API server have credentials again") }
            pipeline.send(.podAccess(.proxied(route.proxy(with: credentials))))
        }
    }
}
