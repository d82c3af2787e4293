/// When a rule applies: alternatives, of which one must hold, each a row of terms that must all hold. HAProxy's `if` and `unless`.
public struct RuleCondition: Sendable, Equatable, Hashable {
    /// One of them must hold.
    public var alternatives: [[Term]]
    /// Whether it applies when none holds (`unless`).
    public var isNegated: Bool

    /// One thing that is asked, or its contrary.
    public struct Term: Sendable, Equatable, Hashable {
        /// One of them must be true: an ACL with all its lines.
        public var tests: [SampleTest]
        /// Whether none may be true (`!`).
        public var isNegated: Bool

        /// A term from its parts.
        public init(_ tests: [SampleTest], isNegated: Bool = false) {
            self.tests = tests
            self.isNegated = isNegated
        }
    }

    /// A condition from its parts.
    public init(_ alternatives: [[Term]], isNegated: Bool = false) {
        self.alternatives = alternatives
        self.isNegated = isNegated
    }

    /// What it can be asked of.
    public var needs: SampleLayers {
        alternatives.joined().flatMap(\.tests).reduce(into: []) { $0.formUnion($1.expression.needs) }
    }
}

/// A question about a sample. Of what there are several of (values of a field, cookies, parameters) one is enough, unless the
/// expression names which; what is not there matches nothing.
public struct SampleTest: Sendable, Equatable, Hashable {
    /// What is looked at.
    public var expression: Expression
    /// What is looked for.
    public var matching: Matching

    /// A question from its parts.
    public init(_ expression: Expression, _ matching: Matching) {
        self.expression = expression
        self.matching = matching
    }
}

/// What a sample is compared with: one of the patterns must match. HAProxy's match methods.
public enum Matching: Sendable, Equatable, Hashable {
    /// That there is one at all.
    case found
    /// That it is true, or not zero.
    case truth
    case text(TextMatch, [[UInt8]], ignoresCase: Bool)
    /// Regular expressions of Perl's kind, which match anywhere.
    case regex([String], ignoresCase: Bool)
    case number([ClosedRange<Int64>])
    case length([ClosedRange<Int64>])
    /// Networks in CIDR form, or single addresses.
    case address([String])
    case binary([[UInt8]])
    /// The patterns of a list, as they are at that moment.
    case list(PatternListName, PatternUse)
}

/// How texts are compared.
public enum TextMatch: String, Sendable, Hashable, CaseIterable {
    case exact = "str"
    case prefix = "beg"
    case suffix = "end"
    case substring = "sub"
    /// Between slashes.
    case directory = "dir"
    /// Between dots, slashes or colons.
    case domain = "dom"
}

/// A rule that sends what it applies to to a backend: HAProxy's `use_backend`.
public struct BackendRule: Sendable, Equatable {
    /// Where to.
    public var target: RuleTarget<BackendName>
    /// When; nil is always.
    public var condition: RuleCondition?

    /// The backend, if it is always the same.
    public var backend: BackendName? { target.known }

    /// What it can be asked of.
    public var needs: SampleLayers { target.needs.union(condition?.needs ?? []) }

    /// A rule from its parts.
    public init(_ target: RuleTarget<BackendName>, when condition: RuleCondition? = nil) {
        self.target = target
        self.condition = condition
    }

    /// A rule that leads to one backend.
    public init(_ backend: BackendName, when condition: RuleCondition? = nil) {
        self.init(.known(backend), when: condition)
    }
}

/// A rule that gives what it applies to to one server, if that is usable: HAProxy's `use-server`.
public struct ServerRule: Sendable, Equatable {
    /// The server's name.
    public var target: RuleTarget<String>
    /// When; nil is always.
    public var condition: RuleCondition?

    /// A rule from its parts.
    public init(_ target: RuleTarget<String>, when condition: RuleCondition? = nil) {
        self.target = target
        self.condition = condition
    }
}

/// Whom a rule names.
public enum RuleTarget<Name: Sendable & Equatable>: Sendable, Equatable {
    /// Always the same one.
    case known(Name)
    /// The one whose name the format writes. If nobody is called so, it and the rules behind it have nothing to say.
    case written(FormatString)

    /// The name, if it is always the same.
    public var known: Name? {
        guard case .known(let name) = self else { return nil }
        return name
    }

    /// The format, if there is one.
    public var format: FormatString? {
        guard case .written(let format) = self else { return nil }
        return format
    }

    /// What its format can be had from.
    public var needs: SampleLayers { format?.needs ?? [] }
}
