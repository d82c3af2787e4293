/// A text with samples and facts in it: HAProxy's log-format strings, which also write fields, addresses and bodies.
///
/// ```
///   %ci:%cp [%tr] "%{+E}[ssl_fc_sni]"         variable, text, variable, blank, text, variable, text, blank, text, sample, text
/// ```
public struct FormatString: Sendable, Equatable, Hashable {
    /// What it is made of, in order.
    public var parts: [Part]

    /// A format from its parts.
    public init(_ parts: [Part]) { self.parts = parts }

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
    }

    /// What it can be had from.
    public var needs: SampleLayers {
        parts.reduce(into: []) { needs, part in
            if case .sample(let expression, _) = part { needs.formUnion(expression.needs) }
        }
    }

    /// The first variable that has no meaning without requests.
    public var firstVariableOfRequests: LogVariable? {
        for case .variable(let variable, _) in parts where variable.isOfRequests { return variable }
        return nil
    }

    /// Whether it asks for one of these.
    public func contains(_ variables: Set<LogVariable>) -> Bool {
        parts.contains { part in
            if case .variable(let variable, _) = part { return variables.contains(variable) }
            return false
        }
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
}
