/// Patterns, or patterns with values, that can be changed while they are used: HAProxy's pattern and map files. Whoever names the same
/// file shares it.
public struct PatternList: Sendable, Equatable {
    /// Its number, by which the runtime API knows it too.
    public var id: Int
    /// In the file's order.
    public var entries: [Entry]
    /// What it is asked for, and so what all its entries have to be.
    public var uses: Set<PatternUse>

    /// One line.
    public struct Entry: Sendable, Hashable {
        /// What is looked for.
        public var pattern: [UInt8]
        /// What is found then; nothing in lists without values.
        public var value: [UInt8]

        /// A line from its parts.
        public init(_ pattern: [UInt8], _ value: [UInt8] = []) {
            self.pattern = pattern
            self.value = value
        }
    }

    /// A list from its parts.
    public init(id: Int, entries: [Entry] = [], uses: Set<PatternUse> = []) {
        self.id = id
        self.entries = entries
        self.uses = uses
    }

    /// Whether values are asked for.
    public var isMap: Bool { uses.contains { $0.output != nil } }

    /// Whether it is asked whether something matches.
    public var isACL: Bool { uses.contains { $0.output == nil } }
}

/// What a list is known by: its file's name, as it is written.
public struct PatternListName: Sendable, Hashable, CustomStringConvertible {
    /// The name.
    public let description: String

    /// A list's name.
    public init(_ name: String) { description = name }
}

/// One way to ask a list: how patterns are compared, and what values are.
public struct PatternUse: Sendable, Hashable {
    /// How.
    public var method: Method
    /// Letters are compared without case.
    public var ignoresCase: Bool
    /// What values are; nil if it is only asked whether something matches.
    public var output: Output?

    /// How patterns match.
    public enum Method: Sendable, Hashable {
        case text(TextMatch)
        /// Anywhere, by regular expressions.
        case regex
        /// The same; `\1` in the value is what the first group has found.
        case groups
        /// Numbers and ranges of them.
        case number
        /// How many bytes a text has.
        case length
        /// Networks; the longest prefix counts.
        case address
        /// Hexadecimal digits.
        case binary

        /// What samples become before they are compared.
        public var input: SampleType {
            switch self {
            case .text, .regex, .groups, .length: .string
            case .number: .integer
            case .address: .address
            case .binary: .binary
            }
        }

        /// HAProxy's name for it.
        public var name: String {
            switch self {
            case .text(let match): match.rawValue
            case .regex: "reg"
            case .groups: "regm"
            case .number: "int"
            case .length: "len"
            case .address: "ip"
            case .binary: "bin"
            }
        }
    }

    /// What values are.
    public enum Output: String, Sendable, Hashable, CaseIterable {
        case text = "str"
        case number = "int"
        case address = "ip"

        /// As a sample.
        public var type: SampleType {
            switch self {
            case .text: .string
            case .number: .integer
            case .address: .address
            }
        }
    }

    /// A way from its parts.
    public init(_ method: Method, ignoresCase: Bool = false, output: Output? = nil) {
        self.method = method
        self.ignoresCase = ignoresCase
        self.output = output
    }
}

/// What a map is asked for, and what stands for a value where no pattern matches: HAProxy's `map_beg_int` and its like.
public struct MapLookup: Sendable, Hashable {
    /// Where to look.
    public var list: PatternListName
    /// How; with an output.
    public var use: PatternUse
    /// Nil is nothing.
    public var fallback: [UInt8]?

    /// A question from its parts.
    public init(_ list: PatternListName, _ use: PatternUse, fallback: [UInt8]? = nil) {
        self.list = list
        self.use = use
        self.fallback = fallback
    }

    /// What it gives.
    public var output: SampleType { use.output?.type ?? .string }
}

/// What a rule does to a list: HAProxy's `set-map`, `del-map`, `add-acl` and `del-acl`.
public enum PatternEdit: Sendable, Equatable {
    /// The key's value, everywhere it stands; a new line where it stands nowhere.
    case set(PatternListName, key: FormatString, value: FormatString)
    /// A line for the key if there is none.
    case add(PatternListName, key: FormatString)
    /// No line for the key.
    case remove(PatternListName, key: FormatString)

    /// Which list.
    public var list: PatternListName {
        switch self {
        case .set(let list, _, _), .add(let list, _), .remove(let list, _): list
        }
    }

    /// What it writes; of a key alone that.
    public var formats: [FormatString] {
        switch self {
        case .set(_, let key, let value): [key, value]
        case .add(_, let key), .remove(_, let key): [key]
        }
    }

    /// What its formats can be had from.
    public var needs: SampleLayers { formats.reduce(into: []) { $0.formUnion($1.needs) } }
}
