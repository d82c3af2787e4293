import Glibc
import Wire

/// Writes messages to a file descriptor, one line each. Any thread may use it: a line is a single `write`.
struct Logger: Sendable {
    private let level: LogLevel
    private let format: LogFormat
    private let descriptor: Int32

    /// A logger to stderr, or elsewhere in tests.
    init(level: LogLevel, format: LogFormat, descriptor: Int32 = STDERR_FILENO) {
        self.level = level
        self.format = format
        self.descriptor = descriptor
    }

    /// A logger as the command line asks for it.
    init(_ choices: LogChoices) { self.init(level: choices.level, format: choices.format) }

    func error(_ message: String) { log(.error, message) }
    func warning(_ message: String) { log(.warning, message) }
    func info(_ message: String) { log(.info, message) }
    func debug(_ message: @autoclosure () -> String) { log(.debug, message()) }

    /// Writes a message if its level is wanted. Messages never hold secrets: keys and tokens have no description.
    func log(_ level: LogLevel, _ message: @autoclosure () -> String) {
        guard level >= self.level else { return }
        Output.write(
            LogLine(level: level, message: message(), time: Int64(clamping: Clock().realtime)).rendered(
                format),
            to: descriptor)
    }
}
