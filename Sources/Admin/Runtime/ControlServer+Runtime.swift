public import Wire

extension ControlServer {
    /// Offers the runtime API at an address.
    public convenience init(
        name: String, at address: SocketAddress, _ api: RuntimeAPI, level: RuntimeLevel, patience: Int64
    ) throws(Listener.Failure) {
        self.init(name: name, try Listener(address, v6Only: false, deferAccept: false)) { now in
            api.session(level, patience: patience, now: now)
        }
    }

    /// Offers the runtime API at a path, whose file has these rights. `exposesListeners`: whoever asks is given the sockets for traffic.
    public convenience init(
        name: String, path: String, mode: UInt32?, exposesListeners: Bool = false, _ api: RuntimeAPI,
        level: RuntimeLevel, patience: Int64
    ) throws(Listener.Failure) {
        self.init(name: name, try Listener(path: path, mode: mode)) { now in
            api.session(level, patience: patience, now: now, exposesListeners: exposesListeners)
        }
    }

    /// Offers the runtime API at a socket that was inherited.
    public convenience init(
        name: String, inherited descriptor: Int32, _ api: RuntimeAPI, level: RuntimeLevel, patience: Int64
    ) throws(Listener.Failure) {
        self.init(name: name, try Listener(inherited: descriptor)) { now in
            api.session(level, patience: patience, now: now)
        }
    }

    /// Offers the runtime API to whom another process hands over; `onEnd` is called when that one has gone.
    public convenience init(
        name: String, handover descriptor: Int32, _ api: RuntimeAPI, patience: Int64,
        onEnd: @escaping @Sendable () -> Void
    ) {
        self.init(name: name, Listener(handover: descriptor), onEnd: onEnd) { now in
            api.session(.admin, patience: patience, now: now)
        }
    }
}
