import Admin
import Controller
import Engine
import Kubernetes

/// `sluice controller`: the cluster's Ingresses through this process's engine.
enum RunController {
    static func run(_ settings: Settings, _ environment: [String: String], _ place: EnginePlace?)
        throws(StartError)
    {
        let access: ClusterAccess
        do {
            access = try ClusterAccess.load(
                kubeconfig: settings.kubeconfig, context: settings.context, environment: environment)
        } catch {
            throw StartError("\(error)")
        }
        if access.isServiceAccount, !settings.translation.overrides.isEmpty {
            throw StartError("--override: not in a cluster, where requests for a Service are its pods'")
        }
        let kept = place?.takeState()
        let service = try Service(.controller, settings, place, hasState: kept != nil)
        if let kept {
            service.log.info("serving the last state, \(kept.count) objects, until the API server answers")
        }
        try service.run { service throws(StartError) in try source(service, access, environment, kept) }
    }

    private static func source(
        _ service: Service, _ access: ClusterAccess, _ environment: [String: String], _ kept: KeptState?
    ) throws(StartError) -> Service.Source {
        let choices = service.settings.translationSettings
        let client = try client(of: access)
        let needs = Needs()
        let pod = OwnPod(client, environment)
        let reports = Reports(service, client, pod)
        let scope = scope(service.settings.translation, choices)
        var outputs = service.outputs { needs.meet($0) }
        (outputs.onStandings, outputs.onFindings) = (reports.onStandings, reports.onFindings)
        let pipeline = Pipeline(
            settings: choices, awaiting: scope.parts.union([PodAccess.part]), restoring: kept,
            outputs: outputs)
        let log = service.log
        let source = ClusterSource(client: client, scope: scope, pipeline: pipeline, restored: kept) {
            tell($0, $1, log)
        }
        let resolver = NameResolver(pipeline: pipeline, allowsLocal: choices.allowsLocalAddresses)
        (needs.source, needs.resolver) = (source, resolver)
        let admission = try Admission.of(service, client, pipeline) { reports.leadership.isHeld }
        reports.onLead { admission?.begin() }
        guard resolver.start() else { throw StartError("cannot start a thread to resolve names") }
        let chosen = try ChosenNames.start(choices, pipeline, log)
        let reach = PodAccessSource(client, pipeline, chosen, log)
        let zone = ZoneSource(service.settings.translation, pod, pipeline, log)
        service.refusals.onUnauthorized { reach.rejected(at: $0) }
        pipeline.start()
        log.info("following \(access)")
        try reach.start(service.settings.endpointAccess)
        source.start()
        zone?.start()
        try admission?.start()
        reports.start()
        return Service.Source(
            stop: {
                admission?.stop()
                reports.stop()
                source.stop()
                zone?.stop()
                reach.stop()
                resolver.stop()
                chosen.stop()
                pipeline.stop()
                needs.end()
            },
            leave: { reports.leave() }, hasLeft: { reports.hasLeft },
            checks: [listed(pipeline)],
            metrics: {
                InformerFamilies.of(source.statistics) + reports.families + (admission?.families ?? [])
                    + [RequestFamily.of(client.requests.all)]
            },
            namespace: access.isServiceAccount ? access.namespace : "")
    }

    private static func scope(_ given: TranslationChoices, _ settings: TranslationSettings) -> ClusterScope {
        ClusterScope(namespaces: given.namespaces, selector: given.namespaceSelector, settings: settings)
    }

    private static func client(of access: ClusterAccess) throws(StartError) -> APIClient {
        do {
            return try APIClient(
                access, userAgent: "sluice/\(Version.number) (linux) kubernetes/\(Version.commit)")
        } catch {
            throw StartError("\(error)")
        }
    }

    /// Whether everything that is followed has come once.
    private static func listed(_ pipeline: Pipeline) -> HealthCheck {
        HealthCheck("objects") {
            let missing = pipeline.missingParts.sorted()
            return missing.isEmpty ? .passing : .failing("waiting for \(missing.joined(separator: ", "))")
        }
    }

    /// One line per change of state, not per try.
    static func tell(_ part: String, _ condition: InformerCondition, _ log: Logger) {
        switch condition {
        case .connecting: break
        case .live: log.info("\(part): following")
        case .throttled: log.warning("\(part): the API server asks to slow down")
        case .missing: log.error("\(part): the API server does not know this kind; served without it")
        case .forbidden(let reason) where part == Namespace.resource.kind:
            log.error("\(part): no permission, so it is not known whose Ingresses are served: \(reason)")
        case .forbidden(let reason): log.error("\(part): no permission, served without it: \(reason)")
        case .unreachable(let reason):
            log.warning("\(part): API server unreachable, serving the last state: \(reason)")
        case .unauthorized(let reason):
            log.error("\(part): not authorised, serving the last state: \(reason)")
        case .failing(let reason): log.warning("\(part): API server fails, serving the last state: \(reason)")
        }
    }
}
