/// Processes that share stick tables: HAProxy's `peers` section. Each tells the others what its traffic changes, and a new one is
/// told everything by one of them.
public struct PeerSection: Sendable, Equatable {
    /// The name, by which tables refer to it.
    public var name: String
    /// What this process is called by the others.
    public var localName: String
    /// Where the others reach this process.
    public var binds: [Listening]
    /// Everybody, this process included, in the order of the file.
    public var peers: [Peer]
    /// Over how many parts of their keys entries are spread; 0, the default, tells everybody everything.
    public var shards: Int
    /// Whether nothing is shared for now.
    public var isDisabled: Bool

    /// An address that is listened on.
    public struct Listening: Sendable, Equatable {
        /// An IPv4 or IPv6 address; nil is all of this machine.
        public var address: String?
        /// Its port.
        public var port: UInt16
        /// How TLS is spoken to those who call; nil, the default, is without.
        public var tls: ListeningTLS?

        /// An address and a port.
        public init(_ address: String?, port: UInt16) {
            self.address = address
            self.port = port
            tls = nil
        }
    }

    /// TLS as it is spoken to peers that call: what `bind` of a section says.
    public struct ListeningTLS: Sendable, Equatable {
        /// What callers are shown, the first one if they ask for no name that another one has.
        public var certificates: [Certificate]
        /// Versions, ciphers and curves; nil, the default, are the engine's.
        public var parameters: TLSParameters?
        /// What is demanded of callers' certificates, in the handshake; nil, the default, is nothing.
        public var clientAuthentication: ClientAuthentication?
        /// Whether callers have to ask for a name that a certificate has. Default no.
        public var isStrict: Bool

        /// TLS with these certificates.
        public init(_ certificates: [Certificate]) {
            self.certificates = certificates
            (parameters, clientAuthentication, isStrict) = (nil, nil, false)
        }
    }

    /// One of them.
    public struct Peer: Sendable, Equatable {
        /// What it calls itself.
        public var name: String
        /// An IPv4 or IPv6 address; nil is not said, as of this process itself.
        public var address: String?
        /// Its port.
        public var port: UInt16
        /// Which part of the keys it is told, from 1; 0 is all.
        public var shard: Int
        /// How TLS is spoken when it is called; nil, the default, is without.
        public var tls: ServerTLS?

        /// A peer that is told everything.
        public init(_ name: String, address: String?, port: UInt16) {
            self.name = name
            self.address = address
            self.port = port
            shard = 0
            tls = nil
        }
    }

    /// A section of nobody.
    public init(_ name: String, localName: String) {
        self.name = name
        self.localName = localName
        binds = []
        peers = []
        shards = 0
        isDisabled = false
    }

    /// Whether this process is one of them; nothing is shared if not.
    public var hasLocal: Bool { peers.contains { $0.name == localName } }

    /// All others.
    public var remotes: [Peer] { peers.filter { $0.name != localName } }
}
