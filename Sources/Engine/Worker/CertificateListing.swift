public import Model

/// What a line of a `crt-list` says of a certificate.
public struct CertificateListing: Sendable {
    /// The server names it is for.
    public var hosts: [HostPattern]
    /// Names that it is not for, though one of its names covers them: they are served the defaults.
    public var exceptions: [HostPattern]
    /// How TLS is spoken under its names; nil, the default, is as it is.
    public var tls: HostTLS?

    /// A line from its parts.
    public init(hosts: [HostPattern], exceptions: [HostPattern] = [], tls: HostTLS? = nil) {
        (self.hosts, self.exceptions, self.tls) = (hosts, exceptions, tls)
    }
}
