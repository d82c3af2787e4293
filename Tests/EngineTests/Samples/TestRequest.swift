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
    /// Whether plain tests and maps are asked of it in place.
    var isSeen = false
    /// The list that maps ask; nil is none.
    var index: PatternIndex?

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

    func holds(
        _ test: Ref<PlainTest>, _ literals: ByteView, _ whole: Ref<CompiledTest>,
        _ workspace: inout SampleWorkspace
    ) -> Bool? {
        guard isSeen else { return nil }
        let seen = FixedArray(count: 1) { _ in
            PlainRequest(head, head: bytes.view, target: path.view, source: source, isTLS: false)
        }
        return test.holds(of: seen.reference(0), head.fields, literals, whole, &workspace)
    }

    func find(_ sample: Sample, in list: UInt64, _ workspace: inout SampleWorkspace) -> Sample? {
        index?.find(sample, &workspace)
    }

    func find(
        _ map: Ref<PlainMap>, _ literals: ByteView, _ workspace: inout SampleWorkspace
    ) -> PlainMap.Finding? {
        guard isSeen else { return nil }
        return map.find(
            in: index.map { Unmanaged.passUnretained($0) }, host: bytes.view[head.host.indices],
            target: path.view, source: source, literals, &workspace)
    }

    func fetch(
        _ code: FetchCode, _ literals: ByteView, _ cursor: inout SampleCursor,
        _ workspace: inout SampleWorkspace
    ) -> Sample? {
        if case .ofClient(.source) = code { return .address(source) }
        if case .ofClient(.isTLS) = code { return .boolean(false) }
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
