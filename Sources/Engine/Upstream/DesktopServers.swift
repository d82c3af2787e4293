import Basics
import Model
import Synchronization
import Wire

/// The servers that clients of remote desktops may name by address and port: `persist rdp-cookie`. Made with the set of servers, so
/// that a connection costs one probe however many there are.
///
/// ```
///   Cookie: msts=3640205228.15629.0000      the address and the port as numbers of a machine that begins with the lowest byte
/// ```
final class DesktopServers: Sendable {
    /// The cookie's name.
    let name: FixedArray<UInt8>
    private let keepsDown: Bool
    private let places: KeyIndex
    private let servers: FixedArray<Unmanaged<ServerState>>
    /// Keeps the servers alive.
    private let owned: [ServerState]

    /// Nil if the backend has no such cookie.
    init?(_ backend: Backend, states: [ServerState]) {
        guard let name = backend.persistence.desktopCookie else { return nil }
        self.name = FixedArray(name)
        keepsDown = backend.persistence.keepsDownServers
        owned = states
        servers = FixedArray(count: states.count) { Unmanaged.passUnretained(states[$0]) }
        // What no cookie can name has a key that none gives.
        places = KeyIndex(
            states.map { state in
                state.address.v4Number.map { DesktopServers.key($0, state.address.port) } ?? .max
            })
    }

    /// The server that a cookie's value names, if it takes connections: also one of weight 0, and one that is down where `option persist`
    /// or `force-persist` say so.
    func server(of value: ByteView, isForced: Bool) -> Unmanaged<ServerState>? {
        guard let key = DesktopServers.key(of: value), let place = places[key] else { return nil }
        let isUp = servers[place]._withUnsafeGuaranteedRef { $0.isUp.load(ordering: .relaxed) }
        return isUp || keepsDown || isForced ? servers[place] : nil
    }

    /// The address and the port of a value; nil if it is none.
    static func key(of value: ByteView) -> UInt64? {
        guard let first = value.firstIndex(of: UInt8(ascii: ".")),
            let second = value.firstIndex(of: UInt8(ascii: "."), from: first + 1),
            let address = number(value[0..<first], upTo: Int64(UInt32.max)),
            let port = number(value[first + 1..<second], upTo: Int64(UInt16.max))
        else { return nil }
        return key(UInt32(address).byteSwapped, UInt16(port).byteSwapped)
    }

    private static func number(_ digits: ByteView, upTo most: Int64) -> Int64? {
        guard digits.count <= 10, let number = digits.decimal, number >= 0, number <= most else { return nil }
        return number
    }

    private static func key(_ address: UInt32, _ port: UInt16) -> UInt64 {
        UInt64(address) << 16 | UInt64(port)
    }
}
