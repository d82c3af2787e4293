import Basics
public import Model
import Synchronization
import Wire

/// A stick table for those who look at it or change it by hand.
public struct TableAccess: Sendable {
    /// Its name.
    public let name: TableName
    /// Its settings.
    public let model: StickTable
    private let table: SharedTable

    /// An entry at one moment.
    public struct Entry: Sendable {
        /// A number that tells it from others as long as it is there.
        public var id: UInt64
        /// Its key, as text.
        public var key: String
        /// How many requests and connections hold it.
        public var uses: Int
        /// Milliseconds until it is forgotten; 0 is never.
        public var expiresIn: Int
        /// What it holds, in HAProxy's order.
        public var values: [Value]
    }

    /// One thing that an entry holds.
    public struct Value: Sendable, Equatable {
        /// What it is.
        public var data: StoredData
        /// How much; several of arrays.
        public var numbers: [UInt64]
    }

    init(_ name: TableName, _ model: StickTable, _ table: SharedTable) {
        self.name = name
        var model = model
        let order = StoredData.Kind.allCases
        model.stored.sort { one, other in
            order.firstIndex(of: one.kind) ?? 0 < order.firstIndex(of: other.kind) ?? 0
        }
        self.model = model
        self.table = table
    }

    /// How many entries there are.
    public var used: Int {
        table.purge(now: TableAccess.now, most: 100_000)
        return table.count
    }

    /// How many changes of it peers were told, or are to be; it wraps.
    public var updates: UInt32 { table.changes.load(ordering: .relaxed) }

    /// All entries, at most so many.
    public func entries(most: Int) -> [Entry] {
        var all: [Entry] = []
        let now = TableAccess.now
        table.forEach { shard, entry in
            all.append(read(shard, entry, now))
            return all.count < most
        }
        return all
    }

    /// The entry of a key; nil if there is none, or the text is no key.
    public func entry(_ text: String) -> Entry? {
        withKey(text) { key in
            table.read(key, now: TableAccess.now) { read($0, $1, TableAccess.now) }
        } ?? nil
    }

    /// Whether a text can be a key.
    public func isKey(_ text: String) -> Bool { withKey(text) { _ in true } ?? false }

    /// Sets numbers of a key's entry, which is made if there is none; false if there is no room or one of them can not be set.
    public func set(_ text: String, to values: [(kind: StoredData.Kind, index: Int, number: UInt64)]) -> Bool
    {
        withKey(text) { key in
            let now = TableAccess.now
            let isDone = table.obtain(key, now: now) { shard, entry in
                shard.touch(entry, now: now)
                return values.allSatisfy {
                    shard.set($0.kind, $0.index, to: $0.number, in: entry, table.layout)
                }
            }
            return isDone ?? false
        } ?? false
    }

    /// Forgets a key; false if somebody holds its entry.
    public func remove(_ text: String) -> Bool {
        withKey(text) { key in
            let now = TableAccess.now
            return table.remove(key, now: now) || table.read(key, now: now) { _, _ in true } == nil
        } ?? true
    }

    private static var now: UInt64 { Clock.now() / 1_000_000 }

    private func withKey<Result>(_ text: String, _ body: (TableKey) -> Result) -> Result? {
        switch table.layout.type {
        case .ip, .ipv6:
            SocketAddress(text, port: 0).flatMap { TableKey($0, for: table.layout.type) }.map(body)
        case .integer: Int64(text).map { body(TableKey(number: $0)) }
        case .string: text.withView { TableKey($0, for: table.layout.type).map(body) }
        case .binary:
            PatternKey.digits(Array(text.utf8)).flatMap { bytes in
                bytes.withView { TableKey($0, for: table.layout.type).map(body) }
            }
        }
    }

    private func read(_ shard: borrowing TableShard, _ entry: UInt32, _ now: UInt64) -> Entry {
        let age = now - min(now, shard.touched(entry))
        let expire = table.expire
        return Entry(
            id: shard.keyHash(entry) << 32 | UInt64(entry), key: key(shard, entry),
            uses: Int(shard.holders(entry)), expiresIn: Int(clamping: expire - min(expire, age)),
            values: model.stored.map { data in
                let count = data.kind.isArray ? data.count : 1
                return Value(
                    data: data,
                    numbers: (0..<count).map {
                        shard.value(data.kind, $0, in: entry, table.layout, now: now) ?? 0
                    })
            })
    }

    private func key(_ shard: borrowing TableShard, _ entry: UInt32) -> String {
        let first = shard[entry, TableShard.headWords]
        switch table.layout.type {
        case .ip: return TableAccess.v4(first)
        case .integer: return "\(first)"
        case .ipv6:
            let second = shard[entry, TableShard.headWords + 1]
            if first == 0, UInt32(truncatingIfNeeded: second) == UInt32(0xFFFF_0000).littleEndian {
                return "::ffff:" + TableAccess.v4(second >> 32)
            }
            let number = UInt128(first.byteSwapped) << 64 | UInt128(second.byteSwapped)
            return SocketAddress(v6: number).description(withPort: false)
        case .string:
            return String(decoding: TableAccess.bytes(shard, entry, count: Int(first)), as: UTF8.self)
        case .binary(let length):
            let bytes = TableAccess.bytes(shard, entry, count: Int(first))
            return (bytes + Array(repeating: 0, count: max(0, length - bytes.count)))
                .map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
        }
    }

    private static func v4(_ word: UInt64) -> String {
        SocketAddress(v4: UInt32(truncatingIfNeeded: word).byteSwapped).description(withPort: false)
    }

    private static func bytes(_ shard: borrowing TableShard, _ entry: UInt32, count: Int) -> [UInt8] {
        (0..<count).map { place in
            let word = shard[entry, TableShard.headWords + 1 + place / 8]
            return UInt8(truncatingIfNeeded: word >> UInt64(place % 8 * 8))
        }
    }
}
