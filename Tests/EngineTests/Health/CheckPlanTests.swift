import Model
import Testing
import Wire

@testable import Engine

@Suite("Health: what a check is planned to be")
struct CheckPlanTests {
    private func plan(_ tls: ServerTLS?, _ configure: (inout ServerCheck) -> Void = { _ in }) throws
        -> CheckPlan
    {
        var server = Server(address: "192.0.2.1", port: 443)
        server.tls = tls
        var check = ServerCheck(.http(HTTPProbe()))
        configure(&check)
        server.check = check
        let address = try #require(SocketAddress("192.0.2.1", port: 443))
        return try #require(CheckPlan(server, at: address, timeouts: ServerTimeouts()))
    }

    private var named: ServerTLS {
        var settings = ServerTLS()
        settings.serverName = .fixed("pod.example")
        return settings
    }

    @Test("a server that is spoken to with TLS is checked with it, at its own address and port only")
    func likeRequests() throws {
        #expect(try plan(nil).tls == nil)
        #expect(try plan(named).tls == named)
        #expect(try plan(named) { $0.port = 8080 }.tls == nil)
        #expect(try plan(named) { $0.port = 443 }.tls == nil)
        #expect(try plan(named) { $0.address = "192.0.2.9" }.tls == nil)
        #expect(try plan(named) { $0.tls.use = .never }.tls == nil)
    }

    @Test("check-ssl holds wherever the server is asked, and whether requests use TLS or not")
    func always() throws {
        #expect(try plan(nil) { $0.tls.use = .always(named) }.tls == named)
        let elsewhere = try plan(named) {
            $0.tls.use = .always(ServerTLS())
            $0.port = 8443
        }
        #expect(elsewhere.tls == ServerTLS())
    }

    @Test("the check's own name goes before the fixed one; there is no request whose host could be told")
    func names() throws {
        #expect(try plan(named) { $0.tls.serverName = "other" }.tls?.serverName == .fixed("other"))
        var byHost = ServerTLS()
        byHost.serverName = .requestHost
        #expect(try plan(byHost).tls?.serverName == ServerTLS.ServerName.none)
        #expect(try plan(byHost) { $0.tls.serverName = "other" }.tls?.serverName == .fixed("other"))
    }

    @Test("HTTP/2 is offered for gRPC, and to nobody else")
    func protocols() throws {
        #expect(try plan(ServerTLS()) { $0.speaks = .http2 }.tls?.protocols == ["h2"])
        #expect(try plan(ServerTLS()) { $0.speaks = .http2 }.speaksHTTP2)
        #expect(try !plan(ServerTLS()).speaksHTTP2)
        #expect(
            try !plan(nil) {
                $0.speaks = .http2
                $0.probe = .redis
            }.speaksHTTP2)
        var settings = ServerTLS()
        settings.protocols = ["h2", "http/1.1"]
        #expect(try plan(settings).tls?.protocols == ["http/1.1"])
        #expect(try plan(settings) { $0.tls.protocols = ["h2", "http/1.0"] }.tls?.protocols == ["http/1.0"])
        #expect(try plan(settings) { $0.probe = .grpc(GRPCProbe()) }.tls?.protocols == ["h2"])
        #expect(try plan(ServerTLS()) { $0.probe = .redis }.tls?.protocols == [])
    }

    @Test("an agent alone is asked without TLS")
    func agent() throws {
        let plan = try plan(named) {
            $0.probe = nil
            $0.agent = AgentCheck(port: 81)
        }
        #expect(plan.tls == nil)
    }
}
