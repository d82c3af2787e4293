import Kubernetes
import Model

/// What the annotations of one Ingress come to: translated once, when the Ingress or what it names changes.
struct IngressPlan: Equatable {
    let reading: AnnotationReading
    /// What the engine is told about its routes. Routes share these, and so does what the engine makes of them.
    private let open: RouteRules?
    private let sentToHTTPS: RouteRules?
    private let sentByAll: RouteRules?
    private let httpsPort: UInt16?
    private let redirection: TrafficSettings.Redirection
    /// Whether it lists addresses itself.
    private let hasOwnLists: Bool
    let material: PlanMaterial
    /// Prefixes of paths that are open.
    private let openPaths: [String]
    private let errors: CustomErrors
    /// The Service that writes answers to errors; nil is none.
    let errorService: ObjectKey?
    /// Whether it is the ConfigMap that names who is asked.
    let asksGlobally: Bool

    /// What of settings for all a plan depends on.
    struct Basis: Equatable {
        /// The port clients find HTTPS at, if it is not 443.
        var httpsPort: UInt16?
        var external = ExternalAuthentication()
        var openPaths = TrafficSettings().openPaths
        var errors = CustomErrors()
        var pace = AnswerPace()
        var traces = RequestTraces()
        var access = AccessLists()
        /// 0 is no limit.
        var maxBodySize: Int64 = 0
        var redirection = TrafficSettings.Redirection()
        /// That of the flags.
        var defaultBackend: ObjectKey?
        var usual = TrafficSettings.UsualIngress()
        /// How annotations are read.
        var choices = ReadingChoices()
        /// Fields that annotations may give every answer, in lower case.
        var allowedFields: Set<String> = []
    }

    /// The plan of an Ingress. `secrets` and `configMaps` are all there are.
    init(
        _ ingress: Ingress, _ basis: Basis, secrets: [ObjectKey: Secret] = [:],
        configMaps: [ObjectKey: ConfigMap] = [:]
    ) {
        var reading = AnnotationReading(ingress, basis.choices)
        let material = PlanMaterial(
            &reading, of: ingress, secrets, configMaps, allowedFields: basis.allowedFields)
        self.init(reading, basis, material, namespace: ingress.meta.namespace)
        let paths = ingress.rules.flatMap { $0.paths ?? [] }.map(\.path)
        usesExpressions =
            !isCanary
            && (reading.values.rewrites.usesExpressions
                || paths.contains { reading.values.rewrites.rewrites($0) })
        longestPath = paths.map(\.utf8.count).max() ?? 0
        identity.secret = ingress.meta.uid.isEmpty ? "\(ingress.meta.key)" : ingress.meta.uid
        if Set(paths).count == 1, !usesExpressions, let path = paths.first, path.hasPrefix("/") {
            identity.cookiePath = path
        }
        if !isCanary { guests = HostNames.guests(of: ingress, reading.values.names) }
    }

    private init(
        _ given: AnnotationReading, _ basis: Basis, _ material: PlanMaterial = PlanMaterial(),
        namespace: String = ""
    ) {
        var reading = given
        let hasOwnLists = !given.values.access.isEmpty || !given.values.snippet.access.isEmpty
        self.hasOwnLists = hasOwnLists
        asksGlobally = reading.takeGlobal(basis.external)
        reading.take(basis)
        reading.take(basis.usual)
        self.reading = reading
        openPaths = basis.openPaths
        self.material = material
        let users = material.users
        (httpsPort, redirection) = (basis.httpsPort, basis.redirection)
        errors = reading.values.errors.over(basis.errors)
        errorService =
            errors.isOn
            ? errors.service.map { ObjectKey(namespace: namespace, name: $0) } ?? basis.defaultBackend : nil
        let values = reading.values
        func shared(_ sending: Sending) -> RouteRules? {
            let redirect = IngressPlan.unsecured(
                values, sending, port: basis.httpsPort, basis.redirection)
            return IngressPlan.rules(
                values, users, redirect, path: "", TemplateNames(), hasOwnLists: hasOwnLists)
        }
        (open, sentToHTTPS, sentByAll) = (shared(.stays), shared(.sent), shared(.sentByAll))
    }

    /// What becomes of plain requests.
    private enum Sending {
        case stays
        /// To HTTPS.
        case sent
        /// To HTTPS because that holds for all: some paths stay.
        case sentByAll
    }

    private func sending(path: String, hostHasTLS: Bool) -> Sending {
        let redirects = reading.values.redirects
        if redirects.sendsToHTTPS(path: path, hostHasTLS: hostHasTLS) { return .sent }
        return redirects.toHTTPSAlways == nil && redirection.isOn ? .sentByAll : .stays
    }

    private static func unsecured(
        _ values: AnnotationValues, _ sending: Sending, port: UInt16?,
        _ redirection: TrafficSettings.Redirection
    ) -> [HTTPRule] {
        switch sending {
        case .stays: []
        case .sent: values.redirects.unsecured(port: port)
        case .sentByAll: values.redirects.unsecured(port: port, when: redirection.condition)
        }
    }

    private static func rules(
        _ values: AnnotationValues, _ users: UserList?, _ unsecured: [HTTPRule], path: String,
        _ names: TemplateNames, hasOwnLists: Bool, isTLSOnly: Bool = false, errors: ErrorDelegation? = nil
    ) -> RouteRules? {
        let rules = RouteRules(
            first: values.client.first + values.logging.first + values.crossOrigin.first
                + values.redirects.first + values.snippet.first(names)
                + values.rewrites.first(path: path),
            unsecured: unsecured,
            access: (isTLSOnly ? ClientTrust.plainRefusal : []) + values.snippet.accessRules
                + values.access(users),
            isAccessOfAll: !hasOwnLists && users == nil && !isTLSOnly,
            authorization: values.authorization(users, names),
            mirror: values.mirroring.mirror(names, hidesPasswords: users != nil),
            request: (users == nil ? [] : Authentication.hiding) + values.balancing.request(names)
                + values.rewrites.request(path: path, names) + values.paths.request + values.fields.request
                + values.snippet.request(names),
            hidesSource: !values.client.isTold,
            errors: errors,
            response: values.limits.pace.response + values.answers.response + values.fields.response
                + values.snippet.response + values.crossOrigin.response,
            after: values.crossOrigin.after + values.answered.rules() + values.snippet.after(names),
            tracing: values.traces.tracing(path: path, names))
        return rules.isEmpty ? nil : rules
    }

    /// Of Ingresses without annotations of ours.
    static func plain(_ basis: Basis) -> IngressPlan {
        IngressPlan(AnnotationReading(Ingress()), basis)
    }

    /// Whether all paths of its hosts are regular expressions.
    private(set) var usesExpressions = false
    /// The length of its longest path.
    private(set) var longestPath = 0
    /// What of it goes into its backends.
    private(set) var identity = IngressIdentity()
    /// Names it wants beside those of its rules.
    private(set) var guests: [HostPattern: HostNames.Guest] = [:]

    /// Whether it only takes requests from others.
    var isCanary: Bool { reading.values.canary.isOn }

    /// Whether its paths have backends of their own.
    var changesBackends: Bool { reading.values.changesBackend }

    /// Whether TLS of its hosts' clients is passed on as it comes.
    var passesTLS: Bool { reading.values.passthrough.isOn && !isLeftOut && !refusesPaths }

    /// Whether it is served as if it were not there.
    var isLeftOut: Bool { reading.failure == .leavesIngressOut }

    /// Whether its requests are answered 503.
    var refusesPaths: Bool { reading.failure == .refusesPaths }

    /// Whether it keeps anybody out.
    var guardsPaths: Bool {
        refusesPaths || hasOwnLists || reading.values.authentication.isOn
            || reading.values.external.isOn || material.clients != nil || reading.values.snippet.guards
    }

    /// What is done with the requests of a path. `isTLSOnly` refuses those without TLS that are not sent elsewhere; of a closed path
    /// nobody else answers errors.
    func rules(
        path: String, hostHasTLS: Bool, isTLSOnly: Bool, isClosed: Bool,
        _ names: @autoclosure () -> TemplateNames
    ) -> RouteRules? {
        let values = reading.values
        let sending = sending(path: path, hostHasTLS: hostHasTLS)
        let isExempt =
            (material.users != nil || values.external.isOn) && openPaths.contains { path.hasPrefix($0) }
        let service = isClosed ? nil : errorService
        guard values.dependsOnPath || isExempt || isTLSOnly || service != nil else {
            return switch sending {
            case .stays: open
            case .sent: sentToHTTPS
            case .sentByAll: sentByAll
            }
        }
        let names = names()
        let redirect = IngressPlan.unsecured(values, sending, port: httpsPort, redirection)
        let users = isExempt ? nil : material.users
        var asking = values
        if isExempt { asking.external = ExternalAuthentication() }
        return IngressPlan.rules(
            asking, users, redirect, path: path, names, hasOwnLists: hasOwnLists, isTLSOnly: isTLSOnly,
            errors: service.map { errors.delegation(to: $0, names, isRewritten: values.rewritesPath(path)) })
    }

    /// The same of requests that no path is for, if they lead to its default backend: they are sent nowhere else and not rewritten, but to
    /// HTTPS where everything is.
    func rulesOfRest(_ names: TemplateNames) -> RouteRules? {
        var values = reading.values
        let isSent = redirection.isOn && values.redirects.toHTTPSAlways == nil
        let redirect = IngressPlan.unsecured(
            values, isSent ? .sentByAll : .stays, port: httpsPort, redirection)
        (values.redirects, values.rewrites) = (Redirects(), Rewrites())
        return IngressPlan.rules(
            values, material.users, redirect, path: "/", names, hasOwnLists: hasOwnLists,
            errors: errorService.map { errors.delegation(to: $0, names, isRewritten: false) })
    }

    /// Why its default backend is nobody's, as a sentence begins; nil if it is everybody's, under its rules.
    var whyClosedToAll: String? {
        if refusesPaths { return "its annotations close it" }
        return material.clients == nil
            ? nil : "certificates of clients can be asked for by the names of hosts alone"
    }

    /// Who is asked about requests; nil is nobody.
    var asked: QuestionURL? { reading.values.external.question?.url }

    /// Who gets copies of requests; nil is nobody.
    var mirrored: QuestionURL? { reading.values.mirroring.target?.url }

    /// Whether servers are spoken to as clients speak here, so that there are two backends.
    var speaksAsClient: Bool { reading.values.spoken.spoken == .asClient }

    /// Makes a backend what the annotations say; `isSecured` is the one for clients that speak TLS, of two.
    func apply(to backend: inout Backend, isSecured: Bool = false) {
        var values = reading.values
        if isSecured { values.spoken.spoken = .https }
        values.apply(to: &backend, of: identity)
        backend.fastCGI = material.fastCGI
        if let settings = material.serverTLS { reading.values.serverTrust.apply(settings, to: &backend) }
    }

    /// What is refused of a path's requests.
    func limits(_ origin: Origin) -> RequestLimits? {
        var limits = RequestLimits(name: "\(origin.namespace)/\(origin.name)")
        limits.maxBodySize = reading.values.body.limit ?? 0
        reading.values.limits.apply(to: &limits)
        return limits == RequestLimits(name: limits.name) ? nil : limits
    }
}
