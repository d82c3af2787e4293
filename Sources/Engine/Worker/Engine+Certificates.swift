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

    /// Staples a response of OCSP, in DER, to the certificates that it is about, until the configuration is read again. What speaks
    /// against it: it may be about none of them.
    public func staple(_ response: [UInt8]) -> OCSPError? {
        let served = state.withLock { $0?.publisher.certificateKeys } ?? [:]
        var (reason, isStapled) = (OCSPError.otherCertificate, false)
        for (name, key) in served {
            do throws(OCSPError) {
                guard let stapled = try key.stapling(response) else { continue }
                isStapled = replaceCertificate(name, by: stapled) || isStapled
            } catch {
                if error != .otherCertificate { reason = error }
            }
        }
        return isStapled ? nil : reason
    }

    /// The responses of OCSP that clients are shown, by the names of their certificates, in order.
    public func staples() -> [(name: String, staple: OCSPStaple)] {
        let served = state.withLock { $0?.publisher.certificateKeys } ?? [:]
        return served.compactMap { name, key in
            guard case .success(let staple)? = key.staple else { return nil }
            return (name.description, staple)
        }.sorted { $0.name < $1.name }
    }

    /// Serves a certificate for names too, until the configuration is read again. What can not be used changes nothing.
    public func list(
        _ name: CertificateName, _ key: CertifiedKey, _ listing: CertificateListing
    ) -> TLSSettingsError? {
        state.withLock { running in
            do throws(TLSSettingsError) {
                try running?.editCertificates { publisher throws(TLSSettingsError) in
                    try publisher.list(name, key, listing)
                }
                return nil
            } catch {
                return error
            }
        }
    }

    /// Serves a certificate for these names no more; false if it is one of clients that name none.
    public func unlist(_ name: CertificateName, _ listing: CertificateListing) -> Bool {
        state.withLock { running in
            guard running?.publisher.certificates.defaultNames.contains(name) != true else { return false }
            running?.editCertificates { $0.unlist(name, listing) }
            return true
        }
    }
}

extension Engine.Running {
    fileprivate mutating func editCertificates<Failure>(
        _ edit: (Publisher) throws(Failure) -> Void
    ) throws(Failure) {
        try edit(publisher)
        var adoption = Adoption(sequence: sequence + 1, onAdopted: {})
        adoption.certificates = publisher.certificateTable
        post(adoption)
    }

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

    func list(
        _ name: CertificateName, _ key: CertifiedKey, _ listing: CertificateListing
    ) throws(TLSSettingsError) {
        if let tls = listing.tls {
            try hostTLS.add(tls, for: listing.hosts, to: &certificates.table)
            // Who is left out of a wildcard is left out of its options.
            try hostTLS.add(HostTLS(), for: listing.exceptions, to: &certificates.table)
        }
        certificates.list(key, as: name, listing)
    }

    func unlist(_ name: CertificateName, _ listing: CertificateListing) {
        certificates.unlist(name, listing)
        // What is said of a name goes with the last certificate for it.
        let unserved = (listing.hosts + listing.exceptions).filter { !certificates.serves($0) }
        hostTLS.remove(unserved, from: &certificates.table)
    }

    /// The table as it is configured; nil if it is so already.
    func restoreCertificates() -> CertificateTable? {
        let isListed = certificates.restoreLists()
        let hasOptions = hostTLS.restore(to: &certificates.table)
        return certificates.restore() || isListed || hasOptions ? certificates.table : nil
    }
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
