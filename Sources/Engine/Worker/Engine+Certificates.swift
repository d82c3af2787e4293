public import Model
import Synchronization
public import Wire

/// Certificates that operators look at and replace.
extension Engine {
    /// A certificate that is served; nil if there is none of the name.
    public func certificate(_ name: CertificateName) -> CertifiedKey? {
        state.withLock { $0?.publisher.certificateKeys[name] }
    }

    /// The names of all, in order.
    public func certificateNames() -> [CertificateName] {
        (state.withLock { $0?.publisher.certificateKeys } ?? [:]).keys.sorted {
            $0.description < $1.description
        }
    }

    /// Serves another key under a name until the configuration is read again; false if there is none of the name. Connections
    /// that are open stay.
    public func replaceCertificate(_ name: CertificateName, by key: CertifiedKey) -> Bool {
        state.withLock { $0?.replaceCertificate(name, by: key) ?? false }
    }
}

extension Engine.Running {
    fileprivate mutating func replaceCertificate(_ name: CertificateName, by key: CertifiedKey) -> Bool {
        guard let table = publisher.replaceCertificate(name, by: key) else { return false }
        var adoption = Adoption(sequence: sequence + 1, onAdopted: {})
        adoption.certificates = table
        post(adoption)
        return true
    }
}

extension Publisher {
    /// Those that are served, by name.
    var certificateKeys: [CertificateName: CertifiedKey] { certificates.keys }

    /// The table with another key; nil if there is none of the name.
    func replaceCertificate(_ name: CertificateName, by key: CertifiedKey) -> CertificateTable? {
        certificates.replace(name, by: key) ? certificates.table : nil
    }

    /// The table as it is configured; nil if it is so already.
    func restoreCertificates() -> CertificateTable? { certificates.restore() ? certificates.table : nil }
}

extension CertificateStore {
    /// Puts another key in the place of one; false if there is none.
    mutating func replace(_ name: CertificateName, by key: CertifiedKey) -> Bool {
        guard let before = keys[name] else { return false }
        if configured[name] == nil { configured[name] = before }
        put(key, as: name)
        return true
    }

    /// Takes back what was replaced; false if there is nothing.
    mutating func restore() -> Bool {
        let before = configured
        configured = [:]
        for (name, key) in before where keys[name] != nil { put(key, as: name) }
        return !before.isEmpty
    }
}
