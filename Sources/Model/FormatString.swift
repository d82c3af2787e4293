/// A text with samples and facts in it: HAProxy's log-format strings, which also write fields, addresses and bodies.
///
/// ```
///   %ci:%cp [%tr] "%{+E}[ssl_fc_sni]"         variable, text, variable, blank, text, variable, text, blank, text, sample, text
/// ```
public struct FormatString: Sendable, Equatable, Hashable {
    /// What it is made of, in order.
    public var parts: [Part]
    /// Whether it is one object of JSON, whose members are the parts: each a `.json` with a name.
    public var isRecord: Bool

    /// A format from its parts.
    public init(_ parts: [Part], isRecord: Bool = false) {
        (self.parts, self.isRecord) = (parts, isRecord)
    }

    /// One piece.
    public enum Part: Sendable, Equatable, Hashable {
        /// As it is.
        case text([UInt8])
        /// One blank, but none at the beginning or behind another one: formats of logs have these for theirs.
        case blank
        /// What an expression gives, as text.
        case sample(Expression, FormatFlags)
        /// What is known of a connection and its request by another name than an expression.
        case variable(LogVariable, FormatFlags)
        /// The same under nginx's names.
        case fact(LineFact, FormatFlags)
        /// An expression or a variable as a value of JSON.
        case json(JSONItem)

        /// The expression it asks, if it is one.
        public var expression: Expression? {
            switch self {
            case .sample(let expression, _): expression
            case .json(let item): if case .sample(let expression) = item.value { expression } else { nil }
            default: nil
            }
        }

        /// The variable it is, if it is one.
        public var variable: LogVariable? {
            switch self {
            case .variable(let variable, _): variable
            case .json(let item): if case .variable(let variable) = item.value { variable } else { nil }
            default: nil
            }
        }
    }

    /// What it can be had from.
    public var needs: SampleLayers {
        parts.reduce(into: []) { needs, part in
            if let expression = part.expression { needs.formUnion(expression.needs) }
        }
    }

    /// The first variable that has no meaning without requests.
    public var firstVariableOfRequests: LogVariable? {
        parts.lazy.compactMap(\.variable).first(where: \.isOfRequests)
    }

    /// Whether it tells of each attempt at a server.
    public var tellsAttempts: Bool {
        parts.contains { part in
            if case .fact(let fact, _) = part { return fact.isOfAttempts }
            return false
        }
    }

    /// Whether it asks for one of these.
    public func contains(_ variables: Set<LogVariable>) -> Bool {
        parts.contains { $0.variable.map(variables.contains) ?? false }
    }
}

/// How a piece of a format is written.
public struct FormatFlags: OptionSet, Sendable, Hashable {
    /// One bit for each.
    public let rawValue: UInt8

    /// The flags of a bit pattern.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Between quotation marks (`Q`).
    public static let quoted = FormatFlags(rawValue: 1)
    /// Numbers and addresses in hexadecimal (`X`).
    public static let hexadecimal = FormatFlags(rawValue: 2)
    /// With a backslash before `"`, `\` and `]` (`E`), as RFC 5424 asks for.
    public static let escaped = FormatFlags(rawValue: 4)
    /// What is not there is written `-` (`M`); else it is nothing. In logs it is on.
    public static let dashed = FormatFlags(rawValue: 8)
    /// Control bytes as `%0A`: in whatever becomes part of a message.
    public static let encoded = FormatFlags(rawValue: 16)

    // nginx's `log_format … escape=`: one of them, and none of the others.
    /// Quotation marks, backslashes, control bytes and what is not ASCII as `\x22`; what is not there is `-`.
    public static let slashed = FormatFlags(rawValue: 32)
    /// As texts of JSON have it; what is not there is nothing.
    public static let json = FormatFlags(rawValue: 64)
    /// As it is; what is not there is nothing.
    public static let verbatim = FormatFlags(rawValue: 128)
    /// Any of these.
    public static let lines: FormatFlags = [.slashed, .json, .verbatim]
}
