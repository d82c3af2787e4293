import Basics
import Model

/// By the hash of a request: HAProxy's table or ring, and what follows for requests without the key.
extension Choice {
    /// The server of a hash. One that has just failed is replaced, which HAProxy does on the ring only. Requests without
    /// the key are served in turn: by the table, or place by place along the ring.
    func byHash(_ set: ServerSet, _ hash: UInt32?) -> Int {
        guard set.settings.hashType.isConsistent else {
            guard let hash else { return inTurn(set) }
            let server = Int(set.rotation[Int(hash % UInt32(set.rotation.count))])
            return isPreferred(set, server) ? server : alternative(set, to: server)
        }
        guard let hash else {
            return usable(set, from: Int(nextTurn() % UInt(set.ring.places.count)))
        }
        guard let nearest = set.ring.nearest(to: hash, where: { isInUse(set, $0) }) else {
            return alternative(set, to: 0)
        }
        return usable(set, from: nearest)
    }

    /// The first server from a place of the ring on that is preferred and within its share.
    private func usable(_ set: ServerSet, from start: Int) -> Int {
        var place = start
        for _ in 0..<set.ring.places.count {
            let server = Int(set.ring.places[place].server)
            if isInUse(set, set.ring.places[place]), isPreferred(set, server), isWithinBound(set, server) {
                return server
            }
            place = set.ring.next(place)
        }
        return alternative(set, to: Int(set.ring.places[start].server))
    }

    /// Whether a server's weight reaches as far as this place of it.
    private func isInUse(_ set: ServerSet, _ place: HashRing.Place) -> Bool {
        !set.hasSlowStart || Int(place.number) < set.weight(of: Int(place.server), now: now)
    }
}
