import Basics
import Wire

/// What servers are told about the client, as ingress-nginx tells them: one address in `X-Forwarded-For`, what the client
/// itself sent of these fields replaced, unless the client is a trusted proxy.
struct ForwardedHeaders {
    let settings: Unmanaged<FrontendSettings>
    let client: SocketAddress
    let text: AddressText
    /// Whether the client speaks TLS, with us or with who sent us its PROXY header.
    let isSecure: Bool
    /// Whether nothing is said of the client's address.
    var hidesSource = false

    /// What a listener's own port and protocol say: the same for every request there, so it is rendered once.
    static func fixed(port: UInt16, isTLS: Bool) -> String {
        fixed(destinationPort: isTLS ? 443 : port, isSecure: isTLS)
    }

    /// The same of a connection whose PROXY header says what port the client asked for.
    static func fixed(destinationPort port: UInt16, isSecure: Bool) -> String {
        let scheme = isSecure ? "https" : "http"
        return "X-Forwarded-Port: \(port)\r\nX-Forwarded-Proto: \(scheme)\r\n"
            + "X-Forwarded-Scheme: \(scheme)\r\nX-Scheme: \(scheme)\r\n"
    }

    /// Writes the fields. `host` is the one that the client named; `fixed` are the connection's; `id` is that of a request without one.
    func write(
        to output: inout ByteWriter, request: borrowing RequestHead, head: ByteView, host: ByteView,
        fixed: ByteView, id: RequestID
    ) {
        // Most clients are no proxies: none of these fields is there.
        guard hasReplaced(request) else {
            return writePlain(to: &output, host: host, fixed: fixed, id: id)
        }
        var given = Given()
        gather(&given, request, head)
        write(given.requestID, or: id, to: &output)
        if !hidesSource { writeSource(to: &output, given) }
        writeHost(to: &output, given.isTrusted && !given.host.isEmpty ? CommaList.first(given.host) : host)
        if given.isTrusted { appendTrusted(to: &output, given, fixed) } else { output.append(fixed) }
        if !given.forwardedFor.isEmpty, !hidesSource {
            output.append("X-Original-Forwarded-For: ")
            output.append(given.forwardedFor)
            output.append("\r\n")
        }
        guard !given.host.isEmpty else { return }
        output.append("X-Original-Forwarded-Host: ")
        output.append(given.host)
        output.append("\r\n")
    }

    /// What clients may say of themselves in these fields, which is for trusted proxies alone.
    static var ofClients: HeaderNames { HeaderNames(from: .xForwardedFor, to: .xScheme) }

    /// Writes what who is asked about a request is told of its client. The scheme stands in the address that is asked about.
    func writeQuestion(
        to output: inout ByteWriter, request: borrowing RequestHead, head: ByteView, id: RequestID
    ) {
        var given = Given()
        gather(&given, request, head)
        output.append("X-Real-IP: ")
        appendAddress(to: &output, given)
        output.append("\r\nX-Forwarded-For: ")
        appendAddress(to: &output, given)
        output.append("\r\n")
        if given.isTrusted { writeHost(to: &output, CommaList.first(given.host)) }
        write(given.requestID, or: id, to: &output)
    }

    /// Writes the client's address, as servers are told it.
    func writeAddress(to output: inout ByteWriter, request: borrowing RequestHead, head: ByteView) {
        var given = Given()
        gather(&given, request, head)
        appendAddress(to: &output, given)
    }

    /// The client's address, as servers are told it.
    func address(request: borrowing RequestHead, head: ByteView) -> SocketAddress {
        guard settings._withUnsafeGuaranteedRef({ $0.trusts(client) }) else { return client }
        return named(request, head) ?? client
    }

    /// Writes what the client has sent as `X-Forwarded-For`, and its own address behind it.
    func writeWay(to output: inout ByteWriter, request: borrowing RequestHead, head: ByteView) {
        var given = Given()
        given.gather(request, head)
        if !given.forwardedFor.isEmpty {
            output.append(given.forwardedFor)
            output.append(", ")
        }
        text.write(to: &output, of: client)
    }

    private func write(_ given: ByteView, or id: RequestID, to output: inout ByteWriter) {
        guard !given.isEmpty || !id.isNone else { return }
        output.append("X-Request-ID: ")
        if given.isEmpty { id.write(to: &output) } else { output.append(given) }
        output.append("\r\n")
    }

    private func gather(_ given: inout Given, _ request: borrowing RequestHead, _ head: ByteView) {
        given.gather(request, head)
        given.isTrusted = settings._withUnsafeGuaranteedRef { $0.trusts(client) }
        if given.isTrusted { given.named = named(request, head) }
    }

    private func hasReplaced(_ request: borrowing RequestHead) -> Bool {
        let telling = settings._withUnsafeGuaranteedRef { $0.telling }
        var isThere = false
        request.fields.forEach { isThere = isThere || telling.contains($0.name) }
        return isThere
    }

    private func writePlain(
        to output: inout ByteWriter, host: ByteView, fixed: ByteView, id: RequestID
    ) {
        if !id.isNone {
            output.append("X-Request-ID: ")
            id.write(to: &output)
            output.append("\r\n")
        }
        if !hidesSource {
            output.append("X-Real-IP: ")
            text.write(to: &output, of: client)
            output.append("\r\nX-Forwarded-For: ")
            text.write(to: &output, of: client)
            output.append("\r\n")
        }
        writeHost(to: &output, host)
        output.append(fixed)
    }

    private func writeHost(to output: inout ByteWriter, _ host: ByteView) {
        guard !host.isEmpty else { return }
        output.append("X-Forwarded-Host: ")
        output.append(host)
        output.append("\r\n")
    }

    /// Port and protocol as a trusted proxy says; what it does not say is ours.
    private func appendTrusted(to output: inout ByteWriter, _ given: Given, _ fixed: ByteView) {
        guard !given.port.isEmpty || !given.proto.isEmpty else {
            return output.append(fixed)
        }
        let scheme = given.proto.isEmpty ? (isSecure ? ("https" as StaticString) : "http").view : given.proto
        let isHTTPS = scheme.equalsIgnoringCase("https")
        output.append("X-Forwarded-Port: ")
        output.append(given.port.isEmpty ? (isHTTPS ? ("443" as StaticString) : "80").view : given.port)
        output.append("\r\nX-Forwarded-Proto: ")
        output.append(scheme)
        output.append("\r\nX-Forwarded-Scheme: ")
        output.append(scheme)
        output.append("\r\nX-Scheme: ")
        output.append(scheme)
        output.append("\r\n")
    }

    private func writeSource(to output: inout ByteWriter, _ given: Given) {
        output.append("X-Real-IP: ")
        appendAddress(to: &output, given)
        output.append("\r\nX-Forwarded-For: ")
        appendSource(to: &output, given)
        output.append("\r\n")
    }

    /// What a trusted proxy has said and the proxy itself, if that is asked for; else one address.
    private func appendSource(to output: inout ByteWriter, _ given: Given) {
        guard given.isTrusted, !given.forwardedFor.isEmpty,
            settings._withUnsafeGuaranteedRef({ $0.appendsSource })
        else { return appendAddress(to: &output, given) }
        output.append(given.forwardedFor)
        output.append(", ")
        text.write(to: &output, of: client)
    }

    /// The client itself, or whom a trusted proxy names.
    private func appendAddress(to output: inout ByteWriter, _ given: Given) {
        guard let named = given.named else { return text.write(to: &output, of: client) }
        named.write(to: &output)
    }

    /// Whom trusted proxies name: from the last line to the first, and in each from the right, the first that is no trusted proxy; nil
    /// is nobody.
    private func named(_ request: borrowing RequestHead, _ head: ByteView) -> SocketAddress? {
        settings._withUnsafeGuaranteedRef { settings in
            let name = settings.sourceField.view
            var named: SocketAddress?
            var place = request.fields.count
            while place > 0 {
                place -= 1
                let field = request.fields[place]
                let isMeant =
                    name.isEmpty
                    ? field.name == .xForwardedFor : field.name(in: head).equalsIgnoringCase(name)
                guard isMeant, !field.isRemoved else { continue }
                guard takesAll(of: field.value(in: head), settings, &named) else { break }
            }
            return named
        }
    }

    /// Goes on in a line; true if all of it are trusted proxies, so that the line above it counts.
    private func takesAll(
        of line: ByteView, _ settings: FrontendSettings, _ named: inout SocketAddress?
    ) -> Bool {
        var end = line.count
        while true {
            let list = line[0..<end]
            let comma = list.lastIndex(of: UInt8(ascii: ","))
            let last = list[(comma.map { $0 + 1 } ?? 0)..<end].trimmed
            guard let address = ForwardedHeaders.address(last) else { return false }
            named = address
            guard settings.trusts(address) else { return false }
            guard let comma else { return true }
            end = comma
        }
    }

    /// An address as proxies write it: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`.
    private static func address(_ text: ByteView) -> SocketAddress? {
        var (host, port) = (text, ByteView.empty)
        if text.count > 0, text[0] == UInt8(ascii: "[") {
            guard let end = text.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            (host, port) = (text[1..<end], text[end + 1..<text.count])
        } else if let colon = text.firstIndex(of: UInt8(ascii: ":")),
            text.lastIndex(of: UInt8(ascii: ":")) == colon
        {
            (host, port) = (text[0..<colon], text[colon..<text.count])
        }
        guard port.isEmpty || isPort(port) else { return nil }
        return SocketAddress(host.string, port: 0)
    }

    /// Whether it is a colon and a port.
    private static func isPort(_ text: ByteView) -> Bool {
        guard text.count >= 2, text.count <= 6, text[0] == UInt8(ascii: ":") else { return false }
        return (1..<text.count).allSatisfy { text[$0] &- UInt8(ascii: "0") <= 9 }
    }

    /// What the client sent of these fields.
    private struct Given {
        var requestID = ByteView.empty
        var forwardedFor = ByteView.empty
        /// Whether the client is a trusted proxy.
        var isTrusted = false
        /// Whom it names; nil is nobody.
        var named: SocketAddress?
        var host = ByteView.empty
        var port = ByteView.empty
        var proto = ByteView.empty

        mutating func gather(_ request: borrowing RequestHead, _ head: ByteView) {
            request.fields.forEach { field in
                guard !field.isRemoved else { return }
                let value = field.value(in: head)
                switch field.name {
                case .xRequestID: requestID = value
                case .xForwardedFor: forwardedFor = value
                case .xForwardedHost: host = value
                case .xForwardedPort: port = value
                case .xForwardedProto: proto = value
                default: break
                }
            }
        }
    }
}
