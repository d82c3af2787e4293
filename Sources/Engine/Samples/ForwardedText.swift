import Basics
import Wire

/// Parts of a value of the field `Forwarded` (RFC 7239) as HAProxy's `option forwarded` writes them: what a reader would not
/// understand is not said.
enum ForwardedText {
    /// Writes how a client speaks with us.
    static func append(isSecure: Bool, to output: inout ByteWriter) {
        output.append(isSecure ? "proto=https" : "proto=http")
    }

    /// Writes the host that was asked for.
    static func append(host: ByteView?, to output: inout ByteWriter) {
        output.append("host=\"")
        if let host, ForwardedElement.host(host, isQuoted: true)?.count == host.count { output.append(host) }
        output.append("\"")
    }

    /// Writes one end of a connection, `unknown` if it has no name that can be said; a port is said if it `hasPort`, and if it has
    /// one.
    static func append(
        node name: Sample?, hasPort: Bool, port: Sample?, to output: inout ByteWriter,
        _ workspace: inout SampleWorkspace
    ) {
        let name = name.map { Name($0, &workspace) } ?? .unknown
        let isQuoted = hasPort || name.isV6
        if isQuoted { output.append("\"") }
        switch name {
        case .unknown: output.append("unknown")
        case .text(let text): output.append(text)
        case .hidden(let text):
            output.append("_")
            output.append(text)
        case .v6(let address):
            output.append("[")
            address.write(to: &output)
            output.append("]")
        }
        if hasPort, let text = port?.text(&workspace) { append(port: text, to: &output) }
        if isQuoted { output.append("\"") }
    }

    private static func append(port text: ByteView, to output: inout ByteWriter) {
        let isPort = ForwardedNode.port(text)?.end == text.count
        guard isPort || isHidden(text) else { return }
        output.append(isPort ? ":" : ":_")
        output.append(text)
    }

    /// Whether a text may stand for something else.
    private static func isHidden(_ text: ByteView) -> Bool {
        !text.isEmpty && ForwardedNode.hiddenCount(text) == text.count
    }

    /// What an end is called.
    private enum Name {
        case unknown
        case text(ByteView)
        case hidden(ByteView)
        case v6(SocketAddress)

        init(_ sample: Sample, _ workspace: inout SampleWorkspace) {
            self = .unknown
            if case .address(let address) = sample, address.isV6 {
                self = .v6(address)
            } else if let text = sample.text(&workspace) {
                if let name = ForwardedNode.name(text, isQuoted: true), name.end == text.count {
                    self = .text(text)
                    if case .address(let address) = name.name, address.isV6 { self = .v6(address) }
                } else if ForwardedText.isHidden(text) {
                    self = .hidden(text)
                }
            }
        }

        var isV6: Bool {
            if case .v6 = self { return true }
            return false
        }
    }
}
