import Basics
import Model

/// The stick tables there are, as workers find them: compiled rules and expressions know a table by a number made of its name, so
/// that they stay as they are when it is replaced by another one.
final class TableDirectory: Sendable {
    private let places: KeyIndex
    private let tables: FixedArray<Unmanaged<SharedTable>>
    /// Keeps them alive.
    private let owned: [SharedTable]

    /// The tables of some names.
    init(_ named: [(name: TableName, table: SharedTable)]) {
        let all = named.map(\.table)
        places = KeyIndex(named.map { TableDirectory.number(of: $0.name) })
        tables = FixedArray(count: all.count) { Unmanaged.passUnretained(all[$0]) }
        owned = all
    }

    /// The number of a name, with the process's seed; none is 0.
    static func number(of name: TableName) -> UInt64 {
        name.description.withView { KeyedHash.hash($0) | 1 }
    }

    /// The table of a number; nil if there is none.
    subscript(number: UInt64) -> Unmanaged<SharedTable>? { places[number].map { tables[$0] } }
}
