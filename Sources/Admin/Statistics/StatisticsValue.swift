/// One value of a row, and what HAProxy's typed format says about it.
struct StatisticsValue: Equatable, Sendable {
    /// Where it comes from, what it is, and for whom it holds: one letter each.
    let tags: String
    let content: Content

    /// What it is.
    enum Content: Equatable, Sendable {
        case text(String)
        case small(UInt64)
        case large(UInt64)
        case signed(Int64)
    }

    /// A number of the moment.
    static func gauge(_ number: UInt64) -> StatisticsValue { .init(tags: "MGP", content: .small(number)) }
    /// The most there was of something.
    static func most(_ number: UInt64) -> StatisticsValue { .init(tags: "MMP", content: .small(number)) }
    /// The most there may be.
    static func limit(_ number: UInt64) -> StatisticsValue { .init(tags: "CLP", content: .small(number)) }
    static func counter(_ number: UInt64) -> StatisticsValue { .init(tags: "MCP", content: .large(number)) }
    static func seconds(_ number: UInt64) -> StatisticsValue { .init(tags: "MCP", content: .small(number)) }
    static func rate(_ number: UInt64) -> StatisticsValue { .init(tags: "MRP", content: .small(number)) }
    static func average(_ number: UInt64) -> StatisticsValue { .init(tags: "MaP", content: .small(number)) }
    static func duration(_ number: UInt64) -> StatisticsValue { .init(tags: "MDP", content: .large(number)) }
    /// Seconds since something; nil is never.
    static func age(_ seconds: UInt64?) -> StatisticsValue {
        .init(tags: "MAP", content: .signed(seconds.map { Int64(clamping: $0) } ?? -1))
    }
    static func output(_ text: String) -> StatisticsValue { .init(tags: "MOP", content: .text(text)) }
    static func outputCode(_ number: UInt64) -> StatisticsValue {
        .init(tags: "MOP", content: .small(number))
    }
    static func status(_ text: String) -> StatisticsValue { .init(tags: "SGP", content: .text(text)) }
    static func statusFlag(_ isSet: Bool) -> StatisticsValue {
        .init(tags: "SGP", content: .small(isSet ? 1 : 0))
    }
    static func name(_ text: String) -> StatisticsValue { .init(tags: "KNS", content: .text(text)) }
    static func key(_ number: UInt64) -> StatisticsValue { .init(tags: "KGS", content: .small(number)) }
    static let process = StatisticsValue(tags: "KGP", content: .small(1))
    static func setting(_ text: String) -> StatisticsValue { .init(tags: "CGS", content: .text(text)) }
    static func setting(_ number: Int) -> StatisticsValue {
        .init(tags: "CGS", content: .small(UInt64(max(0, number))))
    }
    static func namedSetting(_ text: String) -> StatisticsValue { .init(tags: "CNS", content: .text(text)) }

    /// As it stands in a line.
    var text: String {
        switch content {
        case .text(let text): text
        case .small(let number), .large(let number): "\(number)"
        case .signed(let number): "\(number)"
        }
    }

    /// The typed format's word for it.
    var type: String {
        switch content {
        case .text: "str"
        case .small: "u32"
        case .large: "u64"
        case .signed: "s32"
        }
    }

    /// Its number, if it is one.
    var number: UInt64? {
        switch content {
        case .text: nil
        case .small(let number), .large(let number): number
        case .signed(let number): number < 0 ? nil : UInt64(number)
        }
    }
}

/// A line of statistics: what is known of a frontend, a backend or a server.
struct StatisticsRow: Sendable {
    let kind: Kind
    let proxyID: UInt64
    let serviceID: UInt64
    /// By column; nil is nothing.
    private(set) var values: [StatisticsValue?]

    /// Of whom it tells, with HAProxy's numbers.
    enum Kind: Int, Sendable {
        case frontend = 0
        case backend = 1
        case server = 2
        case listener = 3

        /// As the typed format begins.
        var letter: String {
            switch self {
            case .frontend: "F"
            case .backend: "B"
            case .server: "S"
            case .listener: "L"
            }
        }

        /// As JSON names it.
        var word: String {
            switch self {
            case .frontend: "Frontend"
            case .backend: "Backend"
            case .server: "Server"
            case .listener: "Listener"
            }
        }
    }

    /// A line that says whom it tells of.
    init(_ kind: Kind, proxy: String, service: String, proxyID: UInt64, serviceID: UInt64, mode: String) {
        (self.kind, self.proxyID, self.serviceID) = (kind, proxyID, serviceID)
        values = Array(repeating: nil, count: StatisticsColumn.allCases.count)
        self[.proxy] = .name(proxy)
        self[.service] = .name(service)
        self[.process] = .process
        self[.proxyID] = .key(proxyID)
        self[.serviceID] = .key(serviceID)
        self[.type] = .setting(kind.rawValue)
        self[.mode] = .setting(mode)
    }

    /// What stands in a column.
    subscript(column: StatisticsColumn) -> StatisticsValue? {
        get { values[column.place] }
        set { values[column.place] = newValue }
    }
}
