import Basics
import Testing
import Wire

@testable import Engine

/// Expected values follow HAProxy's sources (`http_ext.c`).
@Suite("What option forwarded says")
struct ForwardedTextTests {
    private func written(_ body: (inout ByteWriter, inout SampleWorkspace) -> Void) -> String {
        var workspace = SampleWorkspace()
        workspace.reset()
        var text = Buffer(capacity: 512)
        let fits = text.write { body(&$0, &workspace) }
        return fits ? text.view.string : "no room"
    }

    private func node(_ name: Sample?, port: Sample?? = .none) -> String {
        written { output, workspace in
            ForwardedText.append(
                node: name, hasPort: port != nil, port: port ?? nil, to: &output, &workspace)
        }
    }

    private func address(_ text: String) throws -> Sample {
        .address(try #require(SocketAddress(text, port: 0)))
    }

    private func node(_ name: String, port: String? = nil) -> String {
        name.withView { name in
            guard let port else { return node(.string(name)) }
            return port.withView { node(.string(name), port: .some(.string($0))) }
        }
    }

    @Test(
        "names: addresses, what stands for one, and unknown for the rest",
        arguments: [
            ("192.0.2.1", "192.0.2.1"), ("[2001:db8::1]", "\"[2001:db8::1]\""), ("_x", "_x"),
            ("unknown", "unknown"),
            ("haproxy", "_haproxy"), ("a.b-c_d", "_a.b-c_d"), ("", "unknown"), ("a b", "unknown"),
            ("2001:db8::1", "unknown"), ("192.0.2.1:80", "unknown"), ("192.0.2", "_192.0.2"),
            ("_", "__"), ("unknowns", "_unknowns"), ("x\";proto=https", "unknown"), ("[::1", "unknown"),
        ])
    func names(name: String, expected: String) {
        #expect(node(name) == expected)
    }

    @Test("addresses are written as they are, those of IPv6 in quotation marks")
    func addresses() throws {
        #expect(try node(address("192.0.2.1")) == "192.0.2.1")
        #expect(try node(address("2001:db8::1")) == "\"[2001:db8::1]\"")
        #expect(node(.integer(12)) == "_12")
        #expect(node(nil) == "unknown")
    }

    @Test(
        "with a port there are quotation marks, even if it can not be said",
        arguments: [
            ("192.0.2.1", "80", "\"192.0.2.1:80\""), ("[::1]", "10", "\"[::1]:10\""),
            ("192.0.2.1", "_p", "\"192.0.2.1:_p\""), ("192.0.2.1", "web", "\"192.0.2.1:_web\""),
            ("192.0.2.1", "0", "\"192.0.2.1:_0\""), ("192.0.2.1", "65536", "\"192.0.2.1:_65536\""),
            ("192.0.2.1", "a b", "\"192.0.2.1\""), ("192.0.2.1", "", "\"192.0.2.1\""),
            ("a b", "80", "\"unknown:80\""),
        ])
    func ports(name: String, port: String, expected: String) {
        #expect(node(name, port: port) == expected)
    }

    @Test("a port that is not there")
    func noPort() throws {
        #expect(try node(address("192.0.2.1"), port: .some(nil)) == "\"192.0.2.1\"")
        #expect(try node(address("::1"), port: .some(.integer(443))) == "\"[::1]:443\"")
    }

    @Test(
        "hosts stand in quotation marks, and only whole",
        arguments: [
            ("a.test", "a.test"), ("a.test:81", "a.test:81"), ("[::1]:81", "[::1]:81"), ("a-b.test", ""),
            ("a.test:0", ""), ("a\"b", ""), ("", ""),
        ])
    func hosts(host: String, expected: String) {
        let text = host.withView { host in
            written { output, _ in ForwardedText.append(host: host, to: &output) }
        }
        #expect(text == "host=\"\(expected)\"")
    }
}
