/// How names of fields are written for those who know them in one case alone (`h1-case-adjust`, `h1-case-adjust-file`).
public struct AdjustedNames: Sendable, Equatable {
    /// Those of lines.
    private(set) var listed: [String] = []
    /// Those of the last file.
    private(set) var filed: [String] = []

    /// All of them.
    public var all: [String] { listed + filed }

    /// Adds one; false if it is there already.
    mutating func add(_ name: String) -> Bool {
        guard !has(name) else { return false }
        listed.append(name)
        return true
    }

    /// Adds one of a file; false as above.
    mutating func addFiled(_ name: String) -> Bool {
        guard !has(name) else { return false }
        filed.append(name)
        return true
    }

    /// The last file counts alone.
    mutating func beginFile() { filed = [] }

    private func has(_ name: String) -> Bool { all.contains { $0.lowercased() == name.lowercased() } }

    /// Wherever they have come from.
    public static func == (left: AdjustedNames, right: AdjustedNames) -> Bool { left.all == right.all }
}
