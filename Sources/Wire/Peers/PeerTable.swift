/// A table as one peer announces it to another: what keys are and what every entry holds.
public struct PeerTable: Equatable, Sendable {
    /// The sender's number for it.
    public var id: UInt64
    /// The name that both sides know it by.
    public var name: String
    /// What keys are.
    public var keys: Keys
    /// Bytes of a key; of texts one more than the longest has.
    public var keySize: Int
    /// What entries hold, by rising number.
    public var data: [Data]
    /// Milliseconds after which entries are forgotten; 0 is never.
    public var expire: UInt64

    /// What keys are, by the protocol's numbers.
    public enum Keys: UInt64, Sendable {
        case integer = 2
        case ip = 4
        case ipv6 = 5
        case string = 6
        case binary = 7
    }

    /// One thing that entries hold, by the protocol's number.
    public struct Data: Equatable, Sendable {
        /// Which.
        public var number: Int
        /// Elements, of arrays; else 1.
        public var count: Int
        /// Milliseconds, of rates.
        public var period: UInt64

        /// A number, a rate over `period`, or an array of `count`.
        public init(_ number: Int, count: Int = 1, period: UInt64 = 0) {
            (self.number, self.count, self.period) = (number, count, period)
        }

        /// Whether it is counted over a period, as `http_req_rate` is.
        public var isRate: Bool { [3, 5, 8, 10, 12, 14, 16, 18, 21, 24, 26].contains(number) }
        /// Whether there is a number of it.
        public var isArray: Bool { (22...24).contains(number) }
        /// Whether it is the name of a server.
        public var isName: Bool { number == 19 }
    }

    /// The most elements of an array.
    public static let mostElements = 100
    /// The highest number of data that this side knows how to read.
    public static let lastNumber = 26

    /// A table from its parts.
    public init(id: UInt64, name: String, keys: Keys, keySize: Int, data: [Data], expire: UInt64) {
        (self.id, self.name, self.keys) = (id, name, keys)
        (self.keySize, self.data, self.expire) = (keySize, data, expire)
    }

    /// Reads the payload of an announcement; nil if its keys or data are of a kind that is not known here. Senders before 2.1 leave out
    /// what follows the kinds of data.
    static func read(_ payload: ArraySlice<UInt8>) throws(PeerFault) -> PeerTable? {
        var cursor = PeerCursor(payload)
        guard let id = cursor.number(), let length = cursor.count(most: payload.count), length > 0,
            let name = cursor.bytes(length), let type = cursor.number(),
            let size = cursor.count(most: PeerDecoder.mostPayload), let bits = cursor.number()
        else { throw .malformed }
        guard let keys = Keys(rawValue: type), bits >> UInt64(lastNumber + 1) == 0 else { return nil }
        var table = PeerTable(
            id: id, name: String(decoding: name, as: UTF8.self), keys: keys, keySize: size,
            data: (0...lastNumber).filter { bits >> UInt64($0) & 1 == 1 }.map { Data($0) }, expire: 0)
        guard let expire = cursor.number() else { return table.data.contains(where: \.isArray) ? nil : table }
        table.expire = expire
        try table.readSettings(&cursor)
        return table
    }

    /// How many elements there are, and what periods.
    private mutating func readSettings(_ cursor: inout PeerCursor) throws(PeerFault) {
        for i in data.indices where data[i].isArray || data[i].isRate {
            guard cursor.number() == UInt64(data[i].number) else { throw .malformed }
            if data[i].isArray {
                guard let count = cursor.count(most: PeerTable.mostElements) else { throw .malformed }
                data[i].count = count
            }
            if data[i].isRate {
                guard let period = cursor.number() else { throw .malformed }
                data[i].period = period
            }
        }
    }

    /// The announcement as it is sent.
    public var bytes: [UInt8] {
        var payload: [UInt8] = []
        payload.append(peerNumber: id)
        payload.append(peerNumber: UInt64(name.utf8.count))
        payload += name.utf8
        payload.append(peerNumber: keys.rawValue)
        payload.append(peerNumber: UInt64(keySize))
        payload.append(peerNumber: data.reduce(0) { $0 | 1 << UInt64($1.number) })
        payload.append(peerNumber: expire)
        for data in data where data.isArray || data.isRate {
            payload.append(peerNumber: UInt64(data.number))
            if data.isArray { payload.append(peerNumber: UInt64(data.count)) }
            if data.isRate { payload.append(peerNumber: data.period) }
        }
        return PeerType.message(PeerType.definition, payload)
    }
}
