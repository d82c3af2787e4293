public import Model

/// Reads lines that operators add to files of `crt-list` at run time, as those in the files are.
public struct AddedCertificates: Sendable {
    /// The `bind` lines that name them, by the files' paths; of several the first.
    private var binds: [String: BindDraft] = [:]
    private var global = GlobalSettings()
    private var surroundings = Surroundings.nothing

    /// A line that was read.
    public struct Line: Sendable, Equatable {
        /// The certificate's name.
        public var certificate: String
        /// What stands in brackets; nil is no brackets.
        public var options: [String]?
        /// Server names and exceptions, as they are written.
        public var names: [String]
        /// The server names it is for; nil is the certificate's own.
        public var hosts: [HostPattern]?
        /// Names that it is not for, though one of its names covers them.
        public var exceptions: [HostPattern]
        /// What the options mean under those names; nil without any.
        public var tls: HostTLS?
    }

    /// What has become of a line.
    public enum Reading: Sendable, Equatable {
        case line(Line)
        /// Why not, as a sentence.
        case refused(String)
    }

    /// There are no files to add lines to.
    init() {}

    init(_ proxies: [Proxy], _ global: GlobalSettings, _ surroundings: Surroundings) {
        for bind in proxies.flatMap(\.binds) {
            for (keyword, path) in zip(bind.certificateWords, bind.certificateWords.dropFirst())
            where keyword.text == "crt-list" && binds[path.text] == nil {
                binds[path.text] = bind
            }
        }
        (self.global, self.surroundings) = (global, surroundings)
    }

    /// What a line says that is added to the file at a path.
    public func read(_ text: [UInt8], of list: String) -> Reading {
        let line = ConfigLanguage.Line(file: "CLI", number: 1, words: [])
        var reader = LineReader(line, global: global, surroundings: surroundings)
        do {
            guard
                let (draft, entry) = try CertificateLists.added(text, on: binds[list] ?? BindDraft(), &reader)
            else { return .refused("a certificate is expected") }
            guard !draft.isDefault else {
                return .refused(
                    "'*' stands in the file: what names that nobody has are served is not changed")
            }
            return .line(
                Line(
                    certificate: entry.certificate, options: entry.options, names: entry.names,
                    hosts: draft.hasNames ? draft.names : nil, exceptions: draft.exceptions, tls: draft.tls))
        } catch {
            return .refused(error.sentence)
        }
    }
}
