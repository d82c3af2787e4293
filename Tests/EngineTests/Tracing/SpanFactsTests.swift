import Basics
import Testing
import Wire

@testable import Engine

/// The words are those of opentelemetry-proto's trace.proto, in its JSON mapping.
@Suite("Spans")
struct SpanFactsTests {
    private func written(_ facts: SpanFacts) -> [UInt8] {
        var buffer = Buffer(capacity: 64 * 1024)
        #expect(buffer.write { facts.write(to: &$0) })
        return buffer.view.bytes
    }

    private func object(_ facts: SpanFacts) throws -> FlatJSON { try FlatJSON(written(facts)) }

    /// Values by key; a number's has `#` in front.
    private func attributes(_ facts: SpanFacts) throws -> [String: String] {
        let object = try object(facts)
        var found: [String: String] = [:]
        var place = 0
        while let key = object["attributes[\(place)].key"] {
            let number = object["attributes[\(place)].value.intValue"].map { "#\($0)" }
            found[key] = object["attributes[\(place)].value.stringValue"] ?? number
            place += 1
        }
        return found
    }

    private func facts(parent: UInt64 = 0) -> SpanFacts {
        var facts = SpanFacts(
            own: TraceParent(
                traceHigh: 0x4bf9_2f35_77b3_4da6, traceLow: 0xa3ce_929d_0e0e_4736, span: 0xb7, isSampled: true
            ),
            parent: parent)
        facts.method = ("GET" as StaticString).view
        facts.path = ("/a/b" as StaticString).view
        (facts.start, facts.end) = (1_700_000_000_000_000_001, 1_700_000_000_000_000_009)
        facts.status = 200
        return facts
    }

    @Test("ids are hexadecimal, times are text, and a server's span is of kind 2")
    func whole() throws {
        let found = try object(facts(parent: 0xf0_67aa_0ba9_02b7))
        #expect(found["traceId"] == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(found["spanId"] == "00000000000000b7")
        #expect(found["parentSpanId"] == "00f067aa0ba902b7")
        #expect(found["startTimeUnixNano"] == "1700000000000000001")
        #expect(found["endTimeUnixNano"] == "1700000000000000009")
        #expect(found["kind"] == "2")
        #expect(found["name"] == "GET")
        #expect(found["flags"] == "\(0x301)")
        #expect(found["status"] == "{}")
        #expect(found["traceState"] == nil)
        #expect(
            found.names == [
                "traceId", "spanId", "parentSpanId", "startTimeUnixNano", "endTimeUnixNano", "kind", "name",
                "flags", "status", "attributes",
            ])
    }

    @Test("a trace that begins here has no parent")
    func root() throws {
        let found = try object(facts())
        #expect(found["parentSpanId"] == nil)
        #expect(found["flags"] == "\(0x101)")
    }

    @Test("attributes have the names of the conventions")
    func attributes() throws {
        var facts = facts()
        facts.isSecure = true
        facts.host = ("a.test" as StaticString).view
        facts.client = SocketAddress("192.0.2.7", port: 999)
        facts.version = "2"
        facts.route = ("/a" as StaticString).view
        facts.namespace = ("shop" as StaticString).view
        facts.ingress = ("web" as StaticString).view
        facts.service = ("cart" as StaticString).view
        facts.state = ("k=v" as StaticString).view
        let found = try attributes(facts)
        #expect(
            found == [
                "http.request.method": "GET", "url.path": "/a/b", "url.scheme": "https", "http.route": "/a",
                "http.response.status_code": "#200", "server.address": "a.test",
                "client.address": "192.0.2.7", "network.protocol.version": "2", "sluice.namespace": "shop",
                "sluice.ingress": "web", "sluice.service": "cart", "sluice.termination": "--",
            ])
        #expect(try object(facts)["name"] == "GET /a")
        #expect(try object(facts)["traceState"] == "k=v")
    }

    @Test(
        "a 5xx is an error, a 4xx of a client is none", arguments: [(500, true), (503, true), (404, false)])
    func errors(status: Int, isError: Bool) throws {
        var facts = facts()
        facts.status = UInt16(status)
        #expect(try object(facts)["status.code"] == (isError ? "2" : nil))
        #expect(try attributes(facts)["error.type"] == (isError ? "\(status)" : nil))
    }

    @Test("without an answer there is no status")
    func unanswered() throws {
        var facts = facts()
        (facts.status, facts.termination, facts.retries) = (0, .clientGoneInData, 2)
        let found = try attributes(facts)
        #expect(found["http.response.status_code"] == nil)
        #expect(found["sluice.termination"] == "CD")
        #expect(found["http.request.resend_count"] == "#2")
    }

    @Test("a method of nobody's is told beside, so that names stay few")
    func methods() throws {
        var facts = facts()
        facts.method = ("BREW" as StaticString).view
        facts.route = ("/pot" as StaticString).view
        #expect(try object(facts)["name"] == "HTTP /pot")
        let found = try attributes(facts)
        #expect(found["http.request.method"] == "_OTHER")
        #expect(found["http.request.method_original"] == "BREW")
    }

    @Test("whatever bytes a peer sends, it is JSON, and not longer than a span may be")
    func bytes() throws {
        var facts = facts()
        let wild = (0...255).map { UInt8($0) }
        try wild.withView { view in
            (facts.path, facts.host, facts.name, facts.state) = (view, view, view, view)
            let found = try attributes(facts)
            var expected = String.UnicodeScalarView()
            expected.append(contentsOf: wild.map { Unicode.Scalar($0) })
            #expect(found["url.path"] == String(expected) && found["server.address"] == String(expected))
        }
        [UInt8](repeating: 0xFF, count: 40_000).withView { view in
            (facts.path, facts.host, facts.name, facts.state) = (view, view, view, view)
            (facts.method, facts.route, facts.namespace) = (view, view, view)
            (facts.ingress, facts.service) = (view, view)
            #expect(written(facts).count < SpanBuffer.longest)
        }
    }
}
