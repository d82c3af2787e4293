import Model
import Wire

/// `Model.ServerSource` as workers use it.
struct ServerOrigin: Sendable, Equatable {
    private let own: ConnectionOrigin
    private let foreign: ServerSource.Foreign?

    /// nil where the system chooses all of it.
    init?(_ source: ServerSource?) {
        guard let source, source != ServerSource() else { return nil }
        var own = ConnectionOrigin()
        own.address = SocketAddress(source.address, port: 0)
        own.ports = source.ports
        own.interface = source.interface
        own.patience = source.patience
        self.own = own
        foreign = source.foreign
    }

    /// Connections are nobody's but the client's whom they are opened for.
    var isClients: Bool { foreign != nil }

    /// Of what belongs to no client, and of checks.
    var ours: ConnectionOrigin { own }

    /// Of a connection for a client to `server`. Addresses of another family than the server's can not be used.
    func origin(for client: SocketAddress, to server: SocketAddress) -> ConnectionOrigin {
        guard let foreign, !client.isLocal, !server.isLocal, client.isV6 == server.isV6 else { return own }
        var origin = own
        origin.address = client
        origin.isForeign = true
        origin.ports = foreign == .client && client.port > 0 ? client.port...client.port : nil
        return origin
    }
}
