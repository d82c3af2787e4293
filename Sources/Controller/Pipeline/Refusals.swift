import Model

/// What was published and refused by the engine, certificates and listeners, until others are published in its place.
struct Refusals {
    /// Counts changes.
    private(set) var revision = 0
    private var certificates: [CertificateName: Diagnostic] = [:]
    private var listeners: [Diagnostic] = []

    /// In a stable order.
    var diagnostics: [Diagnostic] {
        certificates.sorted { $0.key.description < $1.key.description }.map(\.value) + listeners
    }

    /// Takes note of what was refused of a change, and of what that change replaces.
    mutating func note(_ refused: [Diagnostic], of change: Change) {
        for name in change.certificates.keys where certificates.removeValue(forKey: name) != nil {
            revision += 1
        }
        if change.frontends != nil, !listeners.isEmpty {
            listeners = []
            revision += 1
        }
        for diagnostic in refused {
            revision += 1
            guard !diagnostic.isAboutListening else {
                listeners.append(diagnostic)
                continue
            }
            certificates[CertificateName("\(diagnostic.object.namespace)/\(diagnostic.object.name)")] =
                diagnostic
        }
    }
}
