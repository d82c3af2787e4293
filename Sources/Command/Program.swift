import Glibc

/// The executable, as a function of its words.
enum Program {
    /// The exit codes of the contract.
    enum Exit {
        static let stopped: Int32 = 0
        static let refused: Int32 = 1
        static let usage: Int32 = 2
    }

    /// Runs until the job is done; returns the exit code.
    static func run(_ words: [String]) -> Int32 {
        if HAProxyArguments.isMeant(by: words.first) { return HAProxyProgram.run(words, environment()) }
        do {
            switch try Arguments.parse(try own(words), environment: environment()) {
            case .overview:
                Output.write(HelpText.overview)
                return Exit.stopped
            case .help(let subcommand):
                Output.write(HelpText.of(subcommand))
                return Exit.stopped
            case .run(let arguments):
                return try run(arguments, words, environment())
            }
        } catch {
            return refuse("\(error)", Exit.usage)
        }
    }

    /// The words behind the program's name, translated if they are ingress-nginx's.
    private static func own(_ words: [String]) throws(UsageError) -> [String] {
        guard NginxCommandLine.isMeant(by: words) else { return Array(words.dropFirst()) }
        let line = try NginxCommandLine(words)
        // Said once: by the supervisor, if there is one.
        if let warning = line.warning, getenv(EnginePlace.variable) == nil {
            Output.write("sluice: \(warning)\n", to: STDERR_FILENO)
        }
        return line.words
    }

    /// Says why in one line.
    static func refuse(_ reason: String, _ code: Int32) -> Int32 {
        Output.write("sluice: \(reason)\n", to: STDERR_FILENO)
        return code
    }

    private static func run(
        _ arguments: Arguments, _ words: [String], _ environment: [String: String]
    ) throws(UsageError) -> Int32 {
        switch arguments.subcommand {
        case .version:
            Output.write(Version.text)
            return Exit.stopped
        case .controller, .dev: return try serve(arguments, words, environment)
        case .proxy:
            let settings = try Settings(arguments)
            return finish { () throws(StartError) in
                let job = RunProxy(arguments, environment)
                if arguments.isPresent("check") { try job.check() } else { try job.run(settings) }
            }
        case .check: return Inspection(arguments, environment).check()
        case .explain: return try Inspection(arguments.withoutFirstOperand, environment).explain(arguments)
        case .completion:
            Output.write(arguments.operands.first.flatMap(CompletionScript.of) ?? "")
            return Exit.stopped
        case .translate: return Inspection(arguments, environment).translate(arguments)
        case .migrate:
            let comparison = try ComparisonChoices(arguments)
            do throws(StartError) {
                guard let comparison else { return try Migrate(arguments, environment).run() }
                return try Migrate.compare(comparison, arguments, environment)
            } catch {
                return refuse("\(error)", Exit.refused)
            }
        case .top:
            return finish { () throws(StartError) in
                var top = Top(arguments)
                try top.run()
            }
        case .admin:
            let command = try AdminCommand(arguments)
            var isKnown = false
            let code = finish { () throws(StartError) in isKnown = try command.run() }
            return code == Exit.stopped && !isKnown ? Exit.refused : code
        }
    }

    /// In this process, or in one that this one watches.
    private static func serve(
        _ arguments: Arguments, _ words: [String], _ environment: [String: String]
    ) throws(UsageError) -> Int32 {
        let settings = try Settings(arguments)
        let place = EnginePlace(environment)
        if settings.isSupervised, place == nil { return supervise(settings, words, environment) }
        if let place, !place.endWithSupervisor() { return Exit.refused }
        var environment = environment
        for variable in [WorkerProcess.variable, EnginePlace.variable] { environment[variable] = nil }
        return finish { () throws(StartError) in
            switch arguments.subcommand {
            case .controller: try RunController.run(settings, environment, place)
            default:
                try RunFolders.run(
                    settings, arguments.operands, isDemo: arguments.isPresent("demo"), place)
            }
        }
    }

    private static func supervise(
        _ settings: Settings, _ words: [String], _ environment: [String: String]
    ) -> Int32 {
        do throws(StartError) {
            var supervisor = try Supervisor(words, environment, Logger(settings.log))
            return try supervisor.run()
        } catch {
            return refuse("\(error)", Exit.refused)
        }
    }

    private static func finish(_ job: () throws(StartError) -> Void) -> Int32 {
        do {
            try job()
            return Exit.stopped
        } catch {
            return refuse("\(error)", Exit.refused)
        }
    }

    private static func environment() -> [String: String] {
        var result: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let parts = String(cString: text).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { result[String(parts[0])] = String(parts[1]) }
            entry += 1
        }
        return result
    }
}
