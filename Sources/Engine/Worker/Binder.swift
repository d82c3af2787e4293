import Basics
import Glibc
import Model
import Wire

/// Opens listeners, once for each worker.
enum Binder {
    /// Every worker's listeners, by worker and place; nothing stays open if one can not be, or if `isAlone` and another process
    /// listens there.
    static func open(
        _ places: [ListenerPlaces.Place], workers: Int, isAlone: Bool = true
    ) throws(EngineError) -> [[OpenedListener]] {
        if isAlone { for place in places { try probe(place) } }
        var opened: [[OpenedListener]] = []
        for _ in 0..<workers {
            var own: [OpenedListener] = []
            for place in places {
                let handshake = try handshake(of: place)
                own.append(OpenedListener(try open(place, sharesPort: true), handshake))
            }
            opened.append(own)
        }
        return opened
    }

    /// One place's listeners, one for each worker.
    static func open(_ place: ListenerPlaces.Place, workers: Int) throws(EngineError) -> [OpenedListener] {
        try open([place], workers: workers).flatMap { $0 }
    }

    /// Finds out whether an address is free. The workers' listeners share their ports, and would share them with another
    /// process of the same user without a word.
    private static func probe(_ place: ListenerPlaces.Place) throws(EngineError) {
        if place.port != 0 { _ = try open(place, sharesPort: false) }
    }

    /// What a place's handshakes are held to; nil is the same everywhere.
    static func handshake(of place: ListenerPlaces.Place) throws(EngineError) -> HandshakeSettings? {
        guard
            place.isTLS,
            place.isStrictSNI || place.tlsParameters != nil || place.clientAuthentication != nil
                || place.protocols != nil
        else { return nil }
        do throws(TLSSettingsError) {
            return try HandshakeSettings(
                TLSPolicy(place.tlsParameters ?? TLSParameters()), isStrict: place.isStrictSNI,
                protocols: place.protocols,
                verification: try place.clientAuthentication.map {
                    settings throws(TLSSettingsError) in try ClientVerification(ofHandshakes: settings)
                })
        } catch {
            throw EngineError(message: "cannot listen on port \(place.port): \(error)")
        }
    }

    private static func open(_ place: ListenerPlaces.Place, sharesPort: Bool) throws(EngineError) -> Listener
    {
        if let descriptor = place.descriptor { return try inherited(descriptor) }
        let port = place.port
        if let text = place.address {
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

    private static func inherited(_ descriptor: Int32) throws(EngineError) -> Listener {
        do {
            return try Listener(inherited: descriptor)
        } catch {
            throw EngineError(message: "cannot listen on fd@\(descriptor): \(error.message)")
        }
    }

    private static func open(
        _ address: SocketAddress, _ place: ListenerPlaces.Place, v6Only: Bool, _ sharesPort: Bool
    ) throws(EngineError) -> Listener {
        do {
            return try Listener(
                address, v6Only: v6Only, deferAccept: place.defersAccept, sharesPort: sharesPort)
        } catch {
            throw EngineError(
                message: "cannot listen on \(address.description(withPort: true)): \(error.message)")
        }
    }
}
