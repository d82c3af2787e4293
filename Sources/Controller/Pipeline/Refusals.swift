import Model

/// Certificates that were published and that the engine refused, until others are published in their place.
struct Refusals {
    /// Counts changes.
    private(set) var revision = 0
    private var known: [CertificateName: Diagnostic] = [:]

    /// In a stable order.
    var diagnostics: [Diagnostic] {
        known.sorted { $0.key.description < $1.key.description }.map(\.value)
    }

    /// Takes note of what was refused of a change, and of what that change replaces.
    mutating func note(_ refused: [Diagnostic], of change: Change) {
        for name in change.certificates.keys where known.removeValue(forKey: name) != nil { revision += 1 }
        for diagnostic in refused {
            known[CertificateName("\(diagnostic.object.namespace)/\(diagnostic.object.name)")] = diagnostic
            revision += 1
        }
    }
}
