/// `stats socket` and `stats timeout` of `global`: where the runtime API is offered.
enum RuntimeDirectives {
    static let global = [
        GlobalDirective("stats socket") { line, global throws(Refusal) in
            let word = try line.take("a path, or an address and a port")
            var socket = RuntimeSocket(place: try place(word))
            while let option = line.takeIfAny() { try read(option, &line, &socket) }
            global.runtimeSockets.append(socket)
        },
        GlobalDirective("stats timeout") { line, global throws(Refusal) in
            global.runtimeTimeout = try line.time()
        },
        .ignored("stats maxconn", "128 clients of each socket may be connected"),
    ]

    /// What stands behind haproxy's `-S`: an address, and options behind commas, of which `level` and `mode` count.
    static func master(_ text: String) throws(Refusal) -> RuntimeSocket {
        let parts = text.split(separator: ",").map(String.init)
        var socket = RuntimeSocket(place: try place(Word(parts.first ?? "", column: 1)))
        socket.level = "admin"
        for (name, value) in zip(parts.dropFirst(), parts.dropFirst(2)) {
            if name == "level", ["user", "operator", "admin"].contains(value) { socket.level = value }
            if name == "mode", let mode = UInt32(value, radix: 8), mode <= 0o777 { socket.mode = mode }
        }
        return socket
    }

    private static func place(_ word: Word) throws(Refusal) -> RuntimeSocket.Place {
        let path = word.text.hasPrefix("unix@") ? String(word.text.dropFirst("unix@".count)) : word.text
        if path.hasPrefix("/") {
            // What the system takes, with a zero behind it.
            guard path.utf8.count < 108 else { throw .invalid(word, expected: "a path of at most 107 bytes") }
            return .path(path)
        }
        if let descriptor = try AddressSyntax.descriptor(word) { return .descriptor(descriptor) }
        let (host, text) = AddressSyntax.split(try AddressSyntax.withoutFamily(word))
        guard let text, let port = UInt16(text), port > 0 else {
            throw .invalid(word, expected: "a path, or an address and a port")
        }
        let address = host.isEmpty || host == "*" ? "0.0.0.0" : host
        guard AddressSyntax.isAddress(address) else {
            throw .invalid(word, expected: "an IPv4 or IPv6 address")
        }
        return .address(String(address), port: port)
    }

    private static func read(
        _ option: Word, _ line: inout LineReader, _ socket: inout RuntimeSocket
    ) throws(Refusal) {
        switch option.text {
        case "level":
            let word = try line.take("user, operator or admin")
            guard ["user", "operator", "admin"].contains(word.text) else {
                throw .invalid(word, expected: "user, operator or admin")
            }
            socket.level = word.text
        case "mode":
            let word = try line.take("rights such as 660")
            guard let mode = UInt32(word.text, radix: 8), mode <= 0o777 else {
                throw .invalid(word, expected: "rights such as 660")
            }
            socket.mode = mode
        case "expose-fd":
            let word = try line.take("listeners")
            guard word.text == "listeners" else { throw .invalid(word, expected: "listeners") }
            socket.exposesListeners = true
        case "user", "group", "uid", "gid":
            _ = try line.take("a name or a number")
            line.ignore("stats socket … \(option.text)", "the socket belongs to who started the process")
        case "process", "thread", "severity-output", "backlog", "maxconn", "name":
            _ = try line.take("a value")
            line.ignore("stats socket … \(option.text)", "it changes nothing here")
        default: throw .invalid(option, expected: "level, mode, or the end of the line")
        }
    }
}

extension RuntimeSocket {
    /// Where a master offers its command line, as it stands behind haproxy's `-S`; nil if it can not be read.
    public init?(master text: String) {
        guard let socket = try? RuntimeDirectives.master(text) else { return nil }
        self = socket
    }
}
