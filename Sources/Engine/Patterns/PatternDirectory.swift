import Basics
import Model

/// The lists of patterns there are, as workers find them: by a number of the name and the use, or of the name alone.
final class PatternDirectory: Sendable {
    private let places: KeyIndex
    private let indexes: FixedArray<Unmanaged<PatternIndex>>
    private let recordPlaces: KeyIndex
    private let records: FixedArray<Unmanaged<PatternRecord>>
    /// Keeps them alive.
    private let owned: [PatternRecord]

    init(_ all: [PatternRecord]) {
        let uses = all.flatMap { record in record.indexes.map { (record.name, $0) } }
        let useIndex = KeyIndex(uses.map { PatternDirectory.number(of: $0, $1.use) })
        let useArray = FixedArray(uses.map { Unmanaged.passUnretained($0.1) })
        let nameIndex = KeyIndex(all.map { PatternDirectory.number(of: $0.name) })
        let recordArray = FixedArray(all.map { Unmanaged.passUnretained($0) })
        places = useIndex
        indexes = useArray
        recordPlaces = nameIndex
        records = recordArray
        owned = all
    }

    /// The number of a name; none is 0.
    static func number(of name: PatternListName) -> UInt64 {
        name.description.withView { KeyedHash.hash($0) | 1 }
    }

    /// The number of a use of one.
    static func number(of name: PatternListName, _ use: PatternUse) -> UInt64 {
        let words = "\(use.method.name) \(use.ignoresCase) \(use.output?.rawValue ?? "-") \(name)"
        return words.withView { KeyedHash.hash($0) | 1 }
    }

    /// The list of a number of name and use; nil if there is none.
    @inline(__always)
    func index(_ number: UInt64) -> Unmanaged<PatternIndex>? { places[number].map { indexes[$0] } }

    /// The list of a name's number; nil if there is none.
    func record(_ number: UInt64) -> Unmanaged<PatternRecord>? { recordPlaces[number].map { records[$0] } }
}
