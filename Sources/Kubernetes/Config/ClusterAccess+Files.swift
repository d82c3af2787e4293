extension ClusterAccess {
    /// What is wrong with the certificates and files that a kubeconfig names, in one line; nil if they can be used now.
    /// Later changes of files are another matter: a file that vanishes leaves what it held in use.
    func problem(read: (String) -> Result<[UInt8], FileFailure>) -> String? {
        if case .authorities(let source) = trust,
            let problem = source.problem("certificate-authority", holding: "CERTIFICATE", read)
        {
            return problem
        }
        if let problem = identity.certificate?.problem("client-certificate", holding: "CERTIFICATE", read) {
            return problem
        }
        if let problem = identity.key?.problem("client-key", holding: "PRIVATE KEY", read) { return problem }
        if identity.token == nil, !identity.tokenFile.isEmpty,
            case .failure(let failure) = read(identity.tokenFile)
        {
            return "tokenFile \(identity.tokenFile): \(failure)"
        }
        return nil
    }
}

extension PEMSource {
    fileprivate func problem(
        _ field: String, holding kind: String, _ read: (String) -> Result<[UInt8], FileFailure>
    ) -> String? {
        switch self {
        case .bytes(let bytes):
            return PEM.holds(kind, bytes) ? nil : "\(field)-data: holds no PEM \(kind)"
        case .file(let path):
            switch read(path) {
            case .failure(let failure): return "\(field) \(path): \(failure)"
            case .success(let bytes):
                return PEM.holds(kind, bytes) ? nil : "\(field) \(path): holds no PEM \(kind)"
            }
        }
    }
}

extension PEM {
    /// Whether one of the blocks is of a kind: an `EC PRIVATE KEY` is a `PRIVATE KEY`.
    fileprivate static func holds(_ kind: String, _ bytes: [UInt8]) -> Bool {
        labels(of: bytes)?.contains { $0.hasSuffix(kind) } ?? false
    }
}
