public import Model
public import Wire

/// Authorities and revocations that operators look at and replace.
extension Engine {
    /// What is in the files that somebody uses.
    public func authorityFiles() -> [AuthorityFile: [UInt8]] { options.authorities.files }

    /// Has the next handshakes of all who use a file find something else in it, until the configuration is read again; connections that
    /// are open stay. False if nobody uses it; what can not be used changes nothing.
    public func replaceAuthorities(
        _ file: AuthorityFile, by pem: [UInt8]
    ) throws(TLSSettingsError) -> Bool {
        try options.authorities.replace(file, by: pem)
    }
}
