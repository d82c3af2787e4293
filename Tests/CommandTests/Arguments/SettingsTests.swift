import Controller
import Kubernetes
import Model
import Testing

@testable import Command

private func settings(_ words: String...) throws -> Settings? {
    guard case .run(let arguments) = try Arguments.parse(["controller"] + words, environment: [:]) else {
        return nil
    }
    return try Settings(arguments)
}

@Suite("Settings")
struct SettingsTests {
    @Test("the defaults are the contract's")
    func defaults() throws {
        let settings = try #require(try settings())
        #expect(settings.listeners.httpPort == 8080)
        #expect(settings.listeners.httpsPort == 8443)
        #expect(settings.listeners.opsPort == 10254)
        #expect(settings.listeners.admin == Endpoint(address: "127.0.0.1", port: 10255))
        #expect(settings.listeners.bindAddress == nil)
        #expect(settings.workers == nil)
        #expect(settings.drainDelay == 10_000)
        #expect(settings.drainTimeout == 300_000)
        #expect(settings.translation.ingressClass == "sluice")
        #expect(settings.translation.controllerName == "ingress.sluice.dev/controller")
        #expect(settings.accessLog == .stdout)
        #expect(settings.log == LogChoices(level: .info, format: .text))
        #expect(settings.compression.maxCPUUsage == 90)
    }

    @Test("metrics have other names beside their own where that is asked for, and no unknown ones")
    func metricsNames() throws {
        #expect(try settings()?.showsNginxNames == false)
        #expect(try settings("--metrics-names", "nginx")?.showsNginxNames == true)
        #expect(throws: UsageError.self) { try settings("--metrics-names", "traefik") }
    }

    @Test("pods are reached as it turns out, unless it is said; in a cluster there is nothing to find out")
    func endpointAccess() throws {
        #expect(try settings()?.endpointAccess == .automatic)
        #expect(try settings("--endpoint-access", "direct")?.endpointAccess == .direct)
        #expect(try settings("--endpoint-access", "apiserver-proxy")?.endpointAccess == .proxied)
        #expect(EndpointAccess.automatic.inCluster == .direct)
        #expect(EndpointAccess.proxied.inCluster == .proxied)
    }

    @Test(
        "the dashboard does not leave loopback",
        arguments: ["0.0.0.0:10255", "[::]:1", "10.0.0.1:80", "[::2]:80"])
    func loopback(address: String) {
        #expect(throws: UsageError.self) { try settings("--admin-address", address) }
    }

    @Test("loopback addresses and none at all are fine", arguments: ["127.0.0.2:1", "[::1]:1", "0.0.0.0:0"])
    func allowed(address: String) throws {
        #expect(try settings("--admin-address", address) != nil)
    }

    @Test("the access log may go to a file", arguments: [("off", AccessLogChoice.off), ("/a", .file("/a"))])
    func accessLog(text: String, expected: AccessLogChoice) throws {
        #expect(try settings("--access-log", text)?.accessLog == expected)
    }

    @Test("the Lease is named after the class unless it is given a name")
    func election() throws {
        let plain = try #require(try settings()?.writing)
        #expect(plain == WritingChoices(electionID: "sluice-leader", holdsElection: true, isAskedFor: false))
        #expect(try settings("--ingress-class", "edge")?.writing.electionID == "edge-leader")
        let named = try #require(try settings("--election-id", "mine")?.writing)
        #expect(named == WritingChoices(electionID: "mine", holdsElection: true, isAskedFor: true))
        #expect(try settings("--no-leader-election")?.writing.holdsElection == false)
    }

    @Test("namespaces are named, or chosen by their labels")
    func namespaces() throws {
        let chosen = try #require(try settings("--namespace-selector", "team in (shop,web)")?.translation)
        #expect(chosen.namespaceSelector?.text == "team in (shop,web)")
        #expect(chosen.settings.choosesNamespaces)
        #expect(try settings()?.translation.settings.choosesNamespaces == false)
        #expect(throws: UsageError.conflict("--namespace and --namespace-selector: only one of them")) {
            try settings("--namespace", "shop", "--namespace-selector", "team=shop")
        }
        #expect(throws: UsageError.self) { try settings("--namespace-selector", "team is shop") }
    }

    @Test("what goes into status is asked for by one flag or the other")
    func publishing() throws {
        let service = try #require(try settings("--publish-service", "edge/sluice")?.writing)
        #expect(service.publishService == NamespacedName("edge/sluice"))
        #expect(service.isAskedFor)
        let given = try #require(try settings("--publish-status-address", "192.0.2.1, LB.a.test")?.writing)
        #expect(given.publishAddresses == ["192.0.2.1", "lb.a.test"])
        #expect(throws: UsageError.self) {
            try settings("--publish-service", "a/b", "--publish-status-address", "192.0.2.1")
        }
        #expect(throws: UsageError.conflict("--publish-nodes and --publish-status-address: only one of them"))
        {
            try settings("--publish-nodes", "internal", "--publish-status-address", "192.0.2.1")
        }
        let nodes = try #require(
            try settings("--publish-service", "a/b", "--publish-nodes", "internal")?.writing)
        #expect(nodes.publishNodes == .internal)
    }

    @Test(
        "what is no address and no name is refused",
        arguments: ["", ",", "a,", "192.0.2", "192.0.2.256", "a/b.test", "-a.test", "a..test", "a_b.test"])
    func badAddresses(text: String) {
        #expect(ValueForm.addresses(text) == nil)
    }
}
