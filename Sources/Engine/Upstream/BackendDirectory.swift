import Basics
import Model

/// The backends whose state samples ask for, as workers find them: by a number made of the name.
final class BackendDirectory: Sendable {
    private let places: KeyIndex
    private let backends: FixedArray<Unmanaged<BackendState>>
    /// Keeps them alive.
    private let owned: [BackendState]

    /// The backends of some names.
    init(_ named: [(name: BackendName, state: BackendState)] = []) {
        let all = named.map(\.state)
        places = KeyIndex(named.map { BackendDirectory.number(of: $0.name) })
        backends = FixedArray(count: all.count) { Unmanaged.passUnretained(all[$0]) }
        owned = all
    }

    /// The number of a name, with the process's seed; none is 0.
    static func number(of name: BackendName) -> UInt64 {
        name.description.withView { KeyedHash.hash($0) | 1 }
    }

    /// The backend of a number; nil if there is none.
    subscript(number: UInt64) -> Unmanaged<BackendState>? { places[number].map { backends[$0] } }
}
