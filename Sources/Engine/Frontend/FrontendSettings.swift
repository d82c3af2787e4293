import Basics
import Model
import Wire

/// A frontend's settings in the units of the engine.
final class FrontendSettings: Sendable {
    let name: FixedArray<UInt8>
    let timeouts: ClientTimeouts
    let forwards: Bool
    let trusted: [Network]
    let maxBodySize: Int64

    init(_ frontend: Frontend) {
        name = FixedArray(frontend.name)
        timeouts = frontend.timeouts
        forwards = frontend.forwarding.isEnabled
        trusted = frontend.forwarding.trustedProxies.compactMap { Network($0) }
        maxBodySize = frontend.maxBodySize
    }

    /// Whether a client at `address` is believed about who sent the request.
    func trusts(_ address: SocketAddress) -> Bool {
        for network in trusted where network.contains(address) { return true }
        return false
    }
}
