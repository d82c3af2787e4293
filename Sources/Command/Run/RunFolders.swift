import Admin
import Controller
import Engine
import Glibc
import Kubernetes

/// `sluice dev`: folders of manifests through this process's engine, and the demo.
enum RunFolders {
    static func run(_ settings: Settings, _ folders: [String], isDemo: Bool, _ place: EnginePlace?)
        throws(StartError)
    {
        try check(folders)
        let service = try Service(.dev, settings, place)
        try service.run { service throws(StartError) in
            guard isDemo else { return try source(service, folders, adding: [], greeting: "") {} }
            return try demo(service, folders)
        }
    }

    private static func demo(_ service: Service, _ folders: [String]) throws(StartError) -> Service.Source {
        let demo = try Demo.start()
        let certificate = try DemoCertificate.make()
        let authority = String(decoding: certificate.authorityPEM, as: UTF8.self)
        if let problem = demo.folder.write(DemoGuide.authorityFile, authority) {
            throw StartError("demo: \(problem)")
        }
        let listeners = service.settings.listeners
        let guide = DemoGuide(
            httpPort: listeners.httpPort, httpsPort: listeners.httpsPort, opsPort: listeners.opsPort,
            admin: listeners.admin, folder: demo.folder.path)
        return try source(
            service, folders + [demo.folder.path], adding: [certificate.secret], greeting: guide.text
        ) { demo.remove() }
    }

    /// A folder that is not there is a mistake on the command line, not a state to wait for.
    private static func check(_ folders: [String]) throws(StartError) {
        for folder in folders where access(folder, R_OK) != 0 {
            throw StartError("\(folder): \(String(cString: strerror(errno)))")
        }
    }

    private static func source(
        _ service: Service, _ folders: [String], adding secrets: [Secret], greeting: String,
        atEnd: @escaping @Sendable () -> Void
    ) throws(StartError) -> Service.Source {
        let (log, ledger) = (service.log, service.ledger)
        var choices = service.settings.translationSettings.forFolders
        // Nothing maps ports here.
        choices.httpsPort = service.settings.listeners.httpsPort
        let needs = Needs()
        let pipeline = Pipeline(
            settings: choices, awaiting: [FolderSource.part], outputs: service.outputs { needs.meet($0) })
        let resolver = NameResolver(pipeline: pipeline, allowsLocal: choices.allowsLocalAddresses)
        needs.resolver = resolver
        guard resolver.start() else { throw StartError("cannot start a thread to resolve names") }
        let source = FolderSource(folders, adding: secrets, pipeline: pipeline) { findings in
            Service.tell(ledger.replaceFileFindings(findings), to: log)
        }
        let chosen = try ChosenNames.start(choices, pipeline, log)
        pipeline.start()
        guard source.start() else {
            throw StartError("cannot start a thread to follow \(folders.joined(separator: ", "))")
        }
        return Service.Source(
            stop: {
                source.stop()
                resolver.stop()
                chosen.stop()
                pipeline.stop()
                needs.end()
                atEnd()
            },
            checks: [
                HealthCheck("manifests") {
                    pipeline.missingParts.isEmpty ? .passing : .failing("not read yet")
                }
            ],
            greeting: greeting)
    }
}
