import COpenSSL

/// The host names a certificate is for.
enum SubjectNames {
    /// The DNS names among the alternative names, in lower case; the common name if there are none.
    static func of(_ certificate: OpaquePointer) -> [String] {
        let names = alternativeNames(of: certificate)
        return names.isEmpty ? commonName(of: certificate).map { [$0] } ?? [] : names
    }

    static func alternativeNames(of certificate: OpaquePointer) -> [String] {
        guard let stack = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else { return [] }
        defer { GENERAL_NAMES_free(OpaquePointer(stack)) }
        var names: [String] = []
        for i in 0..<OPENSSL_sk_num(OpaquePointer(stack)) {
            guard
                let name = OPENSSL_sk_value(OpaquePointer(stack), i)?.assumingMemoryBound(
                    to: GENERAL_NAME.self),
                name.pointee.type == GEN_DNS, let text = hostName(name.pointee.d.dNSName),
                !names.contains(text)
            else { continue }
            names.append(text)
        }
        return names
    }

    private static func commonName(of certificate: OpaquePointer) -> String? {
        let subject = X509_get_subject_name(certificate)
        let place = X509_NAME_get_index_by_NID(subject, NID_commonName, -1)
        guard place >= 0, let entry = X509_NAME_get_entry(subject, place) else { return nil }
        return hostName(X509_NAME_ENTRY_get_data(entry))
    }

    /// Lower-case text, or nil if a byte could not be part of a host name: an embedded NUL, a space, a letter that
    /// is not ASCII.
    private static func hostName(_ string: UnsafePointer<ASN1_STRING>?) -> String? {
        guard let string, let data = ASN1_STRING_get0_data(string) else { return nil }
        let count = Int(ASN1_STRING_length(string))
        guard (1...253).contains(count) else { return nil }
        let bytes = UnsafeBufferPointer(start: data, count: count)
        let isHostName = bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "_"),
                UInt8(ascii: "*"):
                true
            default: false
            }
        }
        return isHostName ? String(decoding: bytes, as: UTF8.self).lowercased() : nil
    }
}
