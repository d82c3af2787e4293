import Basics
import Wire

/// What few clients have, so that the others do not pay for it with memory: most of them, what a PROXY header said,
/// and connections to servers that were told of them in one.
struct ClientDetails: ~Copyable {
    /// Where the client connected to as its PROXY header says; nil without one.
    var destination: SocketAddress?
    /// Whether it speaks TLS with us or with who sent the header.
    var isSecure = false
    /// The forwarded fields that are the same for every request of this client.
    var forwarded = FixedArray<UInt8>("")
    /// The host name the header says the client asked for.
    var authority = FixedArray<UInt8>("")
    /// What it has shown in the handshake, under a name that demands certificates.
    var shown: ShownCertificate?
    /// What rules remember of it.
    var variables = VariableStore()
    /// Idle connections to servers that are this client's alone, as many as HAProxy keeps (`max-session-srv-conns`).
    var idle = InlineArray<5, Ref<ServerConnection>?>(repeating: nil)
    /// Connections of HTTP/2 to servers that are this client's alone and take requests, newest first.
    var carriers: Ref<Carrier>?
    /// What holds its session's bytes back.
    var throttles: [Throttle] = []
    /// What the connection tracks; it keeps the tables alive.
    var tracked = TrackedEntries()
}
