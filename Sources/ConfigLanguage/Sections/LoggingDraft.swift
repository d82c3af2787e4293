import Model

/// What a section says of its log, while it is read.
struct LoggingDraft: Sendable {
    /// `log` lines, in order.
    var targets: [Target] = []
    /// The last of `log-format`, `option httplog` and their like.
    var format: FormatString?
    /// The same as a word of the file, for diagnostics: `option httplog`.
    var formatName = ""
    /// Where that stands.
    var formatPlace = SourceLocation(file: "", line: 0)
    /// `error-log-format`.
    var errorFormat: FormatString?
    /// `log-format-sd`.
    var structuredData: FormatString?
    /// `log-tag`.
    var tag: String?
    /// `dontlognull`, `dontlog-normal` and `log-separate-errors`.
    var (skipsEmpty, skipsNormal, separatesErrors) = (false, false, false)

    /// One `log` line.
    enum Target: Sendable, Equatable {
        /// Those of `global`.
        case global
        case own(LogTarget)
        /// To a ring of this name.
        case ring(Word, LogTarget, SourceLocation)
        /// One of these whose lines a profile of this name says.
        indirect case profiled(Target, by: Word, SourceLocation)
    }

    /// Whom names stand for, once everything has been read; nil is nobody.
    struct Names {
        let ring: (Word, LogTarget, SourceLocation) -> LogTarget?
        let profile: (Word, SourceLocation) -> LogProfile?
    }

    /// What is logged with this; `global` counts where the section says nothing.
    func finished(_ global: GlobalLogging, mode: Mode, _ names: Names) -> Logging {
        var logging = Logging(format ?? LoggingDraft.connect(mode))
        for target in targets { LoggingDraft.add(target, to: &logging, global, names) }
        logging.errorFormat = errorFormat
        logging.structuredData = structuredData
        logging.tag = tag ?? global.tag ?? "sluice"
        logging.hostName = global.hostName
        (logging.skipsEmpty, logging.skipsNormal) = (skipsEmpty, skipsNormal)
        logging.separatesErrors = separatesErrors
        return logging
    }

    private static func add(
        _ target: Target, to logging: inout Logging, _ global: GlobalLogging, _ names: Names
    ) {
        switch target {
        case .global:
            for target in global.targets { add(.own(target), to: &logging, global, names) }
            for named in global.profiled {
                let name = Word(named.profile)
                add(.profiled(.own(named.target), by: name, named.place), to: &logging, global, names)
            }
        case .own(let target):
            if !logging.targets.contains(target) { logging.targets.append(target) }
        case .ring(let name, let target, let place):
            guard let target = names.ring(name, target, place) else { return }
            add(.own(target), to: &logging, global, names)
        case .profiled(let target, let name, let place):
            var own = Logging(logging.format)
            add(target, to: &own, global, names)
            guard let profile = names.profile(name, place) else { return }
            for target in own.targets {
                let profiled = ProfiledTarget(target, profile)
                if !logging.profiled.contains(profiled) { logging.profiled.append(profiled) }
            }
        }
    }

    /// HAProxy's line where there is no format.
    static func connect(_ mode: Mode) -> FormatString {
        LoggingDraft.read(
            "Connect from %ci:%cp to %fi:%fp (%f/\(mode == .http ? "HTTP" : "TCP"))")
    }

    /// A format that is known to be one.
    static func read(_ text: String) -> FormatString {
        let expressions = ExpressionReader(isPattern: { _ in true }, layers: .log)
        return (try? FormatReader(expressions, for: .log).format(Word(text))) ?? FormatString([])
    }
}
