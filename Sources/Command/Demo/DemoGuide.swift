/// What the demo prints once it serves: addresses to open and lines to try.
struct DemoGuide {
    let httpPort: UInt16
    let httpsPort: UInt16
    let opsPort: UInt16
    let admin: Endpoint
    let folder: String

    /// The file with the authority's certificate, inside `folder`.
    static let authorityFile = "ca.pem"

    /// The lines, for stdout's reader, not for a program.
    var text: String {
        var lines = ["", "Sluice serves the demo. Open in a browser:"]
        if httpPort != 0 {
            lines.append("  http://demo.localhost:\(httpPort)/            who answers, WebSocket, stream")
        }
        if admin.port != 0 { lines.append("  http://\(admin)/                 the dashboard") }
        lines += ["", "Or try:"] + plain + secure + operations
        lines += [
            "", "The manifests are in \(folder)",
            "Edit one and save it: the next request follows. Ctrl-C ends it.",
        ]
        return lines.joined(separator: "\n") + "\n\n"
    }

    private var plain: [String] {
        guard httpPort != 0 else { return [] }
        return [
            "  curl http://demo.localhost:\(httpPort)/echo",
            "  curl -N http://demo.localhost:\(httpPort)/stream",
            "  curl -i http://paths.localhost:\(httpPort)/shop/cart",
            "  curl -i http://slice.localhost:\(httpPort)/",
        ]
    }

    private var secure: [String] {
        guard httpsPort != 0 else { return [] }
        return ["  curl --cacert \(folder)/\(Self.authorityFile) https://secure.localhost:\(httpsPort)/echo"]
    }

    private var operations: [String] {
        guard opsPort != 0 else { return [] }
        return [
            "  curl http://localhost:\(opsPort)/readyz?verbose", "  curl http://localhost:\(opsPort)/metrics",
        ]
    }
}
