/// Which certificates are served for which server name.
///
/// A value: workers keep the copy they were given while the next one is prepared. Copying costs one reference per
/// bucket (0.1 ms at 10,000 names), looking up a hash and a comparison, however many names there are.
///
/// ```
///   "shop.example"    -> [ECDSA, RSA]      exact
///   ".example"        -> [ECDSA]           *.example: the name without its first label
///   (anything else)   -> defaultKeys
/// ```
public struct CertificateTable: Sendable {
    /// The certificates for handshakes without a server name and with one nobody configured.
    public private(set) var defaultKeys: [CertifiedKey]
    /// What is demanded of clients' certificates in handshakes without a server name and with one nobody configured.
    private var defaultVerification: ClientVerification?
    /// How many names demand any.
    private var verifications = 0
    /// What handshakes under no name, and under one nobody configured, are held to.
    private var defaultHandshake: NamedHandshake?
    /// How many names have settings of their own.
    private var handshakes = 0
    /// How many names have certificates or settings, or demand certificates.
    public private(set) var count = 0
    private var buckets: [[Entry]]

    private final class Entry: Sendable {
        let name: [UInt8]
        let keys: [CertifiedKey]
        let verification: ClientVerification?
        let handshake: NamedHandshake?

        init(
            name: [UInt8], keys: [CertifiedKey] = [], verification: ClientVerification? = nil,
            handshake: NamedHandshake? = nil
        ) {
            self.name = name
            self.keys = keys
            self.verification = verification
            self.handshake = handshake
        }
    }

    /// A table without names.
    public init(defaultKeys: [CertifiedKey] = []) {
        self.defaultKeys = Self.onePerType(defaultKeys)
        buckets = [[Entry]](repeating: [], count: 16)
    }

    /// Serves handshakes without a server name, and with one nobody configured, with `keys`: of two keys of one type the first is
    /// used.
    public mutating func setDefaultKeys(_ keys: [CertifiedKey]) { defaultKeys = Self.onePerType(keys) }

    /// Serves `pattern` (`shop.example` or `*.shop.example`, any case) with `keys`; an empty array removes it.
    ///
    /// Of two keys of one type the first is used. A pattern that can be no server name is ignored.
    public mutating func setKeys(_ keys: [CertifiedKey], for pattern: String) {
        guard let name = Self.key(of: pattern) else { return }
        let known = name.withUnsafeBytes(entry(_:))
        set(
            Entry(
                name: name, keys: Self.onePerType(keys), verification: known?.verification,
                handshake: known?.handshake))
    }

    /// Demands `verification` of the clients of `pattern`, nil nothing; the empty pattern is for every other name and for none.
    public mutating func setVerification(_ verification: ClientVerification?, for pattern: String) {
        guard !pattern.isEmpty else {
            defaultVerification = verification
            return
        }
        guard let name = Self.key(of: pattern) else { return }
        let known = name.withUnsafeBytes(entry(_:))
        verifications += (verification == nil ? 0 : 1) - (known?.verification == nil ? 0 : 1)
        set(
            Entry(
                name: name, keys: known?.keys ?? [], verification: verification, handshake: known?.handshake))
    }

    /// Holds handshakes under `pattern` to `handshake`, nil to what their listener has; the empty pattern is every other name
    /// and none.
    public mutating func setHandshake(_ handshake: NamedHandshake?, for pattern: String) {
        guard !pattern.isEmpty else {
            defaultHandshake = handshake
            return
        }
        guard let name = Self.key(of: pattern) else { return }
        let known = name.withUnsafeBytes(entry(_:))
        handshakes += (handshake == nil ? 0 : 1) - (known?.handshake == nil ? 0 : 1)
        set(
            Entry(
                name: name, keys: known?.keys ?? [], verification: known?.verification, handshake: handshake))
    }

    private mutating func set(_ entry: Entry) {
        let index = entry.name.withUnsafeBytes(bucket(of:))
        if let place = buckets[index].firstIndex(where: { $0.name == entry.name }) {
            buckets[index].remove(at: place)
            count -= 1
        }
        guard !entry.keys.isEmpty || entry.verification != nil || entry.handshake != nil else { return }
        buckets[index].append(entry)
        count += 1
        if count > buckets.count { grow() }
    }

    /// The certificates for a server name as the client sent it: the exact name, then the wildcard, then the default.
    public func keys(forServerName name: UnsafeRawBufferPointer) -> [CertifiedKey] {
        find(name) { $0.keys.isEmpty ? nil : $0.keys } ?? defaultKeys
    }

    /// Whether there are certificates for this name besides the default.
    func hasKeys(forServerName name: UnsafeRawBufferPointer) -> Bool {
        find(name) { $0.keys.isEmpty ? nil : true } ?? false
    }

    /// What is demanded of the client of a handshake under this name, found as its certificate is; empty is no name.
    func verification(forServerName name: UnsafeRawBufferPointer) -> ClientVerification? {
        guard verifications > 0 else { return defaultVerification }
        return find(name) { $0.verification } ?? defaultVerification
    }

    /// What the handshake under this name is held to; nil is its listener's alone.
    func handshake(forServerName name: UnsafeRawBufferPointer) -> NamedHandshake? {
        guard handshakes > 0 else { return defaultHandshake }
        return find(name) { $0.handshake } ?? defaultHandshake
    }

    /// As `keys(forServerName:)` for text.
    public func keys(forServerName name: String) -> [CertifiedKey] {
        var name = name
        return name.withUTF8 { keys(forServerName: UnsafeRawBufferPointer($0)) }
    }

    private func find<Found>(_ name: UnsafeRawBufferPointer, _ what: (Entry) -> Found?) -> Found? {
        // A leading dot would be a wildcard's key.
        guard count > 0, let first = name.first, first != UInt8(ascii: "."), name.count <= Self.longestName
        else {
            return nil
        }
        return withUnsafeTemporaryAllocation(byteCount: Self.longestName, alignment: 1) { scratch in
            let folded = ServerName.fold(name, into: scratch)
            if let found = entry(folded).flatMap(what) { return found }
            guard let dot = folded.firstIndex(of: UInt8(ascii: ".")) else { return nil }
            return entry(UnsafeRawBufferPointer(rebasing: folded[dot...])).flatMap(what)
        }
    }

    private func entry(_ name: UnsafeRawBufferPointer) -> Entry? {
        buckets[bucket(of: name)].first { $0.name.elementsEqual(name) }
    }

    private func bucket(of name: UnsafeRawBufferPointer) -> Int {
        // Seeded per process: nobody can choose names that fall into one bucket.
        var hasher = Hasher()
        hasher.combine(bytes: name)
        return hasher.finalize() & (buckets.count - 1)
    }

    private mutating func grow() {
        let entries = buckets.joined()
        buckets = [[Entry]](repeating: [], count: buckets.count * 2)
        for entry in entries { buckets[entry.name.withUnsafeBytes(bucket(of:))].append(entry) }
    }

    private static let longestName = 255

    /// The bytes a pattern is stored under, or nil if no client could ask for it.
    private static func key(of pattern: String) -> [UInt8]? {
        var name = Array(pattern.lowercased().utf8)
        if name.last == UInt8(ascii: ".") { name.removeLast() }
        let isWildcard = name.starts(with: "*.".utf8)
        if isWildcard { name.removeFirst() }
        guard !name.isEmpty, name.count <= longestName, !name.contains(UInt8(ascii: "*")) else { return nil }
        guard isWildcard ? name.count > 1 : name.first != UInt8(ascii: ".") else { return nil }
        return name
    }

    private static func onePerType(_ keys: [CertifiedKey]) -> [CertifiedKey] {
        CertifiedKey.KeyType.allCases.compactMap { type in keys.first { $0.keyType == type } }
    }
}
