/// Something that rules remember under a name: HAProxy's variables.
public struct Variable: Sendable, Equatable, Hashable {
    /// How long it lives, and who sees it.
    public var scope: Scope
    /// Without the scope.
    public var name: String

    /// Whose a variable is.
    public enum Scope: String, Sendable, CaseIterable {
        /// The process's, as long as it runs.
        case process = "proc"
        /// The client connection's: all its requests share it.
        case session = "sess"
        /// A request's and its answer's.
        case transaction = "txn"
        /// A request's, until its answer begins.
        case request = "req"
        /// An answer's.
        case response = "res"
        /// A health check's, from its beginning to its end.
        case check
    }

    /// A variable from its parts.
    public init(_ scope: Scope, _ name: String) {
        self.scope = scope
        self.name = name
    }
}

extension Variable: CustomStringConvertible {
    /// As haproxy.cfg has it: `txn.name`.
    public var description: String { "\(scope.rawValue).\(name)" }
}

/// What must be so for a variable to be set.
public struct VariableConditions: OptionSet, Sendable, Hashable {
    /// One bit for each.
    public let rawValue: UInt8

    /// The conditions of a bit pattern.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// It was set before; those of the process always count as set.
    public static let ifExists = VariableConditions(rawValue: 1)
    /// It was not.
    public static let ifNotExists = VariableConditions(rawValue: 2)
    /// The new value is a text without a byte.
    public static let ifEmpty = VariableConditions(rawValue: 4)
    /// It is something else.
    public static let ifNotEmpty = VariableConditions(rawValue: 8)
    /// It has a value.
    public static let ifSet = VariableConditions(rawValue: 16)
    /// It has none.
    public static let ifNotSet = VariableConditions(rawValue: 32)
    /// It is greater than the new value; true where one of them is no number.
    public static let ifGreater = VariableConditions(rawValue: 64)
    /// It is less, in the same way.
    public static let ifLess = VariableConditions(rawValue: 128)

    /// HAProxy's words.
    public static let words: KeyValuePairs<String, VariableConditions> = [
        "ifexists": .ifExists, "ifnotexists": .ifNotExists, "ifempty": .ifEmpty, "ifnotempty": .ifNotEmpty,
        "ifset": .ifSet, "ifnotset": .ifNotSet, "ifgt": .ifGreater, "iflt": .ifLess,
    ]
}

/// What a rule does with a variable.
public enum VariableChange: Sendable, Hashable {
    /// To what an expression gives; to nothing new if that is no sample.
    case set(Variable, VariableConditions, Expression)
    /// To a text.
    case setText(Variable, VariableConditions, FormatString)
    case unset(Variable)

    /// The variable.
    public var variable: Variable {
        switch self {
        case .set(let variable, _, _), .setText(let variable, _, _), .unset(let variable): variable
        }
    }

    /// What its value can be had from.
    public var needs: SampleLayers {
        let own: SampleLayers = variable.scope == .check ? .check : []
        return switch self {
        case .set(_, _, let expression): expression.needs.union(own)
        case .setText(_, _, let format): format.needs.union(own)
        case .unset: own
        }
    }
}

/// Variables of the process, and how much all of them may take.
public struct VariableSettings: Sendable, Equatable {
    /// What is done before the first request, in order: HAProxy's `set-var` in `global`.
    public var changes: [VariableChange] = []
    /// In bytes, 0 is the engine's own limit: of a request's and its answer's (`tune.vars.reqres-max-size`), of these and the
    /// transaction's, of these and the session's, and of the process's.
    public var (messageSize, transactionSize, sessionSize, processSize) = (0, 0, 0, 0)

    /// No variables, no limits.
    public init() {}
}
