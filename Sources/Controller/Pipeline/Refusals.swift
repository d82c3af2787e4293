import Model

/// What was published and refused by the engine, certificates and listeners, until others are published in its place.
struct Refusals {
    /// Counts changes.
    private(set) var revision = 0
    private var certificates: [CertificateName: Diagnostic] = [:]
    private var listeners: [Diagnostic] = []
    /// When ports are to be published again.
    private(set) var retry = ListenRetry()
    /// Ports that could be listened on at last, until `takeRecovered`.
    private var recovered: [Diagnostic] = []

    /// In a stable order.
    var diagnostics: [Diagnostic] {
        certificates.sorted { $0.key.description < $1.key.description }.map(\.value) + listeners
    }

    /// Takes note of what was refused of a change, and of what that change replaces.
    mutating func note(_ refused: [Diagnostic], of change: Change, now: UInt64) {
        for name in change.certificates.keys where certificates.removeValue(forKey: name) != nil {
            revision += 1
        }
        if let frontends = change.frontends { notePorts(refused.filter(\.isAboutListening), frontends, now) }
        for diagnostic in refused where !diagnostic.isAboutListening {
            revision += 1
            certificates[CertificateName("\(diagnostic.object.namespace)/\(diagnostic.object.name)")] =
                diagnostic
        }
    }

    /// Ports that were refused before, and are listened on now.
    mutating func takeRecovered() -> [Diagnostic] {
        defer { recovered = [] }
        return recovered
    }

    private mutating func notePorts(_ refused: [Diagnostic], _ frontends: [Frontend], _ now: UInt64) {
        let wanted = frontends.compactMap(\.subject)
        recovered += listeners.filter { before in
            wanted.contains(before.subject) && !refused.contains { $0.subject == before.subject }
        }
        retry.published(refused: !refused.isEmpty, isNew: refused != listeners, now: now)
        if refused != listeners { revision += 1 }
        listeners = refused
    }
}

extension Diagnostic {
    /// What it is about.
    fileprivate var subject: Subject { Subject(kind: kind, object: object, field: field) }
}
