public import Model

/// A list of patterns for those who look at it or change it by hand.
public struct PatternAccess: Sendable {
    private let record: PatternRecord

    init(_ record: PatternRecord) { self.record = record }

    /// What it is.
    public var summary: PatternSummary { record.summary }

    /// The lines of a version; of the one that is asked if none is named.
    public func lines(of version: UInt32?) -> [PatternLine] { record.lines(of: version) }

    /// What each use has for a text.
    public func found(for text: [UInt8]) -> [PatternFinding] { record.found(for: text) }

    /// Adds a line, to the version that is asked if none is named.
    public func add(_ entry: PatternList.Entry, _ version: UInt32?) -> PatternRefusal? {
        record.add(entry, to: version)
    }

    /// Sets the value of a key wherever it stands.
    public func set(_ key: [UInt8], _ value: [UInt8]) -> PatternRefusal? {
        record.set(key, to: value, adds: false)
    }

    /// Sets the value of a line.
    public func set(_ line: UInt64, _ value: [UInt8]) -> PatternRefusal? { record.set(line, to: value) }

    /// Removes all lines of a key.
    public func remove(_ key: [UInt8]) -> PatternRefusal? { record.remove(key) }

    /// Removes a line.
    public func remove(_ line: UInt64) -> PatternRefusal? { record.remove(line) }

    /// Removes everything of a version; of the one that is asked if none is named.
    public func clear(_ version: UInt32?) { _ = record.clear(version) }

    /// Begins a version that nobody is asked for yet.
    public func prepare() -> UInt32 { record.prepare() }

    /// From now on it is this version that is asked.
    public func commit(_ version: UInt32) -> PatternRefusal? { record.commit(version) }
}
