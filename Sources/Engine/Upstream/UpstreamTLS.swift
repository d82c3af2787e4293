import Basics
import Model
import Wire

/// How TLS is spoken with one server, ready for its connections.
final class UpstreamTLS: Sendable {
    let context: TLSClientContext
    /// What every connection tells; empty if none or if it depends on the request.
    let sentName: FixedArray<UInt8>
    let sendsRequestHost: Bool
    /// What else says what is told, or none.
    let toldSample: FixedArray<CompiledExpression>
    /// Whom the certificate must be for where no name is sent.
    let nameWithoutSNI: String?
    /// Whether the handshake may choose HTTP/2, and whether it may choose HTTP/1.1.
    let offersHTTP2: Bool
    let offersHTTP1: Bool

    init(_ settings: ServerTLS, context: TLSClientContext, address: SocketAddress) {
        self.context = context
        offersHTTP2 = settings.protocols.contains(ApplicationProtocol.http2.rawValue)
        offersHTTP1 = settings.protocols.contains(ApplicationProtocol.http11.rawValue)
        let own = address.description(withPort: false)
        var told: [Expression] = []
        if case .sample(let expression) = settings.serverName { told = [expression] }
        let samples = told
        toldSample = FixedArray(count: samples.count) { CompiledExpression(samples[$0]) }
        switch settings.serverName {
        case .none:
            sentName = FixedArray("")
            sendsRequestHost = false
            nameWithoutSNI = settings.verifiedName
        case .fixed(let name):
            // RFC 6066 section 3: an address is no server name. It can still be asked for.
            let isAddress = SocketAddress(name, port: 0) != nil
            sentName = FixedArray(isAddress ? "" : name)
            sendsRequestHost = false
            nameWithoutSNI = isAddress ? name : settings.verifiedName
        case .requestHost, .sample:
            sentName = FixedArray("")
            sendsRequestHost = settings.serverName == .requestHost
            nameWithoutSNI = settings.verifiedName ?? own
        }
    }

    /// Whether connections are told what their first request says.
    var dependsOnRequest: Bool { sendsRequestHost || toldSample.count > 0 }

    /// The name for a request's host: without port and trailing dot; empty for an address and for what is too long.
    static func serverName(forHost host: ByteView) -> ByteView {
        var name = HostSyntax.withoutPort(host)
        if name.count > 1, name[name.count - 1] == UInt8(ascii: ".") { name = name[0..<name.count - 1] }
        guard !name.isEmpty, name.count <= 255, name[0] != UInt8(ascii: "[") else { return .empty }
        // A last label of digits alone is an IPv4 address, or nothing.
        var i = name.count
        while i > 0, name[i - 1] &- UInt8(ascii: "0") < 10 { i -= 1 }
        let isAddress = i < name.count && (i == 0 || name[i - 1] == UInt8(ascii: "."))
        return isAddress ? .empty : name
    }
}
