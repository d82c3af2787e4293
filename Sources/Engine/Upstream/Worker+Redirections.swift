import Basics
import Wire

/// Servers that clients are sent on to.
extension Worker {
    /// Whether the server that was chosen takes the request itself; if not, its client has been sent elsewhere.
    func takes(_ exchange: Ref<Exchange>, _ server: Unmanaged<ServerState>, _ set: ServerSet) -> Bool {
        guard let redirect = set.redirections.redirect(of: server), exchange[].errand == .none,
            !exchange[].isSession, let place = exchange[].serverPlace
        else { return true }
        let method = head(of: exchange)[exchange[].request.method.indices]
        guard method.equals("GET") || method.equals("HEAD") else { return true }
        if place[].load.enter() { noteMost(at: place, of: server) }
        _ = self.redirect(exchange, redirect, as: .sentElsewhere)
        return false
    }
}
