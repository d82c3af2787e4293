import COpenSSL
import CSystem

/// Makes a certificate for a new P-256 key: for the default certificate at start and for demonstrations.
struct CertificateBuilder {
    var commonName: String
    /// DNS names and IP addresses, for the alternative names.
    var names: [String] = []
    var isAuthority = false
    /// How many authorities may stand below an authority; nil is any number.
    var pathLength: Int? = 0
    /// Whether it is shown to servers instead of clients.
    var isForClients = false
    /// Validity in seconds since 1970.
    var notBefore: Int64
    var notAfter: Int64

    /// Who signs; nil is the certificate itself.
    struct Issuer {
        let certificate: OpaquePointer
        let key: OpaquePointer
    }

    /// A certificate and its key.
    struct Made: ~Copyable {
        let certificate: Owned
        let key: Owned
    }

    /// Makes a key and a signed certificate.
    func build(issuer: Issuer? = nil) throws(CertificateError) -> Made {
        csystem_ssl_start()
        defer { ERR_clear_error() }
        guard let key = Owned(csystem_make_p256_key(), EVP_PKEY_free),
            let certificate = Owned(X509_new(), X509_free),
            setFields(of: certificate.pointer, key: key.pointer)
        else { throw .generationFailed }
        let issuer = issuer ?? Issuer(certificate: certificate.pointer, key: key.pointer)
        guard X509_set_issuer_name(certificate.pointer, X509_get_subject_name(issuer.certificate)) == 1,
            addExtensions(to: certificate.pointer, issuer: issuer.certificate),
            X509_sign(certificate.pointer, issuer.key, EVP_sha256()) > 0
        else { throw .generationFailed }
        return Made(certificate: certificate, key: key)
    }

    private func setFields(of certificate: OpaquePointer, key: OpaquePointer) -> Bool {
        X509_set_version(certificate, 2) == 1 && setSerial(of: certificate)
            && ASN1_TIME_set(X509_getm_notBefore(certificate), Int(notBefore)) != nil
            && ASN1_TIME_set(X509_getm_notAfter(certificate), Int(notAfter)) != nil
            && X509_set_pubkey(certificate, key) == 1
            && X509_NAME_add_entry_by_NID(
                X509_get_subject_name(certificate), NID_commonName, MBSTRING_UTF8, Array(commonName.utf8),
                Int32(clamping: commonName.utf8.count), -1, 0) == 1
    }

    /// 127 random bits: positive and never seen before, as browsers demand.
    private func setSerial(of certificate: OpaquePointer) -> Bool {
        guard let number = Owned(BN_new(), BN_free),
            BN_rand(number.pointer, 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1
        else { return false }
        return BN_to_ASN1_INTEGER(number.pointer, X509_get_serialNumber(certificate)) != nil
    }

    private func addExtensions(to certificate: OpaquePointer, issuer: OpaquePointer) -> Bool {
        var context = X509V3_CTX()
        let limit = pathLength.map { ",pathlen:\($0)" } ?? ""
        X509V3_set_ctx(&context, issuer, certificate, nil, nil, 0)
        var extensions = [
            (NID_basic_constraints, isAuthority ? "critical,CA:TRUE\(limit)" : "critical,CA:FALSE"),
            (NID_key_usage, isAuthority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature"),
            (NID_subject_key_identifier, "hash"),
        ]
        if !isAuthority { extensions.append((NID_ext_key_usage, isForClients ? "clientAuth" : "serverAuth")) }
        if issuer != certificate { extensions.append((NID_authority_key_identifier, "keyid")) }
        for (kind, value) in extensions {
            guard let made = Owned(X509V3_EXT_conf_nid(nil, &context, kind, value), X509_EXTENSION_free),
                X509_add_ext(certificate, made.pointer, -1) == 1
            else { return false }
        }
        return names.isEmpty || addAlternativeNames(to: certificate)
    }

    /// Built as objects, not as configuration text, so that no character of a name can mean something.
    private func addAlternativeNames(to certificate: OpaquePointer) -> Bool {
        guard let stack = OPENSSL_sk_new_null() else { return false }
        defer { GENERAL_NAMES_free(stack) }
        for name in names {
            guard let general = GENERAL_NAME_new() else { return false }
            OPENSSL_sk_push(stack, general)
            if let address = a2i_IPADDRESS(name) {
                GENERAL_NAME_set0_value(general, GEN_IPADD, address)
                continue
            }
            guard let text = ASN1_IA5STRING_new() else { return false }
            GENERAL_NAME_set0_value(general, GEN_DNS, text)
            guard ASN1_STRING_set(text, Array(name.utf8), Int32(clamping: name.utf8.count)) == 1 else {
                return false
            }
        }
        return X509_add1_ext_i2d(certificate, NID_subject_alt_name, UnsafeMutableRawPointer(stack), 0, 0) == 1
    }
}
