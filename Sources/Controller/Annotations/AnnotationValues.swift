import Model

/// What the annotations of one Ingress say, family by family. What is not said is nil, or empty.
struct AnnotationValues: Sendable, Equatable {
    var client = ClientAddress()
    var redirects = Redirects()
    var access = AccessLists()
    var authentication = Authentication()
    var external = ExternalAuthentication()
    var mirroring = Mirroring()
    var body = RequestBody()
    var rewrites = Rewrites()
    var names = HostNames()
    var limits = Limits()
    var times = ServerTimes()
    var retrying = Retrying()
    var spoken = BackendProtocol()
    var fastCGI = FastCGIServers()
    var balancing = Balancing()
    var affinity = Affinity()
    var breaking = CircuitBreaking()
    var health = HealthChecks()
    var crossOrigin = CrossOrigin()
    var canary = Canary()
    var answers = AnswerRewrites()
    var fields = FieldRules()
    var sources = FieldSources()
    /// Fields of every answer, from a ConfigMap.
    var answered = FieldMap()
    var errors = CustomErrors()
    var connections = ServerConnections()
    var logging = RequestLogging()
    var traces = RequestTraces()
    var passthrough = Passthrough()
    var paths = PathChanges()
    var clientTrust = ClientTrust()
    var serverTrust = ServerTrust()
    var ciphers = HostCiphers()
    /// What lines of nginx's configuration say, where they are translated.
    var snippet = Snippet()

    /// Whether servers are used otherwise than by Ingresses that say nothing.
    var changesBackend: Bool {
        times != ServerTimes() || retrying != Retrying() || spoken != BackendProtocol()
            || balancing != Balancing() || affinity.isByCookie
            || serverTrust.isOn || connections != ServerConnections()
            || breaking.errors != nil || health.isOn
    }

    /// Whether rules of two paths differ.
    var dependsOnPath: Bool {
        rewrites.target != nil || rewrites.host != nil || external.isOn || mirroring.target != nil
            || traces.isOn == true
            || balancing.hashKey?.onlyExpression == nil && balancing.hashKey != nil
            || snippet.dependsOnPath
    }

    /// Whether servers see another path than clients ask for.
    func rewritesPath(_ path: String) -> Bool {
        rewrites.rewrites(path) || !paths.request.isEmpty || snippet.rewrite != nil
    }

    /// Who is let in: by address, and as one of these users. Where any of that is enough and somebody is asked besides, it is up to
    /// who is asked.
    func access(_ users: UserList?) -> [HTTPRule] {
        if authentication.isEitherEnough, external.isOn { return [] }
        guard let users else { return access.rules }
        return (authentication.isEitherEnough ? [] : access.rules)
            + authentication.rules(users, besides: access)
    }

    /// What is asked about the requests of a path.
    func authorization(_ users: UserList?, _ names: TemplateNames) -> RequestAuthorization? {
        let needless = authentication.isEitherEnough ? authentication.enough(users, besides: access) : nil
        return external.authorization(needless: needless, names)
    }

    /// Makes a backend what they say.
    func apply(to backend: inout Backend, of ingress: IngressIdentity) {
        times.apply(to: &backend)
        retrying.apply(to: &backend)
        spoken.apply(to: &backend)
        connections.apply(to: &backend)
        balancing.apply(to: &backend)
        affinity.apply(to: &backend, of: ingress)
        breaking.apply(to: &backend)
        health.apply(to: &backend)
        if spoken.spoken == .fastCGI { FastCGIServers.adapt(&backend) }
    }
}
