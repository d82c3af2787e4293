import Basics
import Model
import Wire

/// The variables of an exchange, a client or the process, one behind the other in one piece of memory, which the first one takes
/// and which grows up to a bound.
///
/// ```
///   | hash 8 | kind 1, scope 1, 2 unused, length 4 | value, 0 or more |  next …
/// ```
struct VariableStore: ~Copyable {
    private var bytes = Buffer()

    /// The most bytes of all variables together, whatever the configuration says.
    static var most: Int { 1024 * 1024 }
    /// What one takes besides its value.
    static var headSize: Int { 16 }

    /// What a value is.
    enum Kind: UInt8 {
        case boolean, integer, v4, v6, string, binary, method
    }

    private struct Entry {
        let range: Range<Int>
        let kind: Kind
        let scope: UInt8

        var value: Range<Int> { range.lowerBound + VariableStore.headSize..<range.upperBound }
    }

    /// How many bytes all variables take.
    var size: Int { bytes.count }
    /// How many there is memory for.
    var capacity: Int { Int(bytes.capacity) }

    /// How many those of a scope take.
    func size(of scope: Variable.Scope) -> Int {
        var (at, sum) = (0, 0)
        while let entry = entry(at: at) {
            if entry.scope == scope.code { sum += entry.range.count }
            at = entry.range.upperBound
        }
        return sum
    }

    /// Appends a variable's value to the workspace and says what it is; nil if it has none, or there is no room.
    func copy(_ key: VariableKey, to workspace: inout SampleWorkspace) -> Kind? {
        guard let entry = find(key), workspace.append(bytes.view[entry.value]) else { return nil }
        return entry.kind
    }

    /// The bytes of a value, good until another one is set; nil if it has none.
    func view(_ key: VariableKey) -> ByteView? { find(key).map { bytes.view[$0.value] } }

    /// Sets a variable if the conditions hold; false if it did not fit into `room` bytes for all of the store. Memory comes from
    /// `pool`, or from the system.
    @discardableResult
    mutating func set(
        _ key: VariableKey, to sample: Sample, _ conditions: VariableConditions = [],
        room: Int = VariableStore.most, pool: BufferPool? = nil
    ) -> Bool {
        // Mostly it is the first.
        let old = bytes.isEmpty ? nil : find(key)
        if !conditions.isEmpty,
            !conditions.allow(sample, scope: key.scope, isSet: old != nil, number: number(old))
        {
            return true
        }
        let place = Place(key: key, old: old?.range, room: min(room, VariableStore.most))
        let (kind, value): (Kind, ByteView)
        switch sample {
        case .string(let text): (kind, value) = (.string, text)
        case .binary(let bytes): (kind, value) = (.binary, bytes)
        case .method(let name): (kind, value) = (.method, name)
        case .boolean(let value): return write(.boolean, value ? 1 : 0, 0, count: 8, place, pool)
        case .integer(let value): return write(.integer, UInt64(bitPattern: value), 0, count: 8, place, pool)
        case .address(let address): return write(address, place, pool)
        }
        guard makeRoom(for: value.count, place, pool) else { return false }
        return bytes.write {
            $0.append(key.hash, VariableStore.head(kind, key, value.count), count: 16)
            $0.append(value)
        }
    }

    /// Where a value goes: behind all others, in place of the one before.
    private struct Place {
        let key: VariableKey
        let old: Range<Int>?
        let room: Int
    }

    private mutating func write(_ address: SocketAddress, _ place: Place, _ pool: BufferPool?) -> Bool {
        if let number = address.v4Number { return write(.v4, UInt64(number), 0, count: 8, place, pool) }
        let (high, low) = (
            UInt64(truncatingIfNeeded: address.v6Number >> 64), UInt64(truncatingIfNeeded: address.v6Number)
        )
        return write(.v6, high, low, count: 16, place, pool)
    }

    /// Writes the first bytes of two words.
    private mutating func write(
        _ kind: Kind, _ first: UInt64, _ second: UInt64, count: Int, _ place: Place, _ pool: BufferPool?
    ) -> Bool {
        guard makeRoom(for: count, place, pool) else { return false }
        return bytes.write {
            $0.append(place.key.hash, VariableStore.head(kind, place.key, count), count: 16)
            $0.append(first, second, count: count)
        }
    }

    /// Takes the old value away if the new one fits.
    @inline(__always)
    private mutating func makeRoom(for count: Int, _ place: Place, _ pool: BufferPool?) -> Bool {
        let needed = VariableStore.headSize + count
        let total = bytes.count - (place.old?.count ?? 0) + needed
        guard total <= place.room else { return false }
        if let old = place.old { bytes.remove(old) }
        if bytes.room < needed { grow(to: total, pool) }
        return true
    }

    /// What stands behind the hash.
    private static func head(_ kind: Kind, _ key: VariableKey, _ count: Int) -> UInt64 {
        UInt64(kind.rawValue) | UInt64(key.scope.code) << 8 | UInt64(count) << 32
    }

    mutating func unset(_ key: VariableKey) {
        if let entry = find(key) { bytes.remove(entry.range) }
    }

    /// Forgets all of them and keeps the memory.
    mutating func removeAll() { bytes.reset() }

    /// Gives the memory back.
    mutating func end(_ pool: BufferPool) { pool.takeBack(&bytes) }

    private mutating func grow(to count: Int, _ pool: BufferPool?) {
        if let pool, !bytes.hasMemory { return pool.lend(to: &bytes, atLeast: count) }
        var larger = Buffer()
        let size = bytes.hasMemory ? max(count, 2 * Int(bytes.capacity)) : count
        if let pool {
            pool.lend(to: &larger, atLeast: size)
        } else {
            larger = Buffer(capacity: max(256, size))
        }
        larger.append(bytes.view)
        swap(&larger, &bytes)
        pool?.takeBack(&larger)
    }

    private func find(_ key: VariableKey) -> Entry? {
        var at = 0
        while let entry = entry(at: at) {
            if entry.scope == key.scope.code, bytes.view.word(at: at) == key.hash { return entry }
            at = entry.range.upperBound
        }
        return nil
    }

    private func entry(at place: Int) -> Entry? {
        guard place + VariableStore.headSize <= bytes.count else { return nil }
        let word = bytes.view.word(at: place + 8)
        guard let kind = Kind(rawValue: UInt8(truncatingIfNeeded: word)) else { return nil }
        let end = place + VariableStore.headSize + Int(word >> 32)
        return Entry(range: place..<end, kind: kind, scope: UInt8(truncatingIfNeeded: word >> 8))
    }

    private func number(_ entry: Entry?) -> Int64? {
        guard let entry, entry.kind == .integer else { return nil }
        return Int64(bitPattern: bytes.view.word(at: entry.value.lowerBound))
    }
}

extension Variable.Scope {
    fileprivate var code: UInt8 {
        switch self {
        case .process: 0
        case .session: 1
        case .transaction: 2
        case .request: 3
        case .response: 4
        case .check: 5
        }
    }
}

extension Sample {
    /// A value that was stored, from its bytes.
    init(_ kind: VariableStore.Kind, _ value: ByteView) {
        self =
            switch kind {
            case .boolean: .boolean(value.word(at: 0) != 0)
            case .integer: .integer(Int64(bitPattern: value.word(at: 0)))
            case .v4: .address(SocketAddress(v4: UInt32(truncatingIfNeeded: value.word(at: 0))))
            case .v6:
                .address(SocketAddress(v6: UInt128(value.word(at: 0)) << 64 | UInt128(value.word(at: 8))))
            case .string: .string(value)
            case .binary: .binary(value)
            case .method: .method(value)
            }
    }
}
