import ConfigLanguage

/// What `haproxy -v` and `-vv` say: in haproxy's form, which tools read, and true of this program.
enum HAProxyVersion {
    /// `-v`.
    static let short = """
        HAProxy version \(SpokenVersion.number)-sluice-\(Version.number) - this is Sluice, which reads HAProxy's configuration
        Status: the language of HAProxy \(SpokenVersion.branch); docs/differences.md says what is not the same
        Known bugs: none of HAProxy's own

        """

    /// `-vv`, with the words that stand behind `feature()` in files.
    static let long =
        short
            + """
            Build options :
              TARGET  = linux-glibc
              CC      = swiftc
              OPTIONS = \(SpokenVersion.features.sorted().map { "USE_\($0)=1" }.joined(separator: " "))

            Feature list : \(features)

            Default settings :
              bufsize = 16384, maxrewrite = 1024, maxpollevents = 200

            Built with multi-threading support (one worker for each CPU that the process may use).
            Built with OpenSSL, zlib, brotli, zstd, nghttp2 and PCRE2.

            Available polling systems :
                  epoll : pref=300,  test result OK
            Total: 1 (1 usable), will use epoll.

            Available multiplexer protocols :
            (protocols marked as <default> cannot be specified using 'proto' keyword)
                     h2 : mode=HTTP  side=FE|BE  mux=H2
              <default> : mode=HTTP  side=FE|BE  mux=H1
              <default> : mode=TCP   side=FE|BE  mux=PASS

            Available services : prometheus-exporter

            Available filters :
            \t[CACHE] cache
            \t[COMP] compression

            """

    private static var features: String {
        let absent = ["51DEGREES", "DEVICEATLAS", "LUA", "QUIC", "SLZ", "WURFL", "OT"]
        return (SpokenVersion.features.map { "+\($0)" } + absent.map { "-\($0)" })
            .sorted { $0.dropFirst() < $1.dropFirst() }.joined(separator: " ")
    }
}
