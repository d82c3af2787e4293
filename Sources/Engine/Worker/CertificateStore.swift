import Model
import Synchronization
import Wire

/// Parsed certificates and the table of server names made from them. A certificate that can not serve is refused
/// with its reason, and the one it was to replace goes on serving.
struct CertificateStore {
    private let selfSigned: CertifiedKey?
    private(set) var keys: [CertificateName: CertifiedKey] = [:]
    /// What operators have replaced, as it was.
    var configured: [CertificateName: CertifiedKey] = [:]
    private var serverNames: [HostPattern: [CertificateName]] = [:]
    /// The names a certificate is listed for: the other direction of `serverNames`.
    private var patterns: [CertificateName: Set<String>] = [:]
    /// Certificates that serve a name because it stands in them, by that name.
    private var bySubject: [String: Set<CertificateName>] = [:]
    /// Names that only certificates themselves ask for.
    private var subjectNames: [CertificateName: [String]] = [:]
    private(set) var defaultNames: [CertificateName] = []
    /// What names were served by before operators have listed anything, and what they have touched.
    private var unlisted: Listing?
    var table: CertificateTable

    private struct Listing {
        let serverNames: [HostPattern: [CertificateName]]
        let patterns: [CertificateName: Set<String>]
        let bySubject: [String: Set<CertificateName>]
        let subjectNames: [CertificateName: [String]]
        var added: Set<CertificateName> = []
        /// Names that are served the defaults because these, listed by operators, are not for them.
        var excepted: [HostPattern: Set<CertificateName>] = [:]
        var touched: Set<String> = []
    }

    init(selfSigned: CertifiedKey?) {
        self.selfSigned = selfSigned
        table = CertificateTable(defaultKeys: selfSigned.map { [$0] } ?? [])
    }

    /// When each certificate expires, seconds since 1970.
    var expiry: [CertificateName: Int64] { keys.mapValues(\.notAfter) }

    /// When one certificate ends; nil if there is none.
    func end(of name: CertificateName) -> Int64? { keys[name]?.notAfter }

    mutating func apply(_ change: Change) -> [Diagnostic] {
        _ = restoreLists()
        var touchedNames = Set<String>()
        var diagnostics: [Diagnostic] = []
        for (host, names) in change.serverNames {
            let pattern = host.description
            for name in serverNames[host] ?? [] { patterns[name]?.remove(pattern) }
            for name in names ?? [] { patterns[name, default: []].insert(pattern) }
            serverNames[host] = names
            touchedNames.insert(pattern)
        }
        let parsed = CertificateStore.parse(change.certificates)
        for (name, certificate) in change.certificates {
            configured[name] = nil
            touchedNames.formUnion(subjectNames[name] ?? [])
            if let problem = set(name, certificate, parsed[name]) { diagnostics.append(problem) }
            touchedNames.formUnion(subjectNames[name] ?? [])
            touchedNames.formUnion(patterns[name] ?? [])
        }
        if let names = change.defaultCertificates { defaultNames = names }
        for pattern in touchedNames { table.setKeys(keysServing(pattern), for: pattern) }
        renewDefaults()
        return diagnostics
    }

    private mutating func set(
        _ name: CertificateName, _ certificate: Certificate?,
        _ parsed: Result<CertifiedKey, CertificateError>?
    ) -> Diagnostic? {
        guard let certificate, let parsed else {
            keys[name] = nil
            setSubjects(nil, of: name)
            return nil
        }
        switch parsed {
        case .success(let key):
            keys[name] = key
            setSubjects(certificate.servesSubjectNames ? key.subjectNames : nil, of: name)
            guard case .failure(let error)? = key.staple else { return nil }
            return CertificateStore.problem(
                .warning, name, "OCSPResponseRefused", "\(error); none is stapled")
        case .failure(let error):
            let outcome =
                keys[name] == nil ? "the default certificate is served" : "the previous one goes on serving"
            return CertificateStore.problem(.error, name, "CertificateRefused", "\(error); \(outcome)")
        }
    }

    /// Serves a key under a name that has one, wherever that is served.
    mutating func put(_ key: CertifiedKey, as name: CertificateName) {
        var touched = patterns[name] ?? []
        touched.formUnion(subjectNames[name] ?? [])
        keys[name] = key
        if subjectNames[name] != nil { setSubjects(key.subjectNames, of: name) }
        touched.formUnion(subjectNames[name] ?? [])
        for pattern in touched { table.setKeys(keysServing(pattern), for: pattern) }
        if defaultNames.contains(name) { renewDefaults() }
    }

    /// What clients are served that name no known host: the first of each kind of key, or else our own.
    private mutating func renewDefaults() {
        let found = defaultNames.compactMap { keys[$0] }
        let own = selfSigned.map { [$0] } ?? table.defaultKeys
        table.setDefaultKeys(found.isEmpty ? own : found)
    }

    /// Serves a key for names, behind what serves them already; names that it is not for are served the defaults, unless somebody
    /// serves them.
    mutating func list(_ key: CertifiedKey, as name: CertificateName, _ listing: CertificateListing) {
        beginListing()
        if keys[name] == nil {
            keys[name] = key
            unlisted?.added.insert(name)
        }
        for host in listing.hosts where serverNames[host]?.contains(name) != true {
            serverNames[host, default: []].append(name)
            patterns[name, default: []].insert(host.description)
        }
        for host in listing.exceptions where unlisted?.excepted[host] != nil || !serves(host) {
            unlisted?.excepted[host, default: []].insert(name)
            serverNames[host] = defaultNames
            for name in defaultNames { patterns[name, default: []].insert(host.description) }
        }
        renew(Set((listing.hosts + listing.exceptions).map(\.description)))
    }

    /// Whether there is a certificate for exactly this name.
    func serves(_ host: HostPattern) -> Bool {
        serverNames[host]?.isEmpty == false || bySubject[host.description]?.isEmpty == false
    }

    /// Serves these names by it no more, and those that operators left out of it alone by nothing of their own; without names left to
    /// serve, one that came so goes.
    mutating func unlist(_ name: CertificateName, _ listing: CertificateListing) {
        beginListing()
        var touched = Set((listing.hosts + listing.exceptions).map(\.description))
        touched.formUnion(subjectNames[name] ?? [])
        setSubjects(nil, of: name)
        for host in listing.hosts {
            serverNames[host]?.removeAll { $0 == name }
            patterns[name]?.remove(host.description)
        }
        for host in listing.exceptions where unlisted?.excepted[host]?.remove(name) != nil {
            guard unlisted?.excepted[host]?.isEmpty == true else { continue }
            unlisted?.excepted[host] = nil
            serverNames[host] = nil
            for name in defaultNames { patterns[name]?.remove(host.description) }
        }
        if unlisted?.added.contains(name) == true, patterns[name]?.isEmpty != false {
            keys[name] = nil
            unlisted?.added.remove(name)
        }
        renew(touched)
    }

    /// Goes back to what is configured; false if there is nothing.
    mutating func restoreLists() -> Bool {
        guard let before = unlisted else { return false }
        unlisted = nil
        for name in before.added { keys[name] = nil }
        (serverNames, patterns) = (before.serverNames, before.patterns)
        (bySubject, subjectNames) = (before.bySubject, before.subjectNames)
        for pattern in before.touched { table.setKeys(keysServing(pattern), for: pattern) }
        return true
    }

    private mutating func beginListing() {
        guard unlisted == nil else { return }
        unlisted = Listing(
            serverNames: serverNames, patterns: patterns, bySubject: bySubject, subjectNames: subjectNames)
    }

    private mutating func renew(_ touched: Set<String>) {
        unlisted?.touched.formUnion(touched)
        for pattern in touched { table.setKeys(keysServing(pattern), for: pattern) }
    }

    private static func problem(
        _ severity: Diagnostic.Severity, _ name: CertificateName, _ reason: String, _ message: String
    ) -> Diagnostic {
        let parts = name.description.split(separator: "/", maxSplits: 1).map(String.init)
        let origin = Origin(namespace: parts.count == 2 ? parts[0] : "", name: parts.last ?? "")
        return Diagnostic(
            severity, kind: "Secret", object: origin, field: "data", reason: reason, message: message)
    }

    private mutating func setSubjects(_ subjects: [String]?, of name: CertificateName) {
        for subject in subjectNames[name] ?? [] { bySubject[subject]?.remove(name) }
        for subject in subjects ?? [] { bySubject[subject, default: []].insert(name) }
        subjectNames[name] = subjects
    }

    /// Parses all certificates of a change, on all processors: 0.26 ms each, which at a cold start with thousands of
    /// them is what readiness waits for.
    private static func parse(
        _ certificates: [CertificateName: Certificate?]
    ) -> [CertificateName: Result<CertifiedKey, CertificateError>] {
        let work = certificates.compactMap { name, certificate in certificate.map { (name, $0) } }
        let shares = min(ProcessorCount.allowed(), (work.count + 63) / 64)
        guard shares > 1 else { return parse(work[...]) }
        let results = Mutex<[CertificateName: Result<CertifiedKey, CertificateError>]>([:])
        let length = (work.count + shares - 1) / shares
        let threads = (0..<shares).compactMap { share in
            Thread(name: "certificates") {
                let part = work[min(share * length, work.count)..<min((share + 1) * length, work.count)]
                let parsed = parse(part)
                results.withLock { $0.merge(parsed) { $1 } }
            }
        }
        for thread in threads { thread.join() }
        let done = results.withLock { $0 }
        // A thread the system refused: its share is done here.
        return done.merging(parse(work.filter { done[$0.0] == nil }[...])) { $1 }
    }

    private static func parse(
        _ work: ArraySlice<(CertificateName, Certificate)>
    ) -> [CertificateName: Result<CertifiedKey, CertificateError>] {
        var parsed: [CertificateName: Result<CertifiedKey, CertificateError>] = [:]
        for (name, certificate) in work {
            parsed[name] = Result { () throws(CertificateError) in
                try CertifiedKey(
                    chainPEM: certificate.chainPEM, keyPEM: certificate.keyPEM,
                    stapling: certificate.ocspResponse)
            }
        }
        return parsed
    }

    private func keysServing(_ pattern: String) -> [CertifiedKey] {
        let named = HostPattern(pattern).flatMap { serverNames[$0] } ?? []
        var found = named.compactMap { keys[$0] }
        for name in (bySubject[pattern] ?? []).sorted(by: { $0.description < $1.description }) {
            if let key = keys[name] { found.append(key) }
        }
        return found
    }
}
