import Model
import Wire

/// Which of several addresses a server or a rule gets: HAProxy's order. The best has the highest score; of two alike the one that
/// comes first, counted from where the last choice ended, so that servers of one name get different ones.
struct AddressChoice {
    /// Whether IPv4 is wanted first.
    var prefersV4: Bool
    /// Addresses in these come before others of their family.
    var networks: [Network] = []
    /// Whether several servers may have one address.
    var allowsDuplicates = true
    /// What the server has at the moment.
    var current: SocketAddress?
    /// What other servers of the backend have.
    var taken: Set<SocketAddress> = []

    init(prefersV4: Bool) { self.prefersV4 = prefersV4 }

    init(_ resolution: ServerResolution, current: SocketAddress?, taken: Set<SocketAddress>) {
        prefersV4 = resolution.prefersV4
        networks = resolution.networks.compactMap { Network($0) }
        allowsDuplicates = resolution.allowsDuplicates
        (self.current, self.taken) = (current, taken)
    }

    /// The place of the best among `addresses`, beginning at `start`; nil if none may be used.
    func pick(of addresses: [SocketAddress], from start: Int) -> Int? {
        var best: (place: Int, score: Int)?
        for i in addresses.indices {
            let place = (start + i) % addresses.count
            guard let score = score(addresses[place]) else { continue }
            if score > best?.score ?? -1 { best = (place, score) }
        }
        return best?.place
    }

    /// Family before network, network before being alone, and that before staying.
    private func score(_ address: SocketAddress) -> Int? {
        var score = address.isV6 != prefersV4 ? 8 : 0
        if networks.contains(where: { $0.contains(address) }) { score += 4 }
        if !taken.contains(address) {
            score += 2
        } else if !allowsDuplicates {
            return nil
        }
        if address == current { score += 1 }
        return score
    }
}
