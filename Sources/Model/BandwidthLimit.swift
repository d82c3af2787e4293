/// How fast the bytes of an exchange's bodies may pass one way, evenly: HAProxy's `filter bwlim-in` and `bwlim-out`, nginx's
/// `limit_rate`. Of a TCP session it is all bytes.
public struct BandwidthLimit: Sendable, Equatable {
    /// Where it is declared, and under which name: set again for the same exchange, it takes the place of what was set before.
    public var section: String
    /// The same.
    public var name: String
    /// What is held back.
    public var direction: Direction
    /// So many bytes…
    public var bytes: Int
    /// … in so many milliseconds.
    public var period: Int
    /// What passes before that at once. Default 0.
    public var burst: Int64
    /// So many bytes pass at a time, or more; 0, the default, leaves that to the engine.
    public var leastPiece: Int
    /// Whether upgraded connections and TCP sessions are held back too. Default true.
    public var includesTunnels: Bool
    /// What gives other numbers for an exchange, if it gives one above 0; nil, the default, is nothing.
    public var chosenBytes: Expression?
    /// The same.
    public var chosenPeriod: Expression?

    /// Who shares it; nil, the default, is that each exchange has its own.
    public var sharing: Sharing?

    /// Exchanges with one key have a limit together, and what passes of them is counted in a stick table.
    public struct Sharing: Sendable, Equatable {
        /// What gives the key; an exchange without one is not held back.
        public var key: Expression
        /// Where it is counted: the table stores `bytes_in_rate` or `bytes_out_rate`, whose period is the limit's.
        public var table: TableName

        /// Those with a key in a table.
        public init(by key: Expression, in table: TableName) { (self.key, self.table) = (key, table) }
    }

    /// What the table has to store of them.
    public var storedRate: StoredData.Kind { direction == .request ? .bytesInRate : .bytesOutRate }

    /// Which way bytes go.
    public enum Direction: Sendable, Equatable {
        /// From clients to servers.
        case request
        /// From servers to clients.
        case answer
    }

    /// So many bytes in so much time.
    public init(section: String, name: String, _ direction: Direction, bytes: Int, period: Int) {
        (self.section, self.name, self.direction) = (section, name, direction)
        (self.bytes, self.period, burst, leastPiece) = (bytes, period, 0, 0)
        (includesTunnels, chosenBytes, chosenPeriod, sharing) = (true, nil, nil, nil)
    }

    /// What its numbers can be had from.
    public var needs: SampleLayers {
        (chosenBytes?.needs ?? []).union(chosenPeriod?.needs ?? []).union(sharing?.key.needs ?? [])
    }
}
