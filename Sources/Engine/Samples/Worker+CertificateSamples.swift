import Basics
import Model
import Wire

/// What expressions read of a connection's TLS and its certificates.
extension Worker {
    /// What a fact about a client's TLS is; nil without TLS.
    func read(_ fact: ClientFact, ofTLS client: Ref<ClientConnection>) -> Sample? {
        let carrier = carrier(of: client)
        switch fact {
        case .tlsSession: return carrier[].transport.tls?.sessionID.map { .binary($0) }
        case .keySize: return (carrier[].transport.tls?.keySize.all).map { .integer(Int64($0)) }
        case .secretKeySize: return (carrier[].transport.tls?.keySize.secret).map { .integer(Int64($0)) }
        case .hasCertificate: return (carrier[].transport.tls?.hasClientCertificate).map { .boolean($0) }
        case .hasSentCertificate: return (carrier[].transport.tls?.hasSentCertificate).map { .boolean($0) }
        case .verification: return (carrier[].transport.tls?.verificationResult).map { .integer(Int64($0)) }
        case .certificateFault:
            return (carrier[].transport.tls?.verificationFaults).map { .integer(Int64($0.client)) }
        case .authorityFault:
            return (carrier[].transport.tls?.verificationFaults).map { .integer(Int64($0.authority)) }
        case .authorityFaultDepth:
            return (carrier[].transport.tls?.verificationFaults).map { .integer(Int64($0.depth)) }
        case .tlsGroup: return carrier[].transport.tls?.groupName.map { .string($0) }
        default: return nil
        }
    }

    /// What is copied out of a client's TLS; nil without TLS.
    func read(
        _ fact: ClientFact, ofTLS client: Ref<ClientConnection>, _ workspace: inout SampleWorkspace
    ) -> Sample? {
        let carrier = carrier(of: client)
        let bytes: [UInt8]? =
            switch fact {
            case .tlsUnique: carrier[].transport.tls?.unique
            case .clientRandom: carrier[].transport.tls?.clientRandom
            default: carrier[].transport.tls?.serverRandom
            }
        return Worker.kept(bytes, &workspace).map { .binary($0) }
    }

    /// Bytes where they stay while an expression is worked on; nil if there are none.
    static func kept(_ bytes: [UInt8]?, _ workspace: inout SampleWorkspace) -> ByteView? {
        guard let bytes, !bytes.isEmpty else { return nil }
        return workspace.write { writer in bytes.withView { writer.append($0) } }
    }

    /// A part of a certificate; nil without one, and for what is not in it.
    func read(
        _ holder: CertificateRead.Holder, _ part: CertificatePart, _ name: FetchCode.NameCode,
        _ literals: ByteView, of client: Ref<ClientConnection>, _ workspace: inout SampleWorkspace
    ) -> Sample? {
        func kept(_ bytes: [UInt8]?) -> ByteView? { Worker.kept(bytes, &workspace) }
        if part == .chain { return kept(chain(of: holder, client)).map { .binary($0) } }
        let root = part == .root ? carrier(of: client)[].transport.tls?.verifiedRoot : nil
        guard let certificate = part == .root ? root : certificate(of: holder, client) else { return nil }
        switch part {
        case .chain: return nil
        case .version: return .integer(Int64(certificate.version))
        case .serial: return kept(certificate.serial).map { .binary($0) }
        case .der: return kept(certificate.der).map { .binary($0) }
        case .sha1: return kept(certificate.sha1).map { .binary($0) }
        case .notBefore: return kept(certificate.notBefore).map { .string($0) }
        case .notAfter: return kept(certificate.notAfter).map { .string($0) }
        case .signatureAlgorithm: return kept(Array(certificate.signatureAlgorithm.utf8)).map { .string($0) }
        case .keyAlgorithm: return kept(Array(certificate.keyAlgorithm.utf8)).map { .string($0) }
        case .subject, .root:
            return kept(Worker.text(of: certificate.subject, name, literals)).map { .string($0) }
        case .issuer: return kept(Worker.text(of: certificate.issuer, name, literals)).map { .string($0) }
        }
    }

    private func certificate(
        of holder: CertificateRead.Holder, _ client: Ref<ClientConnection>
    ) -> HeldCertificate? {
        switch holder {
        case .client: carrier(of: client)[].transport.tls?.clientCertificate
        case .own: carrier(of: client)[].transport.tls?.ownCertificate
        case .server: client[].exchange.flatMap { carrying($0) }?[].transport.tls?.clientCertificate
        }
    }

    private func chain(
        of holder: CertificateRead.Holder, _ client: Ref<ClientConnection>
    ) -> [UInt8]? {
        holder == .server
            ? client[].exchange.flatMap { carrying($0) }?[].transport.tls?.sentChain
            : carrier(of: client)[].transport.tls?.sentChain
    }

    private static func text(
        of name: HeldName, _ code: FetchCode.NameCode, _ literals: ByteView
    ) -> [UInt8]? {
        switch code {
        case .whole: name.line
        case .rfc2253: name.rfc2253
        case .entry(let entry, let occurrence): name.value(of: literals[entry], occurrence: occurrence)
        }
    }
}
