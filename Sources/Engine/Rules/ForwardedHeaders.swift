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

    /// Writes the fields. `host` is the one that the client named; `fixed` are the connection's.
    func write(
        to output: inout ByteWriter, request: borrowing RequestHead, head: ByteView, host: ByteView,
        fixed: ByteView, random: inout RandomNumbers
    ) {
        // Most clients are no proxies: none of these fields is there.
        guard hasReplaced(request) else {
            return writePlain(to: &output, host: host, fixed: fixed, random: &random)
        }
        var given = Given()
        given.gather(request, head)
        let isTrusted = settings._withUnsafeGuaranteedRef { $0.trusts(client) }
        output.append("X-Request-ID: ")
        if given.requestID.isEmpty {
            output.append(hexDigits: random.next())
            output.append(hexDigits: random.next())
        } else {
            output.append(given.requestID)
        }
        output.append("\r\nX-Real-IP: ")
        appendAddress(to: &output, given, isTrusted)
        output.append("\r\nX-Forwarded-For: ")
        appendAddress(to: &output, given, isTrusted)
        output.append("\r\n")
        writeHost(to: &output, isTrusted && !given.host.isEmpty ? CommaList.first(given.host) : host)
        if isTrusted { appendTrusted(to: &output, given, fixed) } else { output.append(fixed) }
        if !given.forwardedFor.isEmpty {
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
    func writeQuestion(to output: inout ByteWriter, request: borrowing RequestHead, head: ByteView) {
        var given = Given()
        given.gather(request, head)
        let isTrusted = settings._withUnsafeGuaranteedRef { $0.trusts(client) }
        output.append("X-Real-IP: ")
        appendAddress(to: &output, given, isTrusted)
        output.append("\r\nX-Forwarded-For: ")
        appendAddress(to: &output, given, isTrusted)
        output.append("\r\n")
        if isTrusted { writeHost(to: &output, CommaList.first(given.host)) }
        guard !given.requestID.isEmpty else { return }
        output.append("X-Request-ID: ")
        output.append(given.requestID)
        output.append("\r\n")
    }

    private func hasReplaced(_ request: borrowing RequestHead) -> Bool {
        let replaced = settings._withUnsafeGuaranteedRef { $0.replaced }
        var isThere = false
        request.fields.forEach { isThere = isThere || replaced.contains($0.name) }
        return isThere
    }

    private func writePlain(
        to output: inout ByteWriter, host: ByteView, fixed: ByteView, random: inout RandomNumbers
    ) {
        output.append("X-Request-ID: ")
        output.append(hexDigits: random.next())
        output.append(hexDigits: random.next())
        output.append("\r\nX-Real-IP: ")
        text.write(to: &output, of: client)
        output.append("\r\nX-Forwarded-For: ")
        text.write(to: &output, of: client)
        output.append("\r\n")
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

    /// The client itself, or whom a trusted proxy names: from the right, the first that is no trusted proxy.
    private func appendAddress(to output: inout ByteWriter, _ given: Given, _ isTrusted: Bool) {
        guard isTrusted, !given.forwardedFor.isEmpty else {
            return text.write(to: &output, of: client)
        }
        var end = given.forwardedFor.count
        var named = client
        while end > 0 {
            let list = given.forwardedFor[0..<end]
            let start = list.lastIndex(of: UInt8(ascii: ",")).map { $0 + 1 } ?? 0
            guard let address = SocketAddress(list[start..<end].trimmed.string, port: 0) else { break }
            named = address
            guard settings._withUnsafeGuaranteedRef({ $0.trusts(address) }) else { break }
            end = max(0, start - 1)
        }
        named.write(to: &output)
    }

    /// What the client sent of these fields.
    private struct Given {
        var requestID = ByteView.empty
        var forwardedFor = ByteView.empty
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
