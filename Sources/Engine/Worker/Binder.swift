import Basics
import Glibc
import Model
import Wire

/// Opens the listeners of all frontends, once for each worker.
struct Binder {
    private struct Place {
        var bind: Bind
        /// Whether the client speaks first.
        var defersAccept: Bool
        var frontend: UInt16
        /// Among the frontend's binds.
        var index: UInt16
    }

    private let places: [Place]

    init(_ frontends: [Frontend]) {
        places = frontends.enumerated().flatMap { index, frontend in
            frontend.binds.enumerated().map { place, bind in
                Place(
                    bind: bind, defersAccept: frontend.mode == .http, frontend: UInt16(clamping: index),
                    index: UInt16(clamping: place))
            }
        }
    }

    /// Finds out whether every address is free. The workers' listeners share their ports, and would share them with
    /// another process of the same user without a word.
    func probe() throws(EngineError) {
        for place in places where place.bind.port != 0 {
            _ = try open(place, sharesPort: false)
        }
    }

    /// One worker's listeners.
    func open() throws(EngineError) -> FixedArray<BoundListener> {
        var opened: [OpenedListener] = []
        var handshakes: [HandshakeSettings?] = []
        for place in places {
            handshakes.append(try handshake(of: place.bind))
            opened.append(OpenedListener(try open(place, sharesPort: true)))
        }
        return FixedArray(count: places.count) { i in
            let listener = opened[i].take()
            let isTLS = places[i].bind.isTLS
            let forwarded = ForwardedHeaders.fixed(port: listener.address.port, isTLS: isTLS)
            return BoundListener(
                listener: listener, frontend: places[i].frontend, bind: places[i].index, isTLS: isTLS,
                handshake: handshakes[i], forwarded: FixedArray(forwarded))
        }
    }

    private func handshake(of bind: Bind) throws(EngineError) -> HandshakeSettings? {
        guard bind.isTLS, bind.isStrictSNI || bind.tlsParameters != nil else { return nil }
        do {
            return try HandshakeSettings(
                TLSPolicy(bind.tlsParameters ?? TLSParameters()), isStrict: bind.isStrictSNI)
        } catch {
            throw EngineError(message: "cannot listen on port \(bind.port): \(error)")
        }
    }

    private func open(_ place: Place, sharesPort: Bool) throws(EngineError) -> Listener {
        let port = place.bind.port
        if let text = place.bind.address {
            guard let address = SocketAddress(text, port: port) else {
                throw EngineError(message: "cannot listen on \(text): not an IPv4 or IPv6 address")
            }
            return try open(address, place, v6Only: true, sharesPort)
        }
        // Both families on one socket; a host without IPv6 gets IPv4 alone.
        guard let any = SocketAddress("::", port: port), let v4 = SocketAddress("0.0.0.0", port: port) else {
            throw EngineError(message: "cannot listen on port \(port)")
        }
        do {
            return try Listener(any, v6Only: false, deferAccept: place.defersAccept, sharesPort: sharesPort)
        } catch {
            guard error.code == EAFNOSUPPORT || error.code == EADDRNOTAVAIL else {
                throw EngineError(message: "cannot listen on *:\(port): \(error.message)")
            }
        }
        return try open(v4, place, v6Only: true, sharesPort)
    }

    private func open(_ address: SocketAddress, _ place: Place, v6Only: Bool, _ sharesPort: Bool)
        throws(EngineError) -> Listener
    {
        do {
            return try Listener(
                address, v6Only: v6Only, deferAccept: place.defersAccept, sharesPort: sharesPort)
        } catch {
            throw EngineError(
                message: "cannot listen on \(address.description(withPort: true)): \(error.message)")
        }
    }
}

/// A listener on its way into a worker's array.
private final class OpenedListener {
    private var listener: Listener?

    init(_ listener: consuming Listener) { self.listener = consume listener }

    func take() -> Listener {
        guard let taken = listener.take() else { preconditionFailure("a listener is taken once") }
        return taken
    }
}
