/// Who gets lines of a log, and in which form: one `log` line of HAProxy's.
public struct LogTarget: Sendable, Equatable, Hashable {
    /// Where it is.
    public var address: LogAddress
    /// What stands in front of each line; nil is `rfc3164` where lines say their host, else `local`. Rings have their own.
    public var framing: LogFraming?
    /// The most bytes of a line, framing included, without the line's end.
    public var maxLength: Int
    /// What kind of program the lines are from.
    public var facility: LogFacility
    /// Less important lines are left out.
    public var leastLevel: LogLevel
    /// More important lines are said to be of this level.
    public var mostLevel: LogLevel
    /// Which lines of how many; nil is all.
    public var sample: LogSample?

    /// All lines in HAProxy's default form.
    public init(_ address: LogAddress, facility: LogFacility = .local0) {
        self.address = address
        framing = nil
        maxLength = 1_024
        self.facility = facility
        leastLevel = .debug
        mostLevel = .emergency
        sample = nil
    }
}

/// Where lines of a log go.
public enum LogAddress: Sendable, Equatable, Hashable {
    /// One datagram for each line.
    case udp(String, port: UInt16)
    case unixDatagram(path: String)
    /// A descriptor the process was started with: 1 is stdout, 2 is stderr.
    case descriptor(Int32)
    case ring(LogRing)
}

/// A bounded store of lines that are sent on over connections: HAProxy's `ring`.
public struct LogRing: Sendable, Equatable, Hashable {
    /// Its name.
    public var name: String
    /// What stands in front of each line; nil is what the target says.
    public var framing: LogFraming?
    /// The most bytes of a line; 0 is what the target says.
    public var maxLength: Int
    /// The most bytes of all lines; the oldest are lost first.
    public var size: Int
    /// Who it is sent to.
    public var servers: [Server]
    /// How long a connection may take to come about, in milliseconds; 0 is no limit.
    public var connectTimeout: Int

    /// One end of a connection.
    public struct Server: Sendable, Equatable, Hashable {
        /// IPv4 or IPv6 address in text form.
        public var address: String
        /// TCP port.
        public var port: UInt16
        /// Whether the length of each line stands in front of it (RFC 6587, 3.4.1); else a line feed ends it.
        public var countsOctets: Bool

        /// A server from its parts.
        public init(_ address: String, port: UInt16, countsOctets: Bool = false) {
            (self.address, self.port, self.countsOctets) = (address, port, countsOctets)
        }
    }

    /// An empty ring of HAProxy's size.
    public init(name: String) {
        self.name = name
        framing = .raw
        maxLength = 1_024
        size = 16_384
        servers = []
        connectTimeout = 0
    }
}

/// What stands in front of a line, under HAProxy's names.
public enum LogFraming: String, Sendable, CaseIterable {
    /// As RFC 3164, without the host.
    case local
    case rfc3164
    case rfc5424
    /// `<134>`.
    case priority
    /// `<6>`, for systemd.
    case short
    /// That and the time.
    case timed
    /// The time.
    case iso
    case raw
}

/// Levels of lines, the most important first.
public enum LogLevel: UInt8, Sendable, CaseIterable, Comparable {
    case emergency, alert, critical, error, warning, notice, information, debug

    /// HAProxy's names.
    public static let names = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"]

    /// A level by its name.
    public init?(name: String) {
        guard let index = LogLevel.names.firstIndex(of: name) else { return nil }
        self = LogLevel.allCases[index]
    }

    /// The name.
    public var name: String { LogLevel.names[Int(rawValue)] }

    /// Whether one is more important.
    public static func < (one: LogLevel, other: LogLevel) -> Bool { one.rawValue < other.rawValue }
}

/// What kind of program lines are from: syslog's facilities, by their numbers.
public struct LogFacility: Sendable, Equatable, Hashable {
    /// 0 to 23.
    public let code: UInt8

    /// HAProxy's names, by number.
    public static let names = [
        "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "auth2", "ftp",
        "ntp", "audit", "alert", "cron2", "local0", "local1", "local2", "local3", "local4", "local5",
        "local6",
        "local7",
    ]

    /// What most use for a proxy.
    public static let local0 = LogFacility(code: 16)

    private init(code: UInt8) { self.code = code }

    /// A facility by its name.
    public init?(name: String) {
        guard let index = LogFacility.names.firstIndex(of: name) else { return nil }
        code = UInt8(index)
    }

    /// The name.
    public var name: String { LogFacility.names[Int(code)] }
}

/// Which lines are taken: of each `size` lines those of these numbers, counted from 1.
public struct LogSample: Sendable, Equatable, Hashable {
    /// In order, and apart.
    public let ranges: [ClosedRange<Int>]
    /// At least the last number.
    public let size: Int

    /// Reads `2-3,8:20`; nil if it is none.
    public init?(_ text: String) {
        let halves = text.split(separator: ":", omittingEmptySubsequences: false)
        guard halves.count == 2, let size = Int(halves[1]), size > 0 else { return nil }
        var ranges: [ClosedRange<Int>] = []
        for piece in halves[0].split(separator: ",", omittingEmptySubsequences: false) {
            let ends = piece.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard ends.count <= 2, let low = ends.first ?? nil, let high = ends.last ?? nil, low > 0,
                low <= high,
                high <= size, !ranges.contains(where: { $0.overlaps(low...high) })
            else { return nil }
            ranges.append(low...high)
        }
        self.ranges = ranges.sorted { $0.lowerBound < $1.lowerBound }
        self.size = size
    }

    /// Whether the line of a number is taken, the first being 0.
    public func takes(_ number: Int) -> Bool {
        let place = number % size + 1
        return ranges.contains { $0.contains(place) }
    }
}

extension LogSample: CustomStringConvertible {
    /// As haproxy.cfg has it.
    public var description: String {
        let list = ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
        return "\(list.joined(separator: ",")):\(size)"
    }
}
