import Model

/// Where in files stands what a configuration holds, by the words that name them: it is printed by its name, and keys never are.
public struct FileSources: Sendable {
    /// `ca-file` and `crl-file`, by what is in them.
    var authorities: [[UInt8]: Word] = [:]
    /// Certificates that servers are shown.
    var certificates: [[UInt8]: Word] = [:]
    /// Pages of `errorfile`.
    var pages: [(page: ErrorPage, file: Word)] = []
    /// What each address of a frontend says of certificates, `crt` and `crt-list`, by the frontend's name.
    var binds: [String: [[Word]]] = [:]
}
