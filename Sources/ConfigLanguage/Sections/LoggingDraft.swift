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
    }

    /// What is logged with this; `global` counts where the section says nothing.
    func finished(
        _ global: GlobalLogging, mode: Mode, ring: (Word, LogTarget, SourceLocation) -> LogTarget?
    ) -> Logging {
        var logging = Logging(format ?? LoggingDraft.connect(mode))
        for target in targets {
            let new: [LogTarget]
            switch target {
            case .global: new = global.targets
            case .own(let target): new = [target]
            case .ring(let name, let target, let place): new = [ring(name, target, place)].compactMap { $0 }
            }
            for target in new where !logging.targets.contains(target) { logging.targets.append(target) }
        }
        logging.errorFormat = errorFormat
        logging.structuredData = structuredData
        logging.tag = tag ?? global.tag ?? "sluice"
        logging.hostName = global.hostName
        (logging.skipsEmpty, logging.skipsNormal) = (skipsEmpty, skipsNormal)
        logging.separatesErrors = separatesErrors
        return logging
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
