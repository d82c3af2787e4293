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
    /// What the header says beside addresses: its fields, as they stand there.
    var announced = FixedArray<UInt8>("")
    /// It began with such a header.
    var saidProxyHeader = false
    /// What it has shown in the handshake, under a name that demands certificates.
    var shown: ShownCertificate?
    /// What rules remember of it.
    var variables = VariableStore()
    /// Idle connections to servers that are this client's alone, as many as HAProxy keeps (`max-session-srv-conns`).
    var idle = InlineArray<5, Ref<ServerConnection>?>(repeating: nil)
    /// Connections of HTTP/2 to servers that are this client's alone and take requests, newest first.
    var carriers: Ref<Carrier>?
    /// What rules say of its session before there is one: what holds its bytes back, what is remembered and kept of it.
    var throttles: [Throttle] = []
    var early = VariableStore()
    var captures = VariableStore()
    var priority = QueuePriority()
    var marks = PacketMarks()
    /// Where rules say that it goes, before it has an exchange.
    var aim: SocketAddress?
    /// What it has asked name servers is called; 0 is nothing. Where its rules go on then, and whether what has not come does not count.
    var question: UInt64 = 0
    var nextRule = 0
    var isLate = false
    /// What the connection tracks; it keeps the tables alive.
    var tracked = TrackedEntries()
}
