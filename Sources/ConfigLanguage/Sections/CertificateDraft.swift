import Model

/// A certificate of a `bind` line, and what a `crt-list` says of it.
struct CertificateDraft: Sendable {
    var path: String
    /// The chain and its key.
    var pem: [UInt8]
    /// What is in FILE.ocsp beside it.
    var ocspResponse: [UInt8]?
    /// Whether it is from a folder or a list, and not named by the line itself.
    var isOneOfMany = false
    /// Whether clients that name no known host are served it, if it is the first of its kind of key.
    var isDefault = false
    /// Whether a list says for which names it is; else its own names count.
    var hasNames = false
    /// Those of the list.
    var names: [HostPattern] = []
    /// Names that it is not to be served for, though one of its names covers them.
    var exceptions: [HostPattern] = []
    /// What stands in brackets, as a line of its own.
    var options: Line?
    /// What that means for its names.
    var tls: HostTLS?
}
