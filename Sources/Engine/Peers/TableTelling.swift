import Basics
import Model
import Wire

/// A stick table in the words of the protocol: what is said of its entries, and what becomes of what others say.
struct TableTelling {
    let table: SharedTable
    /// The announcement.
    let definition: PeerTable
    /// What entries hold, in the order of the announcement.
    private let stored: [StoredData]

    /// The name that rules know it by.
    let wholeName: String
    /// Into how many parts keys are spread, and what that goes by; 0 is one for all.
    private let shards: UInt64
    private let shardSeed: UInt64

    /// A table that others know by `name`. Keys are spread by its whole name.
    init(
        _ table: SharedTable, _ model: StickTable, number: UInt64, name: String, shards: Int = 0,
        wholeName: String = ""
    ) {
        self.shards = UInt64(max(0, shards))
        self.wholeName = wholeName
        shardSeed = wholeName.withView { XXHash64.hash($0) }
        let (keys, size): (PeerTable.Keys, Int) =
            switch model.type {
            case .ip: (.ip, 4)
            case .ipv6: (.ipv6, 16)
            case .integer: (.integer, 4)
            case .string(let length): (.string, length + 1)
            case .binary(let length): (.binary, length)
            }
        self.table = table
        stored = model.stored.sorted { $0.kind.place < $1.kind.place }
        definition = PeerTable(
            id: number, name: name, keys: keys, keySize: size,
            data: stored.map { data in
                PeerTable.Data(
                    data.kind.place, count: data.kind.isArray ? data.count : 1, period: UInt64(data.period))
            }, expire: UInt64(model.expire))
    }

    // MARK: What is said

    /// An entry as it is now. `isTimed` says how long it still lives too.
    func update(
        of entry: UInt32, in shard: borrowing TableShard, id: UInt32?, isTimed: Bool, now: UInt64,
        _ names: ServerNames
    ) -> PeerUpdate {
        var values: [PeerUpdate.Value] = []
        for data in stored {
            for i in 0..<(data.kind.isArray ? data.count : 1) {
                values.append(value(data.kind, i, of: entry, shard, now, names))
            }
        }
        var remaining: UInt32?
        if isTimed {
            let age = now - min(now, shard.touched(entry))
            remaining = UInt32(clamping: table.expire - min(table.expire, age))
        }
        return PeerUpdate(id: id, expiresIn: remaining, key: key(of: entry, shard), values: values)
    }

    private func value(
        _ kind: StoredData.Kind, _ index: Int, of entry: UInt32, _ shard: borrowing TableShard,
        _ now: UInt64, _ names: ServerNames
    ) -> PeerUpdate.Value {
        let place = table.layout[kind]
        if kind.isRate {
            let window = shard.window(entry, place, index)
            let age = UInt64(UInt32(clamping: now - min(now, window.start)))
            return .rate(
                PeerUpdate.Rate(age: age, current: UInt64(window.current), previous: UInt64(window.previous)))
        }
        let word = shard[entry, place.word + index]
        return kind == .serverKey ? .name(names.text(of: word)) : .number(word)
    }

    private func key(of entry: UInt32, _ shard: borrowing TableShard) -> [UInt8] {
        let word = TableShard.headWords
        let first = shard[entry, word]
        switch definition.keys {
        case .ip: return TableTelling.bytes(first, count: 4)
        case .ipv6: return TableTelling.bytes(first) + TableTelling.bytes(shard[entry, word + 1])
        case .integer: return TableTelling.bytes(first, count: 4).reversed()
        case .string, .binary:
            var bytes: [UInt8] = []
            let count = Int(first)
            var next = word + 1
            while bytes.count < count {
                bytes += TableTelling.bytes(shard[entry, next], count: min(8, count - bytes.count))
                next += 1
            }
            let missing = definition.keys == .binary ? definition.keySize - count : 0
            return bytes + [UInt8](repeating: 0, count: max(0, missing))
        }
    }

    /// As they stand in memory.
    private static func bytes(_ word: UInt64, count: Int = 8) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: word >> UInt64($0 * 8)) }
    }

    /// The part that an entry's key falls in, from 1; 0 if there are none.
    func part(of entry: UInt32, _ shard: borrowing TableShard) -> Int {
        guard shards > 0 else { return 0 }
        let key = key(of: entry, shard)
        // HAProxy takes numbers as they stand in memory.
        let bytes = definition.keys == .integer ? key.reversed() : key
        return Int(bytes.withView { XXHash64.hash($0, seed: shardSeed) } % shards) + 1
    }

    // MARK: What is heard

    /// Whether entries of the other side's table can be entries of this one.
    func accepts(_ other: PeerTable) -> Bool {
        other.keys == definition.keys && other.keySize == definition.keySize
    }

    /// Takes over what a peer says of an entry. What this table does not hold, and what is true of the other side alone, is left.
    func learn(_ update: PeerUpdate, of other: PeerTable, now: UInt64, _ names: inout ServerNames) {
        for case .name(let name?) in update.values { names.note(name) }
        let heard = names
        withKey(update.key) { key in
            table.learn(key, remaining: update.expiresIn.map { UInt64($0) }, now: now) { shard, entry in
                var next = 0
                for data in other.data {
                    for i in 0..<data.count where next < update.values.count {
                        set(data, i, update.values[next], of: entry, &shard, now, heard)
                        next += 1
                    }
                }
            }
        }
    }

    private func set(
        _ data: PeerTable.Data, _ index: Int, _ value: PeerUpdate.Value, of entry: UInt32,
        _ shard: inout TableShard, _ now: UInt64, _ names: ServerNames
    ) {
        guard let kind = StoredData.Kind.allCases.first(where: { $0.place == data.number }),
            kind != .openConnections
        else { return }
        let place = table.layout[kind]
        guard place.isStored, index < place.count else { return }
        switch value {
        case .number(let number):
            let isLong = kind == .bytesIn || kind == .bytesOut
            shard[entry, place.word + index] = isLong ? number : number & 0xFFFF_FFFF
        case .rate(let rate):
            let counts =
                UInt64(UInt32(clamping: rate.current)) | UInt64(UInt32(clamping: rate.previous)) << 32
            shard[entry, place.word + 2 * index] = now - min(now, rate.age)
            shard[entry, place.word + 2 * index + 1] = counts
        case .name(let name):
            if let name { shard[entry, place.word] = names.word(of: name) }
        }
    }

    private func withKey(_ bytes: [UInt8], _ body: (TableKey) -> Void) {
        func word(_ range: Range<Int>) -> UInt64 {
            range.reversed().reduce(0) { $0 << 8 | UInt64(bytes[$1]) }
        }
        switch definition.keys {
        case .ip where bytes.count == 4: body(TableKey(word(0..<4), 0, count: 1))
        case .ipv6 where bytes.count == 16: body(TableKey(word(0..<8), word(8..<16), count: 2))
        case .integer where bytes.count == 4:
            body(TableKey(number: bytes.reduce(0) { $0 << 8 | Int64($1) }))
        case .string, .binary:
            bytes.withView { view in
                if let key = TableKey(view, for: table.layout.type) { body(key) }
            }
        default: break
        }
    }
}
