import Basics
import Model
import Synchronization
import Wire

/// The servers that a backend's persistence cookie may name, and their values.
///
/// All of the backend are among them, also those of weight 0: they take nobody new, but keep whom they have. Made with the set
/// of servers, so that a request costs one probe however many there are.
final class StickyServers: Sendable {
    let cookie: CookiePersistence
    private let keepsDown: Bool
    private let servers: FixedArray<Server>
    /// Indices into `servers` plus one, by the hash of their values; 0 is a free place.
    private let slots: FixedArray<Int>
    /// Keeps the servers alive.
    private let owned: [ServerState]

    private struct Server: ~Copyable {
        let value: FixedArray<UInt8>
        let state: Unmanaged<ServerState>
    }

    /// Nil if the backend has no persistence cookie, or one whose settings are unusable, which whoever made them reports.
    init?(_ backend: Backend, states: [ServerState]) {
        guard let settings = backend.persistence.cookie, settings.flaw == nil else { return nil }
        cookie = CookiePersistence(settings)
        keepsDown = backend.persistence.keepsDownServers
        owned = states
        let values = zip(backend.servers, states).map { server, state in
            StickyServers.value(of: server, state.address, settings)
        }
        servers = FixedArray(count: states.count) {
            Server(value: FixedArray(values[$0]), state: Unmanaged.passUnretained(states[$0]))
        }
        slots = StickyServers.table(of: values)
    }

    private static func value(
        of server: Model.Server, _ address: SocketAddress, _ settings: PersistenceCookie
    )
        -> String
    {
        if settings.canCarry(value: server.cookie) { return server.cookie }
        guard !address.isLocal else { return "" }
        return settings.dynamicKey.map { DynamicCookie.value(key: $0, address: address) } ?? ""
    }

    /// Of servers with the same value the first has it.
    private static func table(of values: [String]) -> FixedArray<Int> {
        var size = 4
        while size < values.count * 2 { size *= 2 }
        var slots = [Int](repeating: 0, count: size)
        for (i, value) in values.enumerated() where !value.isEmpty {
            var slot = Int(truncatingIfNeeded: value.withView { ByteHash.hash($0) }) & (size - 1)
            while slots[slot] > 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = i + 1
        }
        return FixedArray(count: size) { slots[$0] }
    }

    /// The index of the server that a value names.
    func index(of value: ByteView) -> Int? {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: ByteHash.hash(value)) & mask
        while slots[slot] > 0 {
            let index = slots[slot] - 1
            if servers[index].value.view.equals(value) { return index }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// What a cookie that names the server leads to.
    func verdict(on index: Int, isForced: Bool) -> CookieServer {
        let isUp = servers[index].state._withUnsafeGuaranteedRef { $0.isUp.load(ordering: .relaxed) }
        return isUp ? .up : keepsDown || isForced ? .downButKept : .down
    }

    /// A server.
    func server(_ index: Int) -> Unmanaged<ServerState> { servers[index].state }

    /// A server's value, empty if it has none.
    func value(of state: Unmanaged<ServerState>) -> ByteView {
        for i in 0..<servers.count where servers[i].state.toOpaque() == state.toOpaque() {
            return servers[i].value.view
        }
        return .empty
    }
}
