import Model
import Wire

/// A server whose address is asked for.
struct ResolvedServer: Sendable, Equatable {
    let reference: ServerReference
    let resolution: ServerResolution

    /// Nil if nobody is asked for it.
    init?(_ server: Server, of backend: BackendName) {
        guard let resolution = server.resolution, resolution.resolvers != nil else { return nil }
        reference = ServerReference(backend: backend, server: server.name)
        self.resolution = resolution
    }
}

/// Where a server is, as name servers say.
struct ServerPlacement: Sendable, Equatable {
    /// Without a port; nil is nowhere: the server takes no requests.
    var address: SocketAddress?
    var port: UInt16
    /// The host that a service's record names; empty for servers that have a name of their own.
    var host = ""
    /// The weight of a service's record, in the server's scale; nil leaves the server's own.
    var weight: Int?
    /// Why it is nowhere.
    var reason = Reason.none

    /// Why a server has no address, in HAProxy's words.
    enum Reason: String, Sendable {
        case none = ""
        case removed = "entry removed from SRV record"
        case noAddress = "No IP for server "
        case absent = "DNS NX status"
        case timedOut = "DNS timeout status"
        case refused = "DNS refused status"
        case other = "unspecified DNS error"
    }
}
