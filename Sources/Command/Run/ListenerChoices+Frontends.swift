import Model

extension ListenerChoices {
    /// The sides that traffic comes in by; empty if both ports are off.
    var frontends: [Frontend] {
        var frontends: [Frontend] = []
        if httpPort != 0 {
            frontends.append(Frontend(name: "http", binds: [Bind(address: bindAddress, port: httpPort)]))
        }
        if httpsPort != 0 {
            let bind = Bind(address: bindAddress, port: httpsPort, isTLS: true)
            frontends.append(Frontend(name: "https", binds: [bind]))
        }
        return frontends
    }
}
