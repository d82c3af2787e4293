import Admin
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
    /// What another process listened on, to be taken in place of new sockets.
    var taken: ListenerKeeper?
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
        // Who changes files that are being read, and says so, has them read again once they are served.
        _ = Signals.block(settings.manners.signals.filter { settings.manners.meaning(of: $0) == .reread })
        let text = limited(try files.read())
        tells(text.diagnostics)
        try require(text)
        var settings = settings
        settings.workers = settings.workers ?? text.global.threads
        settings.maxConnections = text.global.maxConnections
        settings.limits = text.global.limits
        settings.compression = text.global.compression
        settings.http2 = text.global.http2
        if !hasDrainTimeout, let limit = text.global.hardStopAfter { settings.drainTimeout = limit }
        let rights = try GivenUpRights(text.global.rights)
        let service = try Service(.proxy, settings, taken: taken)
        try reachLimit(text.global, service.log)
        let running = RunningConfiguration(text, hidesFiles: rights.hidesFiles)
        let (files, global, surroundings) = (files, text.global, files.surroundings)
        try service.run(
            text.configuration.frontends,
            onHangup: {
                hasReread(running.reread(service) { () throws(StartError) in limited(try files.read()) })
            }
        ) { service throws(StartError) in
            // The sockets are there before the first client is, and their answers are about what he meets.
            let sockets = try RuntimeSockets.open(
                global, service, surroundings, running, handover: handover)
            Service.tell(
                service.publish(
                    Change(from: Configuration(), to: text.configuration), restoring: text.serverStates),
                to: service.log)
            try sockets.serve()
            let started = started
            return Service.Source(
                stop: { sockets.stop() },
                started: {
                    started()
                    guard let failure = rights.take() else { return }
                    service.log.error(failure)
                    exit(1)
                })
        }
    }

    /// What `ulimit-n` asks for; `no strict-limits` goes on without.
    private func reachLimit(_ global: GlobalSettings, _ log: Logger) throws(StartError) {
        guard let limit = DescriptorLimit.reach(UInt(global.descriptors)) else { return }
        let sentence = "Cannot raise FD limit to \(global.descriptors), limit is \(limit)."
        if global.isStrict { throw StartError(sentence) }
        log.warning(sentence)
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
    private let current: Mutex<Current>

    private struct Current {
        var configuration: Configuration
        let global: GlobalSettings
        var addedServers: AddedServers
        var addedBackends: AddedBackends
        var addedCertificates: AddedCertificates
        var findings: [String]
        var certificateLists: [RuntimeFacts.CertificateList]
    }

    private let hidesFiles: Bool

    /// `hidesFiles`: none can be read any more.
    init(_ text: ConfigurationText, hidesFiles: Bool = false) {
        self.hidesFiles = hidesFiles
        current = Mutex(
            Current(
                configuration: text.configuration, global: text.global, addedServers: text.addedServers,
                addedBackends: text.addedBackends, addedCertificates: text.addedCertificates,
                findings: text.diagnostics.map(\.description),
                certificateLists: RunningConfiguration.lists(of: text)))
    }

    /// The same of backends.
    var addedBackends: AddedBackends { current.withLock { $0.addedBackends } }

    /// The same of lines of `crt-list`.
    var addedCertificates: AddedCertificates { current.withLock { $0.addedCertificates } }

    /// An operator has added a backend: servers that are added to it are read as its section says.
    func note(backend name: String, from defaults: String) {
        current.withLock { $0.addedServers.enter(name, from: defaults, of: $0.addedBackends) }
    }

    /// The files of `crt-list`, with what operators have made of them.
    var certificateLists: [RuntimeFacts.CertificateList] {
        get { current.withLock { $0.certificateLists } }
        set { current.withLock { $0.certificateLists = newValue } }
    }

    private static func lists(of text: ConfigurationText) -> [RuntimeFacts.CertificateList] {
        text.sources.certificateLists.map { list in
            let entries = list.entries.map { entry in
                RuntimeFacts.CertificateList.Entry(
                    line: entry.line, certificate: entry.certificate, options: entry.options,
                    names: entry.names)
            }
            return RuntimeFacts.CertificateList(path: list.path, entries: entries)
        }
    }

    /// What was said of the files that count.
    var findings: [String] { current.withLock { $0.findings } }

    /// What reads servers that operators add.
    var addedServers: AddedServers { current.withLock { $0.addedServers } }

    /// Reads the files again and publishes what differs. Files that are wrong change nothing, and neither does what the
    /// running process can not take over: it is reported, and answered with false.
    func reread(_ service: Service, _ read: () throws(StartError) -> ConfigurationText) -> Bool {
        let log = service.log
        func stays(_ why: String) -> Bool {
            log.error("the configuration stays as it is: \(why)")
            return false
        }
        guard !hidesFiles else { return stays("behind 'chroot' no file can be read; start a new process") }
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
            service.engine.endSteering(restoring: text.serverStates)
            Service.tell(service.publish(change, restoring: text.serverStates), to: log)
            current.configuration = next
            current.addedServers = text.addedServers
            current.addedBackends = text.addedBackends
            current.addedCertificates = text.addedCertificates
            current.findings = text.diagnostics.map(\.description)
            current.certificateLists = RunningConfiguration.lists(of: text)
            log.info("configuration read again\(outcome)")
            return true
        }
    }
}
