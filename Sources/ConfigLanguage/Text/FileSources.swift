import Model

/// Where in files stands what a configuration holds, by the words that name them: it is printed by its name, and keys never are.
public struct FileSources: Sendable {
    /// `ca-file` and `crl-file`, by their paths.
    var authorities: [String: Word] = [:]
    /// Certificates that servers are shown.
    var certificates: [[UInt8]: Word] = [:]
    /// Pages of `errorfile`.
    var pages: [(page: ErrorPage, file: Word)] = []
    /// What each address of a frontend says of certificates, `crt` and `crt-list`, by the frontend's name.
    var binds: [String: [[Word]]] = [:]
    /// What the address of a section of peers says of certificates, by the section's name.
    var peerBinds: [String: [Word]] = [:]
    /// `crt-store` sections: their names, empty for none, and their lines.
    var certificateStores: [(name: String, lines: [[Word]])] = []
    /// What stands in the files of `crt-list`, in the order they were read.
    public internal(set) var certificateLists: [CertificateList] = []

    /// A file of `crt-list`.
    public struct CertificateList: Sendable, Equatable {
        /// The file.
        public let path: String
        /// Its lines but for empty ones and comments.
        public let entries: [Entry]

        /// A line of it.
        public struct Entry: Sendable, Equatable {
            /// Its number, from 1.
            public let line: Int
            /// The certificate's file.
            public let certificate: String
            /// What stands in brackets; nil is no brackets.
            public let options: [String]?
            /// Server names, as they are written.
            public let names: [String]
        }
    }
}
