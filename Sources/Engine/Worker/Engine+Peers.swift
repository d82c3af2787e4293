import Model
import Synchronization
import Wire

/// Peers, who share stick tables.
extension Engine {
    /// The sections of peers, by name, as they were when something happened last.
    public func peerSections() -> [PeerSectionReport] { state.withLock { $0?.peers.report ?? [] } }

    /// The first section starts the thread that speaks with peers.
    func startPeers(_ running: inout Running?) {
        guard let orders = running?.peers, let bell = running?.publisher.tables.bell else { return }
        guard let thread = PeersDriver.start(orders, bell) else {
            return options.onPeers(
                PeerNotice(text: "no thread to speak with peers: nothing is shared", isProblem: true))
        }
        running?.threads.append(thread)
        running?.speaksWithPeers = true
    }

    /// Another process goes on, or none: this one is no peer any more.
    func leavePeers() {
        state.withLock { running in
            if running?.speaksWithPeers == true { running?.peers.mailbox.post(.leave) }
        }
    }
}

extension Engine.Running {
    /// Tells of sections and tables that are others now, and says what of them can not be used. True if there is nobody yet who speaks with peers, and somebody is to.
    mutating func sharePeers(_ change: Change, _ problems: inout [Diagnostic]) -> Bool {
        if let sections = change.peers { problems += publisher.setPeers(sections) }
        let isTouched = change.peers != nil || !change.tables.isEmpty || !change.backends.isEmpty
        guard isTouched, speaksWithPeers || publisher.hasPeers else { return false }
        peers.mailbox.post(.share(publisher.sharedPeers, servers: publisher.peerServerNames))
        return !speaksWithPeers
    }
}
