import ConfigLanguage
import Engine
import Glibc
import Model
import Synchronization
import Wire

/// `sluice proxy`: files of the configuration language through this process's engine.
struct RunProxy {
    private let files: ConfigurationFiles
    /// Whether the command line says how long it drains.
    private let hasDrainTimeout: Bool
    /// Told what is wrong with the files.
    var tells: ([Diagnostic]) -> Void = { findings in
        for finding in findings { Output.write("\(finding)\n", to: STDERR_FILENO) }
    }
    /// Instead of the files' `maxconn`, of the process and of frontends that have none.
    var maxConnections: Int?
    var maxConnectionsOfFrontends: Int?
    /// The socket by which another process hands over who asks for the runtime API.
    var handover: Int32?
    /// It serves.
    var started: @Sendable () -> Void = {}
    /// Files were read again; whether what they say is served.
    var hasReread: @Sendable (Bool) -> Void = { _ in }

    init(_ arguments: Arguments, _ environment: [String: String]) {
        files = ConfigurationFiles(
            paths: arguments.values["file"] ?? [], surroundings: Machine.surroundings(environment))
        hasDrainTimeout = arguments.values["drain-timeout"] != nil
    }

    init(_ files: ConfigurationFiles) { (self.files, hasDrainTimeout) = (files, false) }

    /// `-c`: says what is wrong, and nothing is served.
    func check() throws(StartError) {
        let text = try files.read()
        tells(text.diagnostics)
        try require(text)
        Output.write("Configuration file is valid\n")
    }

    /// Serves until a signal ends it.
    func run(_ settings: Settings) throws(StartError) {
        let text = limited(try files.read())
        tells(text.diagnostics)
        try require(text)
        var settings = settings
        settings.workers = settings.workers ?? text.global.threads
        settings.maxConnections = text.global.maxConnections
        settings.compression = text.global.compression
        settings.http2 = text.global.http2
        if !hasDrainTimeout, let limit = text.global.hardStopAfter { settings.drainTimeout = limit }
        let service = try Service(.proxy, settings)
        let running = RunningConfiguration(text.configuration, text.global)
        let (files, global, surroundings) = (files, text.global, files.surroundings)
        try service.run(
            text.configuration.frontends,
            onHangup: {
                hasReread(running.reread(service) { () throws(StartError) in limited(try files.read()) })
            }
        ) { service throws(StartError) in
            // Operators are heard before the first client is.
            let sockets = try RuntimeSockets.start(global, service, surroundings, handover: handover)
            Service.tell(
                service.publish(Change(from: Configuration(), to: text.configuration)), to: service.log)
            return Service.Source(stop: { sockets.stop() }, started: started)
        }
    }

    /// The files' limits, with those of the command line.
    private func limited(_ text: ConfigurationText) -> ConfigurationText {
        var text = text
        if let maxConnections { text.global.maxConnections = maxConnections }
        guard let limit = maxConnectionsOfFrontends else { return text }
        for i in text.configuration.frontends.indices
        where text.configuration.frontends[i].maxConnections == 0 {
            text.configuration.frontends[i].maxConnections = limit
        }
        return text
    }

    private func require(_ text: ConfigurationText) throws(StartError) {
        let errors = text.diagnostics.filter { $0.severity == .error }.count
        guard errors == 0 else {
            throw StartError("\(errors) error\(errors == 1 ? "" : "s") in the configuration")
        }
        guard text.configuration.frontends.contains(where: { !$0.binds.isEmpty }) else {
            throw StartError("nothing to listen on: no frontend or listen section has a 'bind'")
        }
    }
}

/// What runs, to compare what is read again with.
final class RunningConfiguration: Sendable {
    private let current: Mutex<(configuration: Configuration, global: GlobalSettings)>

    init(_ configuration: Configuration, _ global: GlobalSettings) {
        current = Mutex((configuration, global))
    }

    /// Reads the files again and publishes what differs. Files that are wrong change nothing, and neither does what the
    /// running process can not take over: it is reported, and answered with false.
    func reread(_ service: Service, _ read: () throws(StartError) -> ConfigurationText) -> Bool {
        let log = service.log
        func stays(_ why: String) -> Bool {
            log.error("the configuration stays as it is: \(why)")
            return false
        }
        let text: ConfigurationText
        do throws(StartError) {
            text = try read()
        } catch {
            return stays("\(error)")
        }
        Service.tell(text.diagnostics, to: log)
        guard text.isUsable else { return stays("the new one has errors") }
        return current.withLock { current in
            let next = text.configuration
            guard next.frontends.contains(where: { !$0.binds.isEmpty }) else {
                return stays("there would be nothing to listen on")
            }
            if let refusal = service.engine.refusals(of: next.frontends).first {
                return stays(refusal.message)
            }
            if text.global.ofProcess != current.global.ofProcess {
                log.warning("'global': what has changed needs a new process")
            }
            var change = Change(from: current.configuration, to: next)
            let outcome = change.isEmpty ? ": nothing has changed" : ""
            // What was edited since goes back to what files say, as a new process would have it.
            change.patterns.merge(next.patterns.mapValues { .some($0) }) { changed, _ in changed }
            service.engine.endSteering()
            Service.tell(service.publish(change), to: log)
            current.configuration = next
            log.info("configuration read again\(outcome)")
            return true
        }
    }
}
