import Engine

extension Logger {
    /// Writes what happens to peers.
    func tell(_ notice: PeerNotice) {
        if notice.isProblem { warning(notice.text) } else { info(notice.text) }
    }
}
