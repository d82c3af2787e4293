import Basics
import Model
import Synchronization

/// By the hash of a request: HAProxy's table or ring, and what follows for requests without the key.
extension Choice {
    /// The server of a hash. One that has just failed is replaced, which HAProxy does on the ring only.
    func byHash(_ hash: UInt32) -> Int {
        guard set.settings.hashType.isConsistent else {
            let server = Int(set.rotation[Int(hash % UInt32(set.rotation.count))])
            return isPreferred(server) ? server : alternative(to: server)
        }
        guard let nearest = set.ring.nearest(to: hash, where: isInUse) else { return alternative(to: 0) }
        return usable(from: nearest)
    }

    /// Requests without the key are served in turn: by the table, or place by place along the ring.
    func withoutKey() -> Int {
        guard set.settings.hashType.isConsistent else { return inTurn() }
        let turn = backend.position.wrappingAdd(1, ordering: .relaxed).oldValue
        return usable(from: Int(UInt(bitPattern: turn) % UInt(set.ring.places.count)))
    }

    /// The first server from a place of the ring on that is preferred and within its share.
    private func usable(from start: Int) -> Int {
        var place = start
        for _ in 0..<set.ring.places.count {
            let server = Int(set.ring.places[place].server)
            if isInUse(set.ring.places[place]), isPreferred(server), isWithinBound(server) { return server }
            place = set.ring.next(place)
        }
        return alternative(to: Int(set.ring.places[start].server))
    }

    /// Whether a server's weight reaches as far as this place of it.
    private func isInUse(_ place: HashRing.Place) -> Bool {
        !set.hasSlowStart || Int(place.number) < set.weight(of: Int(place.server), now: now)
    }
}
