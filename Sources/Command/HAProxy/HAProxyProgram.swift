import CSystem
import ConfigLanguage
import Glibc
import Wire

/// This program under the name haproxy: its command line, its processes, its exit codes.
///
/// ```
///   haproxy -f F             serves here
///   haproxy -W -f F          a master starts itself once more, and watches that
///   haproxy -D … / daemon    … and what serves has left the terminal when the command returns
/// ```
struct HAProxyProgram {
    private let line: HAProxyArguments
    /// All words, the program's name first.
    private let words: [String]
    private let environment: [String: String]
    private let messages: HAProxyMessages
    /// What this process is to the one that has started it, if that was one of ours.
    private let place: WorkerPlace?

    private static let usage = """
        Usage : haproxy [-f <cfgfile|cfgdir>]* [ -vdVDqcW ] [ -n <maxconn> ] [ -N <maxpconn> ] [ -p <pidfile> ]
                [ -L <peer> ] [ -C <dir> ] [ -S <address> ]* [ -x <socket> ] [ -sf|-st <pid>* ] [ -cc <condition> ]
                [--] [<cfgfile|cfgdir>]*
          -v displays version ; -vv shows known build options.
          -d enters debug mode ; -db only disables background mode.
          -V enters verbose mode ; -q quiet mode : don't display messages.
          -D goes daemon ; -C changes to <dir> before loading files.
          -W master-worker mode. -Ws master-worker mode with systemd notify support.
          -c check mode : only check config files and exit ; -cc evaluates a condition and exits.
          -dW fails if any warning is emitted.
          -S offers the command line of the master at <address>.
          -sf/-st tells processes to finish, or to end, once this one serves.

        """

    /// Runs until the job is done; returns the exit code.
    static func run(_ words: [String], _ environment: [String: String]) -> Int32 {
        let line: HAProxyArguments
        do {
            line = try HAProxyArguments(Array(words.dropFirst()))
        } catch {
            HAProxyMessages(isQuiet: false).alert("\(error)")
            Output.write(usage, to: STDERR_FILENO)
            return 1
        }
        switch line.job {
        case .version(let isLong):
            Output.write(isLong ? HAProxyVersion.long : HAProxyVersion.short)
            return 0
        case .usage:
            Output.write(usage)
            return 1
        case .evaluate, .check, .serve:
            return HAProxyProgram(line, words, environment).run()
        }
    }

    private init(_ line: HAProxyArguments, _ words: [String], _ environment: [String: String]) {
        (self.line, self.words) = (line, words)
        messages = HAProxyMessages(isQuiet: line.isQuiet)
        place = WorkerPlace(environment)
        var environment = environment
        environment[WorkerProcess.variable] = nil
        self.environment = environment
        place?.keepToItself()
    }

    private func run() -> Int32 {
        // A child begins where its parent has gone.
        if place == nil, let folder = line.folder, chdir(folder) != 0 {
            messages.alert("cannot change to \(folder): \(String(cString: strerror(errno)))")
            return 1
        }
        do {
            switch line.job {
            case .evaluate(let condition): return evaluate(condition)
            case .check: return try check()
            default: return try serve()
            }
        } catch {
            messages.alert("\(error)")
            return 1
        }
    }

    private func evaluate(_ condition: String) -> Int32 {
        do {
            return try SpokenVersion.holds(condition, environment: surroundings.environment) ? 0 : 1
        } catch {
            messages.alert("config : \(error) in condition '\(condition)'")
            return 2
        }
    }

    // MARK: Files

    private var surroundings: Surroundings {
        var variables = environment
        variables["HAPROXY_CFGFILES"] = line.files.joined(separator: ";")
        variables["HAPROXY_BRANCH"] = SpokenVersion.branch
        var surroundings = Machine.surroundings(variables)
        let peer = line.localPeer ?? variables["HAPROXY_LOCALPEER"] ?? surroundings.hostName
        surroundings.environment["HAPROXY_LOCALPEER"] = peer
        surroundings.localPeer = line.localPeer
        surroundings.isHAProxy = true
        surroundings.toleratesUnknownNames = line.toleratesUnknownNames
        return surroundings
    }

    private func read() throws(StartError) -> (files: ConfigurationFiles, text: ConfigurationText) {
        guard !line.files.isEmpty else { throw StartError("no file: they stand behind -f or --") }
        let files = ConfigurationFiles(paths: line.files, surroundings: surroundings)
        return (files, try files.read())
    }

    private func require(_ text: ConfigurationText) throws(StartError) {
        guard text.isUsable else { throw StartError("config : Fatal errors found in configuration.") }
        guard !line.refusesWarnings || text.diagnostics.isEmpty else {
            throw StartError("config : warnings are errors (-dW)")
        }
    }

    private func check() throws(StartError) -> Int32 {
        let text = try read().text
        messages.tell(text.diagnostics)
        try require(text)
        if line.isVerbose, !line.isQuiet { Output.write("Configuration file is valid\n") }
        return 0
    }

    // MARK: Processes

    private func serve() throws(StartError) -> Int32 {
        let (files, text) = try read()
        let isMaster = (line.isMaster || text.global.isMaster) && place?.kind != .watched
        let isDaemon = (line.isDaemon || text.global.isDaemon) && !line.staysInForeground
        let detaches = isDaemon && place == nil
        // Whoever serves says what is wrong; the others only if it never comes to that.
        if !text.isUsable || !(isMaster || detaches) {
            messages.tell(text.diagnostics)
            for reason in line.idle { messages.notice(reason) }
        }
        try require(text)
        if detaches { return try detach() }
        let role = Role(
            line: line, messages: messages, place: place, isDaemon: isDaemon,
            processFile: line.processFile ?? text.global.processFile)
        if isMaster { return try MasterProcess(role, words, environment).run() }
        try role.proxy(files, try previousListeners()).run(try role.settings())
        return 0
    }

    /// What the process behind `-x` listens on; nil without that.
    private func previousListeners() throws(StartError) -> ListenerKeeper? {
        guard let path = line.previousSocket, path != "/dev/null" else { return nil }
        do throws(Listener.Failure) {
            return ListenerKeeper(taken: try ListenerHandover.take(from: path))
        } catch {
            throw StartError(
                "Failed to get the sockets from the old process! (\(error.message))", code: error.code)
        }
    }

    /// Starts this program apart from the terminal and waits until it serves.
    private func detach() throws(StartError) -> Int32 {
        let child = try WorkerProcess(.detached, words, environment)
        if child.nextReport({ false }) == .serves { return 0 }
        let status = child.status(waiting: true) ?? 1
        return status == 0 ? 1 : status
    }
}
