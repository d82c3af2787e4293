import Model

/// A `peers` section while it is read.
struct PeersSection: Sendable {
    /// Who shares tables.
    var section: PeerSection
    /// Its own tables, without the section's name in theirs.
    var tables: [(name: String, table: StickTable, line: SourceLocation)] = []
    /// What `table` lines that were refused would have been called.
    var refusedTables: Set<String> = []
    /// What `bind` and `default-bind` say of TLS, in any order.
    var bind = BindDraft()
    /// What `default-server` has said so far.
    var template = ServerDraft()
    /// Where the line of this process asks for TLS, which is not how it is reached.
    var localTLS: SourceLocation?
    /// The last line that says a part of the keys.
    var shardLine: SourceLocation?
    /// Where it begins.
    let line: SourceLocation

    /// HAProxy's values where nothing is said, but for what `global` says of TLS.
    init(name: String, localName: String, line: SourceLocation, parameters: TLSParameters? = nil) {
        section = PeerSection(name, localName: localName)
        self.line = line
        bind.bind.tlsParameters = parameters
        bind.line = line
    }

    /// Puts what `bind` lines say of TLS together.
    mutating func settle() throws(Refusal) {
        guard bind.bind.isTLS, !section.binds.isEmpty else { return }
        guard !bind.certificates.isEmpty else {
            throw .conflict("'ssl' asks for a certificate: say which by 'crt'")
        }
        // The first is for who says no name.
        let ordered = bind.certificates.filter(\.isDefault) + bind.certificates.filter { !$0.isDefault }
        var tls = PeerSection.ListeningTLS(
            ordered.map { Certificate(chainPEM: $0.pem, keyPEM: $0.pem, ocspResponse: $0.ocspResponse) })
        tls.parameters = bind.bind.tlsParameters
        tls.clientAuthentication = try bind.demand.finished()
        tls.isStrict = bind.bind.isStrictSNI
        section.binds[0].tls = tls
    }
}

/// A keyword of a `peers` section.
typealias PeersKeyword = Keyword<PeersSection>
