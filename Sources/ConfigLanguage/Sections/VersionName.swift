/// What `proto` can name (HAProxy: a multiplexer).
enum VersionName: Sendable {
    case http1, http2
    /// `none`: what mode tcp is without the word.
    case bytes

    /// Whether it goes with mode http; else it goes with mode tcp.
    var isOfHTTP: Bool { self != .bytes }
}
