/// An entry of a table as it is told to a peer.
public struct PeerUpdate: Equatable, Sendable {
    /// The number of the update; nil is the one after the last.
    public var id: UInt32?
    /// Milliseconds until the entry is forgotten; nil is as long as the table says.
    public var expiresIn: UInt32?
    /// Texts without their end, addresses in network order, numbers as four bytes, the highest first.
    public var key: [UInt8]
    /// What the entry holds, in the order of the table's data; elements of arrays one after the other.
    public var values: [Value]

    /// One thing that an entry holds.
    public enum Value: Equatable, Sendable {
        case number(UInt64)
        case rate(Rate)
        /// The name of a server; nil is none.
        case name([UInt8]?)
    }

    /// What was counted in the current and in the previous period.
    public struct Rate: Equatable, Sendable {
        /// Milliseconds since the current one began.
        public var age: UInt64
        /// Counted since then.
        public var current: UInt64
        /// Counted in the one before.
        public var previous: UInt64

        /// A rate from its parts.
        public init(age: UInt64, current: UInt64, previous: UInt64) {
            (self.age, self.current, self.previous) = (age, current, previous)
        }
    }

    /// An update from its parts.
    public init(id: UInt32? = nil, expiresIn: UInt32? = nil, key: [UInt8], values: [Value]) {
        (self.id, self.expiresIn, self.key, self.values) = (id, expiresIn, key, values)
    }

    /// Reads the payload of a message. What follows the values is from later versions, and passed over.
    public init(
        reading payload: [UInt8], hasID: Bool, isTimed: Bool, of table: PeerTable,
        _ names: inout PeerNames
    ) throws(PeerFault) {
        var cursor = PeerCursor(payload[...])
        self.init(key: [], values: [])
        if hasID { id = try PeerUpdate.require(cursor.word()) }
        if isTimed { expiresIn = try PeerUpdate.require(cursor.word()) }
        let length: Int
        switch table.keys {
        case .string: length = try PeerUpdate.require(cursor.count(most: payload.count))
        case .integer: length = 4
        case .ip, .ipv6, .binary: length = table.keySize
        }
        key = Array(try PeerUpdate.require(cursor.bytes(length)))
        for data in table.data {
            for _ in 0..<data.count { values.append(try PeerUpdate.value(data, &cursor, &names)) }
        }
    }

    private static func require<Value>(_ value: Value?) throws(PeerFault) -> Value {
        guard let value else { throw .malformed }
        return value
    }

    private static func value(
        _ data: PeerTable.Data, _ cursor: inout PeerCursor, _ names: inout PeerNames
    ) throws(PeerFault) -> Value {
        let first = try require(cursor.number())
        if data.isRate {
            let current = try require(cursor.number())
            return .rate(Rate(age: first, current: current, previous: try require(cursor.number())))
        }
        guard data.isName else { return .number(first) }
        guard first > 0 else { return .name(nil) }
        guard first <= UInt64(cursor.count) else { throw .malformed }
        return .name(try names.read(try require(cursor.bytes(Int(first)))))
    }

    /// The update as it is sent.
    public func bytes(of table: PeerTable, _ names: inout PeerNames) -> [UInt8] {
        var payload: [UInt8] = []
        if let id { payload.append(peerWord: id) }
        if let expiresIn { payload.append(peerWord: expiresIn) }
        if table.keys == .string { payload.append(peerNumber: UInt64(key.count)) }
        payload += key
        for value in values {
            switch value {
            case .number(let number): payload.append(peerNumber: number)
            case .rate(let rate):
                for number in [rate.age, rate.current, rate.previous] { payload.append(peerNumber: number) }
            case .name(let name):
                guard let name else {
                    payload.append(peerNumber: 0)
                    continue
                }
                let text = names.write(name)
                payload.append(peerNumber: UInt64(text.count))
                payload += text
            }
        }
        let isTimed = expiresIn != nil
        let type =
            id == nil
            ? (isTimed ? PeerType.timedNextUpdate : PeerType.nextUpdate)
            : (isTimed ? PeerType.timedUpdate : PeerType.update)
        return PeerType.message(type, payload)
    }
}
