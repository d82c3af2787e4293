import Glibc
import Model
import Synchronization
import Wire

/// The way to whoever speaks with peers, and what it says of itself.
final class PeerOrders: Sendable {
    let mailbox = Mailbox<PeerOrder>()
    /// Told of what happens to peers, on their thread.
    let tell: @Sendable (PeerNotice) -> Void
    private let reports = Mutex<[PeerSectionReport]>([])

    init(_ tell: @escaping @Sendable (PeerNotice) -> Void) { self.tell = tell }

    /// The number of this process, which greetings tell.
    var process: Int32 { getpid() }

    func publish(_ report: [PeerSectionReport]) { reports.withLock { $0 = report } }

    /// The sections as they were when something happened last.
    var report: [PeerSectionReport] { reports.withLock { $0 } }
}

/// What is to be done about peers.
enum PeerOrder: Sendable {
    /// These sections are shared from now on, and no others. `servers` is what servers are called.
    case share([SharedPeers], servers: [String])
    /// Nothing is, for another process does it.
    case leave
    case stop
}

/// A section with its tables.
struct SharedPeers: Sendable {
    let section: PeerSection
    let security: PeerSecurity
    let tables: [SharedPeerTable]
}

/// A line about a peer.
public struct PeerNotice: Sendable, Equatable {
    /// The line.
    public let text: String
    /// Whether somebody should look at it.
    public let isProblem: Bool
}
