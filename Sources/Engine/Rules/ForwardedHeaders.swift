import Basics
import Wire

/// What servers are told about the client, as ingress-nginx tells them: one address in `X-Forwarded-For`, what the client
/// itself sent of these fields replaced, unless the client is a trusted proxy.
struct ForwardedHeaders {
    /// Fields we write ourselves.
    static var replaced: HeaderNames { HeaderNames(from: .xForwardedFor, to: .xScheme) }
    static var none: HeaderNames { HeaderNames() }

    let settings: Unmanaged<FrontendSettings>
    let client: SocketAddress
    let port: UInt16
    let isTLS: Bool

    /// Appends the fields; false if they do not fit.
    func append(
        to output: inout Buffer, request: borrowing RequestHead, head: ByteView, random: inout RandomNumbers
    ) -> Bool {
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
        output.append("\r\nX-Forwarded-Host: ")
        output.append(
            isTrusted && !given.host.isEmpty ? CommaList.first(given.host) : head[request.host.indices])
        output.append("\r\nX-Forwarded-Port: ")
        if isTrusted, !given.port.isEmpty {
            output.append(given.port)
        } else {
            output.append(decimal: isTLS ? 443 : Int64(port))
        }
        let scheme =
            isTrusted && !given.proto.isEmpty
            ? given.proto : (isTLS ? ("https" as StaticString) : "http").view
        output.append("\r\nX-Forwarded-Proto: ")
        output.append(scheme)
        output.append("\r\nX-Forwarded-Scheme: ")
        output.append(scheme)
        output.append("\r\nX-Scheme: ")
        output.append(scheme)
        if !given.forwardedFor.isEmpty {
            output.append("\r\nX-Original-Forwarded-For: ")
            output.append(given.forwardedFor)
        }
        if !given.host.isEmpty {
            output.append("\r\nX-Original-Forwarded-Host: ")
            output.append(given.host)
        }
        return output.append("\r\n")
    }

    /// The client itself, or whom a trusted proxy names: from the right, the first that is no trusted proxy.
    private func appendAddress(to output: inout Buffer, _ given: Given, _ isTrusted: Bool) {
        guard isTrusted, !given.forwardedFor.isEmpty else { return client.append(to: &output) }
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
        named.append(to: &output)
    }

    /// What the client sent of these fields.
    private struct Given {
        var requestID = ByteView.empty
        var forwardedFor = ByteView.empty
        var host = ByteView.empty
        var port = ByteView.empty
        var proto = ByteView.empty

        mutating func gather(_ request: borrowing RequestHead, _ head: ByteView) {
            for i in 0..<request.fields.count {
                let field = request.fields[i]
                guard field.name != .other, !field.isRemoved else { continue }
                let value = request.value(field, in: head)
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
