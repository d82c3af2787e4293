import Model
import Testing

@testable import ConfigLanguage

@Suite("What servers are told of where a request comes from")
struct ForwardingDirectivesTests {
    private func backend(_ lines: String) -> (told: ToldFields?, diagnostics: [String]) {
        let times = "    timeout connect 1s\n    timeout server 1s\n"
        let text = read("backend b\n    mode http\n\(times)\(lines)    server s 127.0.0.1:1\n")
        return (
            text.configuration.backends[BackendName("b")]?.told, text.diagnostics.map(\.description)
        )
    }

    @Test("backends have forwardfor and originalto of their own")
    func ofBackends() {
        let (told, diagnostics) = backend(
            "    option forwardfor if-none\n    option originalto except ::1 header X-Dst\n")
        var (source, destination) = (AppendedAddress(.source), AppendedAddress(.destination))
        source.onlyIfAbsent = true
        (destination.exceptions, destination.header) = (["::1"], "X-Dst")
        #expect(told?.source == source && told?.destination == destination)
        #expect(told?.forwarded == nil)
        #expect(diagnostics == [])
    }

    @Test("what all frontends say is said once; what one of them does not say is the backend's too")
    func ofAll() {
        let defaults =
            "defaults\n    mode http\n    timeout client 1s\n    timeout connect 1s\n    timeout server 1s\n"
        let sections = "backend b\n    server s 127.0.0.1:1\nfrontend f\n    bind :1\n    default_backend b\n"
        let other = "frontend g\n    bind :2\n    default_backend b\n    option forwardfor header x\n"
        let line = "    option forwardfor\n    option originalto\n"
        let alike = read(defaults + line + sections).configuration
        #expect(alike.frontends[0].forwarding.appended == AppendedAddress(.source))
        #expect(alike.backends[BackendName("b")]?.told == ToldFields())
        let differs = read(defaults + line + sections + other).configuration
        #expect(differs.backends[BackendName("b")]?.told.source == AppendedAddress(.source))
        #expect(differs.backends[BackendName("b")]?.told.destination == nil)
    }

    @Test("option forwarded: nothing is proto and for")
    func forwarded() throws {
        #expect(backend("    option forwarded\n").told?.forwarded == ForwardedField())
        #expect(backend("    option forwarded\n    no option forwarded\n").told?.forwarded == nil)
        var field = ForwardedField()
        (field.saysScheme, field.host) = (false, .own)
        field.node = .init(.sample(Expression(integer: 3)), port: .own)
        let (told, diagnostics) = backend("    option forwarded host for-expr int(3) for_port\n")
        #expect(told?.forwarded == field)
        #expect(diagnostics == [])
        let scheme = backend("    option forwarded proto\n").told?.forwarded
        #expect(scheme?.saysScheme == true && scheme?.node == nil)
    }

    @Test(
        "what is wrong is told",
        arguments: [
            (
                "option forwarded from",
                "expected one of proto, host, by, by_port, for, for_port, host-expr, by-expr"
            ),
            ("option forwarded proto-expr int(1)", "'proto-expr' at column 22: expected one of"),
            ("option forwarded for-expr", "a sample such as req.hdr(host) or src is missing"),
            ("option forwarded for-expr res.hdr(x)", "res.hdr"),
            ("option forwarded by_port", "'by_port' has no effect without 'by' or 'by-expr'"),
            (
                "option forwarded by for_port-expr int(1)",
                "'for_port' has no effect without 'for' or 'for-expr'"
            ),
            ("option originalto if-none", "'if-none' at column 23: expected except or header"),
            ("option originalto except x", "expected an address or a network"),
            ("no option originalto", "can not stand in front of it"),
        ])
    func wrong(line: String, expected: String) {
        let told = backend("    \(line)\n").diagnostics
        #expect(told.contains { $0.contains(expected) }, "\(told)")
    }
}
