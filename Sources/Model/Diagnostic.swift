/// One finding about the user's input: what is wrong, where, and the way out.
public struct Diagnostic: Sendable, Equatable, Hashable {
    /// How much it matters.
    public enum Severity: String, Sendable, Comparable {
        case warning, error

        /// A warning is less than an error.
        public static func < (left: Severity, right: Severity) -> Bool { left == .warning && right == .error }
    }

    /// How much it matters.
    public var severity: Severity
    /// The object at fault: `Ingress`, `Secret`, …; empty for a file that holds no object.
    public var kind: String
    /// The object's namespace and name.
    public var object: Origin
    /// The path of the field, e.g. `spec.rules[0].http.paths[1].backend.service.port`; may be empty.
    public var field: String
    /// A short machine-readable word, e.g. `ServiceNotFound`.
    public var reason: String
    /// One sentence for the owner of the object. Never holds a secret.
    public var message: String
    /// File and line (from 1) where the object was read from, if it came from a file.
    public var location: SourceLocation?

    /// A finding from its parts.
    public init(
        _ severity: Severity, kind: String, object: Origin, field: String = "", reason: String,
        message: String,
        location: SourceLocation? = nil
    ) {
        self.severity = severity
        self.kind = kind
        self.object = object
        self.field = field
        self.reason = reason
        self.message = message
        self.location = location
    }
}

/// A place in a file.
public struct SourceLocation: Sendable, Equatable, Hashable {
    /// The path as the user gave it.
    public var file: String
    /// The line, from 1.
    public var line: Int

    /// A place from its parts.
    public init(file: String, line: Int) {
        self.file = file
        self.line = line
    }
}

extension Diagnostic: CustomStringConvertible {
    /// `file:line: error: Ingress shop/web spec.rules[0].host: message (Reason)`.
    public var description: String {
        let place = location.map { "\($0.file):\($0.line): " } ?? ""
        return "\(place)\(severity.rawValue): \(sentence)"
    }

    /// The finding without its place and severity.
    public var sentence: String {
        guard !kind.isEmpty else { return "\(message) (\(reason))" }
        let name = object.namespace.isEmpty ? object.name : "\(object.namespace)/\(object.name)"
        return "\(kind) \(name)\(field.isEmpty ? "" : " \(field)"): \(message) (\(reason))"
    }
}

extension Diagnostic {
    /// The reason of every finding about a frontend that can not listen; they hold until frontends are published again.
    public static let notListening = "NotListening"

    /// Whether it is about a frontend that can not listen.
    public var isAboutListening: Bool { reason == Diagnostic.notListening }
}
