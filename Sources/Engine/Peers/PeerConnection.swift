import Wire

/// One connection between peers: it is made, they come to know each other, and then it carries the messages of a link.
final class PeerConnection {
    var transport: Transport
    let section: String
    /// The link that it is of, once that is known.
    var link: Int?
    var state: State
    var handshake: PeerHandshake
    var decoder = PeerDecoder()
    /// What is sent before messages are.
    var greeting: [UInt8] = []
    /// When it is given up, milliseconds; 0 is never.
    var until: UInt64

    enum State {
        case connecting
        /// TLS is agreed on.
        case securing
        case greeting, open, refusing
    }

    init(_ descriptor: Int32, of section: String, _ state: State, _ handshake: PeerHandshake, until: UInt64) {
        transport = Transport(descriptor: descriptor)
        (self.section, self.state) = (section, state)
        (self.handshake, self.until) = (handshake, until)
    }
}

/// When a peer is called again.
struct PeerDial {
    /// Milliseconds; while a connection is there nobody is called.
    var nextAt: UInt64
    /// Between calls that fail, longer each time.
    var pause: UInt64 = PeerDial.shortest
    /// The version that it is greeted with.
    var minorVersion = PeerGreeting.latest
    /// What was said of it last, so that it is said once.
    var said = ""
    /// Why the last connection has ended, or did not come about; empty while there is one.
    var trouble = ""
    /// The last answer to a greeting.
    var status: PeerReport.Status = .none
    /// When they have last come to know each other, milliseconds; 0 is never.
    var greetedAt: UInt64 = 0

    static let shortest: UInt64 = 500
    static let longest: UInt64 = 5_000

    /// It has failed. Both sides may have; neither calls when the other does.
    mutating func fail(now: UInt64, _ random: inout RandomNumbers) {
        nextAt = now + pause / 2 + UInt64(random.next(below: UInt32(pause)))
        pause = min(pause * 2, PeerDial.longest)
    }
}
