/// What an expression reads of the entry that a connection or request tracks, or of its client's: HAProxy's `sc_…` and `src_…`.
public struct CounterRead: Sendable, Hashable {
    /// Whose entry.
    public var entry: Entry
    /// The table that is asked for the key; nil is the one the entry is tracked in.
    public var table: TableName?
    /// What is read of it.
    public var value: CounterValue

    /// A reading from its parts.
    public init(_ value: CounterValue, of entry: Entry, in table: TableName? = nil) {
        self.entry = entry
        self.table = table
        self.value = value
    }

    /// Which entry is meant.
    public enum Entry: Sendable, Hashable {
        /// The one that is tracked under this number.
        case tracked(Int)
        /// The one of the client's address.
        case ofSource
    }

    /// How many entries a connection or request may track, from 0 on.
    public static let most = 3
}

/// What is asked of an entry; some questions change it.
public enum CounterValue: Sendable, Hashable {
    /// A number, or of a rate how often within its period.
    case stored(StoredData.Kind, element: Int = 0)
    /// A number of bytes, in units of 1024.
    case kilobytes(StoredData.Kind)
    /// How many connections and requests track it.
    case holders
    /// Whether it is tracked.
    case isHeld
    /// One more, and what it is then.
    case increment(StoredData.Kind, element: Int = 0)
    /// None from now on, and what it was.
    case clear(StoredData.Kind, element: Int = 0)
    /// One connection more, and how many they are then.
    case countConnection

    /// The questions under HAProxy's names, without `sc_` or `src_`; of arrays the first element.
    public static let named: [(name: String, value: CounterValue)] = {
        let stored = StoredData.Kind.allCases.compactMap { kind -> (String, CounterValue)? in
            switch kind {
            case .serverID, .serverKey, .bytesIn, .bytesOut: nil
            case .gpc0, .gpc1, .gpc, .gpt0, .gpt: ("get_\(kind.rawValue)", .stored(kind))
            default: (kind.rawValue, .stored(kind))
            }
        }
        let changing = [StoredData.Kind.gpc0, .gpc1, .gpc].flatMap { kind -> [(String, CounterValue)] in
            [("inc_\(kind.rawValue)", .increment(kind)), ("clr_\(kind.rawValue)", .clear(kind))]
        }
        let others: [(String, CounterValue)] = [
            ("kbytes_in", .kilobytes(.bytesIn)), ("kbytes_out", .kilobytes(.bytesOut)),
            ("trackers", .holders), ("tracked", .isHeld), ("updt_conn_cnt", .countConnection),
        ]
        return stored + changing + others
    }()

    /// Whether it is about an element of an array.
    public var isOfArray: Bool {
        switch self {
        case .stored(let kind, _), .increment(let kind, _), .clear(let kind, _): kind.isArray
        case .kilobytes, .holders, .isHeld, .countConnection: false
        }
    }

    /// The same about another element.
    public func at(_ element: Int) -> CounterValue {
        switch self {
        case .stored(let kind, _): .stored(kind, element: element)
        case .increment(let kind, _): .increment(kind, element: element)
        case .clear(let kind, _): .clear(kind, element: element)
        case .kilobytes, .holders, .isHeld, .countConnection: self
        }
    }

    /// Which element it is about.
    public var element: Int {
        switch self {
        case .stored(_, let element), .increment(_, let element), .clear(_, let element): element
        case .kilobytes, .holders, .isHeld, .countConnection: 0
        }
    }

    /// What HAProxy calls it behind `sc_`.
    public var name: String {
        CounterValue.named.first { $0.value == at(0) }?.name ?? ""
    }

    /// What HAProxy calls it behind `table_`.
    public var nameOfLookup: String {
        if case .stored(let kind, _) = self { return kind.rawValue }
        return name
    }
}

/// What is asked of a table about a key: HAProxy's converters `in_table` and `table_…`.
public enum TableLookup: Sendable, Hashable {
    /// Whether it has an entry.
    case isThere
    /// What the entry says; 0 without one.
    case value(CounterValue)
    /// Milliseconds until it is forgotten; without an entry the number given, or nothing.
    case expiry(absent: Int64?)
    /// Milliseconds since it was used; without an entry the number given, or nothing.
    case idleness(absent: Int64?)
}

/// What is asked of a table as a whole.
public enum TableUse: String, Sendable, CaseIterable {
    /// How many entries there are.
    case entries = "table_cnt"
    /// How many more fit in.
    case room = "table_avl"
}
