import ConfigLanguage
import Engine
import Glibc
import Model
import Synchronization
import Wire

/// `sluice proxy`: files of the configuration language through this process's engine.
struct RunProxy {
    private let files: ConfigurationFiles
    private let arguments: Arguments

    init(_ arguments: Arguments, _ environment: [String: String]) {
        self.arguments = arguments
        files = ConfigurationFiles(
            paths: arguments.values["file"] ?? [], surroundings: Machine.surroundings(environment))
    }

    /// `-c`: says what is wrong, and nothing is served.
    func check() throws(StartError) {
        let text = try files.read()
        for finding in text.diagnostics { Output.write("\(finding)\n", to: STDERR_FILENO) }
        try require(text)
        Output.write("Configuration file is valid\n")
    }

    /// Serves until a signal ends it.
    func run(_ settings: Settings) throws(StartError) {
        let text = try files.read()
        for finding in text.diagnostics { Output.write("\(finding)\n", to: STDERR_FILENO) }
        try require(text)
        var settings = settings
        settings.workers = settings.workers ?? text.global.threads
        settings.maxConnections = text.global.maxConnections
        settings.compression = text.global.compression
        if arguments.values["drain-timeout"] == nil, let limit = text.global.hardStopAfter {
            settings.drainTimeout = limit
        }
        let service = try Service(.proxy, settings)
        let running = RunningConfiguration(text.configuration, text.global)
        let files = files
        try service.run(text.configuration.frontends, onHangup: { running.reread(files, service) }) {
            service throws(StartError) in
            Service.tell(
                service.publish(Change(from: Configuration(), to: text.configuration)), to: service.log)
            return Service.Source(stop: {})
        }
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
    /// running process can not take over: it is reported.
    func reread(_ files: ConfigurationFiles, _ service: Service) {
        let log = service.log
        let text: ConfigurationText
        do {
            text = try files.read()
        } catch {
            return log.error("the configuration stays as it is: \(error)")
        }
        Service.tell(text.diagnostics, to: log)
        guard text.isUsable else {
            return log.error("the configuration stays as it is: the new one has errors")
        }
        current.withLock { current in
            let next = text.configuration
            guard next.frontends.contains(where: { !$0.binds.isEmpty }) else {
                return log.error("the configuration stays as it is: there would be nothing to listen on")
            }
            if let refusal = service.engine.refusals(of: next.frontends).first {
                return log.error("the configuration stays as it is: \(refusal.message)")
            }
            if text.global.ofProcess != current.global.ofProcess {
                log.warning("'global': what has changed needs a new process")
            }
            let change = Change(from: current.configuration, to: next)
            Service.tell(service.publish(change), to: log)
            current.configuration = next
            log.info(
                change.isEmpty ? "configuration read again: nothing has changed" : "configuration read again")
        }
    }
}
