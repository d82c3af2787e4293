import COpenSSL

/// Digests of bytes, for people to compare.
public enum Digest {
    /// SHA-256, in hexadecimal.
    public static func sha256(_ bytes: [UInt8]) -> String {
        let digest = [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { digest, count in
            SHA256(bytes, bytes.count, digest.baseAddress)
            count = Int(SHA256_DIGEST_LENGTH)
        }
        return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
