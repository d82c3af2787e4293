import Basics
import Model
import Wire

/// `Model.Redirect` in bytes.
struct CompiledRedirect: ~Copyable {
    let status: UInt16
    let statusLine: FixedArray<UInt8>
    let target: CompiledFormat
    let ignoresEmpty: Bool
    private let kind: Redirect.Kind
    private let dropsQuery: Bool
    private let appendsSlash: Bool
    /// Those behind the location.
    private let fields: FixedArray<UInt8>

    // Each part is made before any is stored: Swift 6.3.1 otherwise frees a part before it is there (optimised builds only).
    init(_ redirect: Redirect) {
        let code = redirect.status
        let line = FixedArray("HTTP/1.1 \(code) \(HTTPStatus.reason(code))\r\n")
        let isTemporary = code == 302 || code == 303 || code == 307
        var text = isTemporary ? "Cache-Control: no-cache\r\n" : ""
        if let cookie = redirect.cookie { text += "Set-Cookie: \(cookie)\r\n" }
        let behind = FixedArray(text)
        let format = CompiledFormat(redirect.target)
        (status, kind, ignoresEmpty) = (code, redirect.kind, redirect.ignoresEmpty)
        (dropsQuery, appendsSlash) = (redirect.dropsQuery, redirect.appendsSlash)
        statusLine = line
        target = format
        fields = behind
    }

    /// Writes the fields of the answer to a request with this path (and query) and host.
    func write(_ target: ByteView, path: ByteView, host: ByteView, to output: inout ByteWriter) {
        output.append("Content-Length: 0\r\nLocation: ")
        var last = ByteView.empty
        switch kind {
        case .location: output.append(target)
        case .prefix:
            if !target.equals("/") { output.append(target) }
            last = appendPath(of: path, to: &output)
        case .scheme:
            output.append(target)
            output.append("://")
            output.append(host)
            last = appendPath(of: path, to: &output)
        }
        if appendsSlash, kind != .location, last.isEmpty || last[last.count - 1] != UInt8(ascii: "/") {
            output.append("/")
        }
        output.append("\r\n")
        output.append(fields.view)
    }

    /// Appends the path, without its query if that is left out; of `OPTIONS *` it is `/`.
    private func appendPath(of path: ByteView, to output: inout ByteWriter) -> ByteView {
        var path = path.isEmpty || path[0] != UInt8(ascii: "/") ? ("/" as StaticString).view : path
        if dropsQuery, let query = path.firstIndex(of: UInt8(ascii: "?")) { path = path[0..<query] }
        output.append(path)
        return path
    }
}
