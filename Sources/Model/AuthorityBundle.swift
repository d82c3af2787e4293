/// Certificates of trusted authorities and their revocation lists as PEM bytes, not yet judged.
///
/// A class so that configurations share it; immutable. It prints sizes only.
public final class AuthorityBundle: Sendable, Hashable, CustomStringConvertible {
    /// One or more certificates.
    public let certificatesPEM: [UInt8]
    /// Revocation lists. Where there are any, every authority of a chain must have a current one.
    public let revocationsPEM: [UInt8]
    /// The files they were read from, by which operators replace what is in them; empty, the default, is none.
    public let (certificatesFile, revocationsFile): (String, String)
    // Bundles are compared with every publish.
    private let hash: Int

    /// Holds PEM bytes; the engine parses them when they are published and refuses what it can not use.
    public init(
        certificatesPEM: [UInt8], revocationsPEM: [UInt8] = [], certificatesFile: String = "",
        revocationsFile: String = ""
    ) {
        self.certificatesPEM = certificatesPEM
        self.revocationsPEM = revocationsPEM
        (self.certificatesFile, self.revocationsFile) = (certificatesFile, revocationsFile)
        var hasher = Hasher()
        hasher.combine(certificatesPEM)
        hasher.combine(revocationsPEM)
        hasher.combine(certificatesFile)
        hasher.combine(revocationsFile)
        hash = hasher.finalize()
    }

    /// Same object, or same bytes of the same files.
    public static func == (left: AuthorityBundle, right: AuthorityBundle) -> Bool {
        left === right
            || left.hash == right.hash && left.certificatesPEM == right.certificatesPEM
                && left.revocationsPEM == right.revocationsPEM
                && left.certificatesFile == right.certificatesFile
                && left.revocationsFile == right.revocationsFile
    }

    /// By content.
    public func hash(into hasher: inout Hasher) { hasher.combine(hash) }

    /// Sizes only.
    public var description: String {
        "authorities (\(certificatesPEM.count) bytes, \(revocationsPEM.count) of revocations)"
    }
}
