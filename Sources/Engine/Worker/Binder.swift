import Basics
import Glibc
import Model
import Wire

/// Opens listeners, once for each worker.
enum Binder {
    /// Every worker's listeners, by worker and place; nothing stays open if one can not be, or if `isAlone` and another process
    /// listens there.
    static func open(
        _ places: [ListenerPlaces.Place], workers: Int, isAlone: Bool = true, keeper: ListenerKeeper? = nil,
        _ authorities: AuthorityStore
    ) throws(EngineError) -> [[OpenedListener]] {
        // Where a process before this one has listened, its sockets still do.
        if isAlone { for place in places where keeper?.holds(port: place.port) != true { try probe(place) } }
        var opened: [[OpenedListener]] = []
        for _ in 0..<workers {
            var own: [OpenedListener] = []
            for (i, place) in places.enumerated() {
                let handshake = try handshake(of: place, authorities)
                // A name is one socket's, which the workers share.
                if place.isLocal, let first = opened.first?[i].descriptor {
                    own.append(OpenedListener(try inherited(first, as: place.address), handshake))
                } else {
                    own.append(OpenedListener(try open(place, keeper), handshake))
                }
            }
            opened.append(own)
        }
        return opened
    }

    /// The same at the start of a process, as its options say.
    static func open(
        _ places: [ListenerPlaces.Place], workers: Int, _ options: EngineOptions
    ) throws(EngineError) -> [[OpenedListener]] {
        try open(
            places, workers: workers, isAlone: !options.sharesAddresses, keeper: options.keeper,
            options.authorities)
    }

    /// One place's listeners, one for each worker.
    static func open(
        _ place: ListenerPlaces.Place, workers: Int, keeper: ListenerKeeper? = nil,
        _ authorities: AuthorityStore
    ) throws(EngineError) -> [OpenedListener] {
        try open([place], workers: workers, keeper: keeper, authorities).flatMap { $0 }
    }

    /// Finds out whether an address is free. The workers' listeners share their ports, and would share them with another
    /// process of the same user without a word. Nobody is let in before those are there.
    private static func probe(_ place: ListenerPlaces.Place) throws(EngineError) {
        if place.port != 0 { _ = try open(place, isProbe: true) }
    }

    /// What a place's handshakes are held to; nil is the same everywhere.
    static func handshake(
        of place: ListenerPlaces.Place, _ authorities: AuthorityStore
    ) throws(EngineError) -> HandshakeSettings? {
        guard
            place.isTLS,
            place.isStrictSNI || place.tlsParameters != nil || place.clientAuthentication != nil
                || place.protocols != nil || place.offerRoom > 0
        else { return nil }
        do throws(TLSSettingsError) {
            return try HandshakeSettings(
                TLSPolicy(place.tlsParameters ?? TLSParameters()), isStrict: place.isStrictSNI,
                protocols: place.protocols,
                verification: try place.clientAuthentication.map {
                    settings throws(TLSSettingsError) in
                    try ClientVerification(ofHandshakes: settings, authorities)
                }, offerRoom: place.offerRoom)
        } catch {
            throw EngineError(message: "cannot listen on port \(place.port): \(error)")
        }
    }

    private static func open(
        _ place: ListenerPlaces.Place, _ keeper: ListenerKeeper? = nil, isProbe: Bool = false
    ) throws(EngineError) -> Listener {
        if let descriptor = place.descriptor { return try inherited(descriptor) }
        if place.isLocal { return try local(place) }
        let port = place.port
        if let text = place.address {
            guard let address = SocketAddress(text, port: port) else {
                throw EngineError(message: "cannot listen on \(text): not an IPv4 or IPv6 address")
            }
            return try open(address, place, v6Only: true, isProbe, keeper)
        }
        // Both families on one socket; a host without IPv6 gets IPv4 alone.
        guard let any = SocketAddress("::", port: port), let v4 = SocketAddress("0.0.0.0", port: port) else {
            throw EngineError(message: "cannot listen on port \(port)")
        }
        do {
            return try Listener(
                any, v6Only: false, deferAccept: place.defersAccept, sharesPort: !isProbe, listens: !isProbe,
                keeper: keeper)
        } catch {
            guard error.code == EAFNOSUPPORT || error.code == EADDRNOTAVAIL else {
                throw EngineError(message: "cannot listen on *:\(port): \(error.message)")
            }
        }
        return try open(v4, place, v6Only: true, isProbe, keeper)
    }

    private static func inherited(
        _ descriptor: Int32, as text: String? = nil
    ) throws(EngineError) -> Listener {
        do {
            return try Listener(inherited: descriptor)
        } catch {
            throw EngineError(message: "cannot listen on \(text ?? "fd@\(descriptor)"): \(error.message)")
        }
    }

    private static func local(_ place: ListenerPlaces.Place) throws(EngineError) -> Listener {
        let text = place.address ?? ""
        guard let address = SocketAddress(local: text) else {
            throw EngineError(message: "cannot listen on \(text): the name is too long, or none")
        }
        do {
            return try Listener(local: address, place.rights)
        } catch {
            throw EngineError(message: "cannot listen on \(text): \(error.message)")
        }
    }

    private static func open(
        _ address: SocketAddress, _ place: ListenerPlaces.Place, v6Only: Bool, _ isProbe: Bool,
        _ keeper: ListenerKeeper?
    ) throws(EngineError) -> Listener {
        do {
            return try Listener(
                address, v6Only: v6Only, deferAccept: place.defersAccept, sharesPort: !isProbe,
                listens: !isProbe, keeper: keeper)
        } catch {
            throw EngineError(
                message: "cannot listen on \(address.description(withPort: true)): \(error.message)")
        }
    }
}
