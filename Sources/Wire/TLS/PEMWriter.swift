import COpenSSL

/// Writes objects as PEM text.
enum PEMWriter {
    static func certificate(_ certificate: OpaquePointer) -> [UInt8]? {
        write { PEM_write_bio_X509($0, certificate) }
    }

    static func key(_ key: OpaquePointer) -> [UInt8]? {
        write { PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) }
    }

    private static func write(_ body: (OpaquePointer) -> Int32) -> [UInt8]? {
        guard let bio = BIO_new(BIO_s_mem()) else { return nil }
        defer { BIO_free(bio) }
        guard body(bio) == 1 else { return nil }
        let count = BIO_ctrl_pending(bio)
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = Int(max(0, BIO_read(bio, buffer.baseAddress, Int32(clamping: count))))
        }
    }
}
