import Basics
import Model

/// The servers of a backend that GET and HEAD are sent on to instead of being passed on: HAProxy's `redir`.
struct ServerRedirections: ~Copyable {
    private let servers: FixedArray<Unmanaged<ServerState>>
    private let redirects: FixedArray<CompiledRedirect>

    /// Pairs servers of the configuration with their states, in the same order.
    init(_ backend: Backend, _ states: [ServerState]) {
        let places = backend.servers.indices.filter { !backend.servers[$0].redirection.isEmpty }
        let own = FixedArray(count: places.count) { Unmanaged.passUnretained(states[places[$0]]) }
        let compiled = FixedArray(count: places.count) {
            CompiledRedirect(Redirect(.prefix, to: backend.servers[places[$0]].redirection))
        }
        servers = own
        redirects = compiled
    }

    var isEmpty: Bool { servers.count == 0 }

    /// Where requests for a server are sent; nil if it takes them itself.
    func redirect(of server: Unmanaged<ServerState>) -> Ref<CompiledRedirect>? {
        for place in 0..<servers.count where servers[place].toOpaque() == server.toOpaque() {
            return redirects.reference(place)
        }
        return nil
    }
}
