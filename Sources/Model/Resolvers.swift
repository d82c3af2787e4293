/// Name servers that are asked for the addresses of servers, and how long what they say counts: HAProxy's `resolvers`
/// sections. Times are milliseconds.
public struct Resolvers: Sendable, Hashable {
    /// What `server` lines and rules call it.
    public var name: String
    /// Who is asked; all of them at once, and the first usable answer counts.
    public var nameServers: [NameServer]
    /// How long what was known counts once it is not confirmed any more.
    public var hold: Hold
    /// How often a question is put before it is given up.
    public var tries: Int
    /// From one answer to the next question about the same name.
    public var interval: Int
    /// How long an answer is waited for until the question is put again.
    public var retryTimeout: Int
    /// The largest answer that is taken, in bytes; name servers are told it.
    public var answerSize: Int

    /// HAProxy's values where nothing is said.
    public init(name: String, nameServers: [NameServer] = []) {
        self.name = name
        self.nameServers = nameServers
        hold = Hold()
        tries = 3
        interval = 1_000
        retryTimeout = 1_000
        answerSize = 512
    }

    /// The name of the section that there is without a line, with the name servers of this machine.
    public static var defaultName: String { "default" }

    /// Who is asked.
    public struct NameServer: Sendable, Hashable {
        /// What counters call it.
        public var name: String
        /// IPv4 or IPv6 address in text form.
        public var address: String
        /// Its port.
        public var port: UInt16
        /// Whether it is asked over TCP.
        public var usesTCP: Bool

        /// A name server asked by datagrams.
        public init(name: String, address: String, port: UInt16 = 53, usesTCP: Bool = false) {
            self.name = name
            self.address = address
            self.port = port
            self.usesTCP = usesTCP
        }
    }

    /// For how long addresses are used after the last good answer, by what was answered since.
    public struct Hold: Sendable, Hashable {
        /// A good answer is given to rules again without a question.
        public var valid = 10_000
        /// A record that good answers do not have any more.
        public var obsolete = 0
        /// There is no such name.
        public var absent = 30_000
        /// The name servers refuse to say.
        public var refused = 30_000
        /// Nobody answers.
        public var timeout = 30_000
        /// What else goes wrong.
        public var other = 30_000

        /// HAProxy's values.
        public init() {}
    }
}

/// How a server's address is found while the process runs.
public struct ServerResolution: Sendable, Hashable {
    /// The name that is asked for: a host's, or of a service (`_http._tcp.example.com`), whose SRV records say hosts and ports.
    public var name: String
    /// Where it listens; 0 if only records of the service say it.
    public var port: UInt16
    /// The section of name servers; nil asks nobody: the server has an address when an operator gives it one.
    public var resolvers: String?
    /// Whether the name is a service's.
    public var isService: Bool
    /// Whether IPv4 addresses are wanted first, as HAProxy's `resolve-prefer ipv4` says. Default IPv6.
    public var prefersV4: Bool
    /// HAProxy's `resolve-net`: addresses in these networks first; IPv4 and IPv6 in CIDR form.
    public var networks: [String]
    /// HAProxy's `allow-dup-ip`: several servers of a backend may have one address. Default off.
    public var allowsDuplicates: Bool
    /// HAProxy's `ignore-weight`: weights of SRV records do not count. Default off.
    public var ignoresWeight: Bool

    /// A resolution of HAProxy's defaults.
    public init(of name: String, port: UInt16, by resolvers: String?) {
        self.name = name
        self.port = port
        self.resolvers = resolvers
        isService = name.utf8.first == UInt8(ascii: "_")
        prefersV4 = false
        networks = []
        allowsDuplicates = false
        ignoresWeight = false
    }
}

extension Server {
    /// Whether it has no address so far.
    public var isWithoutAddress: Bool { address.isEmpty && self.resolution != nil }
}
