import Admin
import Controller
import Engine
import Kubernetes

/// `sluice controller`: the cluster's Ingresses through this process's engine.
enum RunController {
    static func run(_ settings: Settings, _ environment: [String: String]) throws(StartError) {
        let access: ClusterAccess
        do {
            access = try ClusterAccess.load(
                kubeconfig: settings.kubeconfig, context: settings.context, environment: environment)
        } catch {
            throw StartError("\(error)")
        }
        let service = try Service(.controller, settings)
        try service.run { service throws(StartError) in try source(service, access) }
    }

    private static func source(_ service: Service, _ access: ClusterAccess) throws(StartError)
        -> Service.Source
    {
        let choices = service.settings.translationSettings
        let client: APIClient
        do {
            client = try APIClient(
                access, userAgent: "sluice/\(Version.number) (linux) kubernetes/\(Version.commit)")
        } catch {
            throw StartError("\(error)")
        }
        let needs = Needs()
        let reports = Reports(service, client)
        let scope = ClusterScope(namespaces: service.settings.translation.namespaces, settings: choices)
        var outputs = service.outputs { needs.meet($0) }
        outputs.onStandings = reports.onStandings
        outputs.onFindings = reports.onFindings
        let pipeline = Pipeline(settings: choices, awaiting: scope.parts, outputs: outputs)
        let log = service.log
        let source = ClusterSource(client: client, scope: scope, pipeline: pipeline) { part, condition in
            tell(part, condition, log)
        }
        let resolver = NameResolver(
            pipeline: pipeline, allowsLocal: choices.allowsLocalAddresses)
        (needs.source, needs.resolver) = (source, resolver)
        guard resolver.start() else { throw StartError("cannot start a thread to resolve names") }
        pipeline.start()
        log.info("following \(access)")
        source.start()
        reports.start()
        return Service.Source(
            stop: {
                reports.stop()
                source.stop()
                resolver.stop()
                pipeline.stop()
            },
            leave: { reports.leave() },
            checks: [
                HealthCheck("objects") {
                    let missing = pipeline.missingParts.sorted()
                    return missing.isEmpty
                        ? .passing : .failing("waiting for \(missing.joined(separator: ", "))")
                }
            ],
            metrics: { InformerFamilies.of(source.statistics) + reports.families })
    }

    /// One line per change of state, not per try.
    static func tell(_ part: String, _ condition: InformerCondition, _ log: Logger) {
        switch condition {
        case .connecting: break
        case .live: log.info("\(part): following")
        case .throttled: log.warning("\(part): the API server asks to slow down")
        case .missing: log.error("\(part): the API server does not know this kind; served without it")
        case .forbidden(let reason): log.error("\(part): no permission, served without it: \(reason)")
        case .unreachable(let reason):
            log.warning("\(part): API server unreachable, serving the last state: \(reason)")
        case .unauthorized(let reason):
            log.error("\(part): not authorised, serving the last state: \(reason)")
        case .failing(let reason): log.warning("\(part): API server fails, serving the last state: \(reason)")
        }
    }
}
