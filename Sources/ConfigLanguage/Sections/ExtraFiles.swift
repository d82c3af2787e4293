/// Files that stand beside a certificate's.
public struct ExtraFiles: OptionSet, Sendable, Equatable {
    /// A bit for each kind.
    public let rawValue: UInt8

    /// From its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// FILE.rsa and FILE.ecdsa.
    static let bundle = ExtraFiles(rawValue: 1)
    /// FILE.key.
    static let key = ExtraFiles(rawValue: 2)
    /// FILE.ocsp.
    static let response = ExtraFiles(rawValue: 4)
    /// FILE.issuer, which nothing here needs.
    static let issuer = ExtraFiles(rawValue: 8)
    /// FILE.sctl, which nothing here tells.
    static let times = ExtraFiles(rawValue: 16)
    static let all: ExtraFiles = [.bundle, .key, .response, .issuer, .times]

    /// By their names.
    static let names: KeyValuePairs<String, ExtraFiles> = [
        "bundle": .bundle, "key": .key, "ocsp": .response, "issuer": .issuer, "sctl": .times,
    ]
}
