public import Model

/// Why a list was not changed.
public enum PatternRefusal: Sendable, Equatable {
    case unknownKey
    case unknownVersion
    /// A use can do nothing with it.
    case unusable(PatternList.Entry, PatternUse)
}

/// What is to be seen of a list.
public struct PatternSummary: Sendable, Equatable {
    /// Its number.
    public let id: Int
    /// Its file.
    public let name: String
    /// Whether values are asked for, and whether matches are.
    public let (isMap, isACL): (Bool, Bool)
    /// How many lines it has, of all versions.
    public let count: Int
    /// The version that is asked, and the newest that was prepared.
    public let (version, newest): (UInt32, UInt32)
}

/// A line of a list.
public struct PatternLine: Sendable, Equatable {
    /// Its number, which no other line of the list ever has.
    public let id: UInt64
    /// What it says.
    public let entry: PatternList.Entry
}

/// What a use of a list has for a text.
public struct PatternFinding: Sendable, Equatable {
    /// How it was asked.
    public let use: PatternUse
    /// The line; nil if nothing matches.
    public let entry: PatternList.Entry?
}
