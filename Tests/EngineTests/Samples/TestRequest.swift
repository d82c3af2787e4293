import Basics
import Model
import Wire

@testable import Engine

/// A request of HTTP/1 as expressions read it, without a connection.
struct TestRequest: SampleSource, ~Copyable {
    private var head = RequestHead()
    private var bytes = Buffer(capacity: 16_384)
    private var path = Buffer(capacity: 16_384)
    private let tables = HeaderTablePool(keep: 1)
    var source = SocketAddress("192.0.2.7", port: 4711) ?? SocketAddress()

    init(_ text: String) {
        tables.lend(to: &head.fields)
        text.split(separator: "\n", omittingEmptySubsequences: false).forEach {
            String($0).withView { _ = bytes.append($0) }
            bytes.append("\r\n")
        }
        bytes.append("\r\n")
        guard case .complete = head.parse(bytes.view) else { preconditionFailure("a broken test request") }
        let target = bytes.view[head.path.indices]
        if !head.hasDotSegments || !DotSegments.resolve(target, into: &path) { path.append(target) }
    }

    func fetch(
        _ code: FetchCode, _ literals: ByteView, _ cursor: inout SampleCursor,
        _ workspace: inout SampleWorkspace
    ) -> Sample? {
        if case .ofClient(.source) = code { return .address(source) }
        if let constant = code.constant(literals) { return constant }
        let samples = RequestSamples(head: bytes.view, path: path.view, isFirst: true, isHTTP2: false)
        return samples.fetch(code, literals, of: head, &cursor, &workspace)
    }
}

/// What an expression gives of a request, as text; nil if it gives nothing.
func text(
    _ fetch: Fetch, _ converters: [Converter] = [], of request: String = "GET / HTTP/1.1\nHost: example.org"
) throws -> String? {
    var workspace = SampleWorkspace()
    workspace.reset()
    let compiled = CompiledExpression(try Expression(fetch, converters))
    let source = TestRequest(request)
    let text = compiled.sample(of: source, &workspace)?.text(&workspace)?.string
    withExtendedLifetime(source) {}
    return text
}

/// The same as the bytes of a key, in hexadecimal.
func key(_ fetch: Fetch, _ converters: [Converter] = []) throws -> String? {
    var workspace = SampleWorkspace()
    workspace.reset()
    let compiled = CompiledExpression(try Expression(fetch, converters))
    let source = TestRequest("GET /a HTTP/1.1\nHost: example.org")
    let key = compiled.key(of: source, &workspace).flatMap { workspace.encodeHex($0)?.string }
    withExtendedLifetime(source) {}
    return key
}
