/// The name of a stick table, unique in a configuration: in haproxy.cfg that of the section which declares it.
public struct TableName: Sendable, Hashable, CustomStringConvertible {
    /// The name as it is printed.
    public let description: String

    /// Names a table.
    public init(_ name: String) { description = name }
}

/// What is remembered by key over requests: HAProxy's `stick-table`. Its entries are common to all workers, and survive every
/// publish that leaves its name, its type and what it stores alone.
public struct StickTable: Sendable, Equatable {
    /// What keys are.
    public var type: TableKeyType
    /// The most entries.
    public var size: Int
    /// Milliseconds without use after which an entry is forgotten; 0, the default, is never.
    public var expire: Int
    /// Whether a full table takes nothing new (`nopurge`) instead of forgetting what was used longest ago. Default no.
    public var keepsEntries: Bool
    /// What servers are remembered by (`srvkey`).
    public var serverKey: TableServerKey
    /// What each entry holds.
    public var stored: [StoredData]
    /// The `peers` section whose others are told of its entries, and tell theirs; nil is nobody.
    public var peers: String?

    /// A table that holds nothing but keys.
    public init(type: TableKeyType, size: Int, stored: [StoredData] = []) {
        self.type = type
        self.size = size
        expire = 0
        keepsEntries = false
        serverKey = .name
        self.stored = stored
        peers = nil
    }

    /// The longest keys that are kept whole.
    public static let longestKey = 16_384
    /// The most elements of `gpt`, `gpc` and `gpc_rate`.
    public static let mostElements = 100

    /// What makes these settings unusable; nil if nothing does. Whoever builds the configuration reports it.
    public var flaw: StickTableFlaw? {
        guard (1...Int(Int32.max)).contains(size) else { return .size }
        guard (0...Int(Int32.max)).contains(expire) else { return .expire }
        switch type {
        case .string(let length), .binary(let length):
            guard (1...StickTable.longestKey).contains(length) else { return .keyLength }
        case .ip, .ipv6, .integer: break
        }
        for (place, data) in stored.enumerated() {
            if stored[..<place].contains(where: { $0.kind == data.kind }) { return .twice(data.kind) }
            if data.kind.isRate, !(1...Int(Int32.max)).contains(data.period) { return .period(data.kind) }
            if let array = data.kind.array, stored.contains(where: { $0.kind == array }) {
                return .overridden(data.kind, by: array)
            }
            guard (1...(data.kind.isArray ? StickTable.mostElements : 1)).contains(data.count) else {
                return .elements(data.kind)
            }
        }
        return nil
    }
}

/// What the keys of a stick table are.
public enum TableKeyType: Sendable, Hashable {
    /// IPv4 addresses; also those that stand in an IPv6 address.
    case ip
    /// IPv6 addresses; IPv4 ones are mapped.
    case ipv6
    /// Numbers of 32 bits.
    case integer
    /// Text, cut at so many bytes.
    case string(length: Int)
    /// So many bytes: longer ones are cut, shorter ones filled up with zeros.
    case binary(length: Int)
}

/// What a server is remembered by, besides its id.
public enum TableServerKey: Sendable, Hashable {
    /// Its name.
    case name
    /// Its address and port.
    case address
}

/// One thing that entries of a stick table hold.
public struct StoredData: Sendable, Hashable {
    /// What it is.
    public var kind: Kind
    /// How many of it, of arrays.
    public var count: Int
    /// Of rates: over so many milliseconds.
    public var period: Int

    /// A number, a rate over `period`, or an array of `count`.
    public init(_ kind: Kind, count: Int = 1, period: Int = 0) {
        self.kind = kind
        self.count = count
        self.period = period
    }

    /// What there is, by HAProxy's names and in its order.
    public enum Kind: String, Sendable, CaseIterable {
        case serverID = "server_id"
        case gpt0
        case gpc0
        case gpc0Rate = "gpc0_rate"
        case connections = "conn_cnt"
        case connectionRate = "conn_rate"
        case openConnections = "conn_cur"
        case sessions = "sess_cnt"
        case sessionRate = "sess_rate"
        case requests = "http_req_cnt"
        case requestRate = "http_req_rate"
        case errors = "http_err_cnt"
        case errorRate = "http_err_rate"
        case bytesIn = "bytes_in_cnt"
        case bytesInRate = "bytes_in_rate"
        case bytesOut = "bytes_out_cnt"
        case bytesOutRate = "bytes_out_rate"
        case gpc1
        case gpc1Rate = "gpc1_rate"
        case serverKey = "server_key"
        case failures = "http_fail_cnt"
        case failureRate = "http_fail_rate"
        case gpt
        case gpc
        case gpcRate = "gpc_rate"

        /// Whether it is counted over a period.
        public var isRate: Bool { rawValue.hasSuffix("_rate") }
        /// The array that takes its place: not both are stored.
        public var array: Kind? {
            switch self {
            case .gpt0: .gpt
            case .gpc0, .gpc1: .gpc
            case .gpc0Rate, .gpc1Rate: .gpcRate
            default: nil
            }
        }
        /// Whether there is a number of it.
        public var isArray: Bool { self == .gpt || self == .gpc || self == .gpcRate }
    }
}

/// Why the settings of a stick table are unusable.
public enum StickTableFlaw: Sendable, Equatable {
    /// No entries, or too many.
    case size
    /// A negative time, or one beyond 24 days.
    case expire
    /// Keys of no length, or too long ones.
    case keyLength
    /// The same data a second time.
    case twice(StoredData.Kind)
    /// One of its kind and the array of them.
    case overridden(StoredData.Kind, by: StoredData.Kind)
    /// A rate without a period, or one beyond 24 days.
    case period(StoredData.Kind)
    /// Too few or too many elements.
    case elements(StoredData.Kind)
}
