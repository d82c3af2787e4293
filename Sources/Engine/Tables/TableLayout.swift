import Basics
import Model

/// Where an entry holds what, in words of eight bytes behind its first ones.
///
/// ```
///   │ index, age: 4 │ key: 1, 2 or length and bytes │ numbers: 1 each │ rates: 2 each │ news: 2, if peers share it │
/// ```
struct TableLayout: ~Copyable, Sendable {
    let type: TableKeyType
    /// How many words a key takes.
    let keyWords: Int
    /// How many words an entry takes.
    let words: Int
    /// Where stands what peers have to be told; 0 if there are none.
    let news: Int
    private let places: FixedArray<Place>
    /// Events of which anything is stored, a bit each.
    private let counted: UInt8

    /// Words of one kind of data.
    struct Place: Sendable {
        /// The first word; 0 if it is not stored.
        var word = 0
        /// How many there are, of arrays.
        var count = 0
        /// Milliseconds, of rates.
        var period: UInt64 = 0

        var isStored: Bool { word > 0 }
    }

    /// Takes settings without `flaw`.
    init(type: TableKeyType, stored: [StoredData], isShared: Bool = false) {
        let keyWords =
            switch type {
            case .ip, .integer: 1
            case .ipv6: 2
            case .string(let length), .binary(let length): 1 + (length + 7) / 8
            }
        var next = TableShard.headWords + keyWords
        var all = [Place](repeating: Place(), count: StoredData.Kind.places)
        for data in stored {
            let count = data.kind.isArray ? data.count : 1
            all[data.kind.place] = Place(word: next, count: count, period: UInt64(data.period))
            next += count * (data.kind.isRate ? 2 : 1)
        }
        let counted = TableEvent.allCases.reduce(UInt8(0)) { bits, event in
            let (number, rate) = event.kinds
            return all[number.place].isStored || all[rate.place].isStored ? bits | event.bit : bits
        }
        self.type = type
        self.keyWords = keyWords
        news = isShared ? next : 0
        words = isShared ? next + TableShard.newsWords : next
        places = FixedArray(count: all.count) { all[$0] }
        self.counted = counted
    }

    /// Whether anything is stored of an event.
    func counts(_ event: TableEvent) -> Bool { counted & event.bit != 0 }

    subscript(kind: StoredData.Kind) -> Place { places[kind.place] }
}

extension StoredData.Kind {
    fileprivate static var places: Int { 25 }

    /// Its number, by which peers know it.
    var place: Int {
        switch self {
        case .serverID: 0
        case .gpt0: 1
        case .gpc0: 2
        case .gpc0Rate: 3
        case .connections: 4
        case .connectionRate: 5
        case .openConnections: 6
        case .sessions: 7
        case .sessionRate: 8
        case .requests: 9
        case .requestRate: 10
        case .errors: 11
        case .errorRate: 12
        case .bytesIn: 13
        case .bytesInRate: 14
        case .bytesOut: 15
        case .bytesOutRate: 16
        case .gpc1: 17
        case .gpc1Rate: 18
        case .serverKey: 19
        case .failures: 20
        case .failureRate: 21
        case .gpt: 22
        case .gpc: 23
        case .gpcRate: 24
        }
    }
}
