import Model

/// What a configuration may ask of the machine: this room reads no file and asks no name server itself.
public struct Surroundings: Sendable {
    /// The environment's variables.
    public var environment: [String: String]
    /// What a path leads to.
    public var read: @Sendable (String) -> FileContent
    /// The first address of a host name, asked once, when the configuration is read; nil if there is none.
    public var resolve: @Sendable (String) -> String?
    /// Whether a text is a regular expression.
    public var isPattern: @Sendable (String) -> Bool = { _ in true }
    /// Whether a text is a hash of a password.
    public var isPasswordHash: @Sendable (String) -> Bool = { _ in true }
    /// Whether a text is the name of a hash function.
    public var isDigest: @Sendable (String) -> Bool = { _ in true }
    /// The number of a user of this machine; nil if there is none of that name.
    public var user: @Sendable (String) -> UInt32? = { _ in nil }
    /// The same of a group.
    public var group: @Sendable (String) -> UInt32? = { _ in nil }
    /// The server names a certificate is for, from its PEM text.
    public var certificateNames: @Sendable ([UInt8]) -> [String] = { _ in [] }

    /// The section that is being read.
    var section = ""
    /// The pages of the `http-errors` sections that have ended.
    var pages: [String: [UInt16: ErrorPage]] = [:]
    /// The lists that files have named so far.
    var patterns = PatternFiles()
    /// Whether the program was started as haproxy is: what `global` says about the process counts then.
    public var isHAProxy = false
    /// Who this process is among peers, if the command line says so (`-L`).
    public var localPeer: String?
    /// Whether servers whose names have no address are out of service, instead of a mistake (`-dr`).
    public var toleratesUnknownNames = false
    /// What the machine is called.
    public var hostName = "localhost"

    /// Surroundings from their parts.
    public init(
        environment: [String: String], read: @escaping @Sendable (String) -> FileContent,
        resolve: @escaping @Sendable (String) -> String?
    ) {
        self.environment = environment
        self.read = read
        self.resolve = resolve
    }

    /// No file, no name, no variable.
    public static let nothing = Surroundings(
        environment: [:], read: { _ in .unreadable("there are no files here") }, resolve: { _ in nil })
}

/// What a path leads to.
public enum FileContent: Sendable, Equatable {
    /// A file's bytes.
    case file([UInt8])
    /// The names in a folder, in any order.
    case folder([String])
    /// Nothing that can be read, and why.
    case unreadable(String)
}
