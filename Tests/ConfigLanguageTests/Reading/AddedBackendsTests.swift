import Model
import Testing

@testable import ConfigLanguage

@Suite("Backends that are added at run time")
struct AddedBackendsTests {
    private let text = read(
        """
        defaults plain
            timeout connect 1s
            timeout server 20s
            retries 7
        defaults web
            mode http
            balance leastconn
            option httpchk GET /up
        """)

    @Test("one begins as its defaults section says")
    func backend() throws {
        guard case .backend(let backend) = text.addedBackends.read("new", from: "plain", mode: "http") else {
            Issue.record("\(text.addedBackends.read("new", from: "plain", mode: "http"))")
            return
        }
        #expect(backend.retries == 7)
        #expect(backend.place.mode == .http)
        #expect(backend.servers.isEmpty)
        guard case .backend(let other) = text.addedBackends.read("new", from: "web", mode: nil) else {
            Issue.record("it has no mode")
            return
        }
        #expect(other.balance == .leastConnections)
    }

    @Test("names of fields are adjusted for its servers where that says so")
    func fieldNames() {
        let text = read(
            """
            global
                h1-case-adjust x-srv X-SRV
            defaults d
                mode http
                timeout connect 1s
                timeout server 1s
                option h1-case-adjust-bogus-server
            """)
        guard case .backend(let backend) = text.addedBackends.read("new", from: "d", mode: nil) else {
            Issue.record("it is refused")
            return
        }
        #expect(backend.told.fieldNames == ["X-SRV"])
    }

    @Test("servers of it are checked as that says")
    func check() {
        var servers = text.addedServers
        servers.enter("new", from: "web", of: text.addedBackends)
        guard case .server(let server) = servers.read("s", in: "new", ["127.0.0.1:80", "check"]),
            case .http? = server.check?.probe
        else {
            Issue.record("it is not asked over HTTP")
            return
        }
    }

    @Test("what can not be is refused as HAProxy does it")
    func refusals() {
        let backends = text.addedBackends
        #expect(
            backends.read("new", from: "none", mode: nil) == .refused("Cannot find default proxy 'none'."))
        #expect(backends.read("new", from: "web", mode: "x") == .refused("Unknown proxy mode."))
        #expect(
            backends.read("new", from: "plain", mode: nil)
                == .refused("Mode is required as 'plain' default proxy does not explicitly defines it."))
    }
}
