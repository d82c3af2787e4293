import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("Copies by annotation")
struct MirroringTests {
    private func cluster(_ annotations: [String: String]) -> TestCluster {
        var cluster = TestCluster()
        cluster.put(service("web"), service("copies"), annotated(annotations))
        return cluster
    }

    private func mirror(_ annotations: [String: String]) -> RequestMirror? {
        cluster(annotations).allRoutes().first?.rules?.mirror
    }

    private func text(_ text: String) -> FormatString { FormatString([.text(Array(text.utf8))]) }

    private func own() throws -> FormatString {
        FormatString([.sample(try Expression(.ofRequest(.pathAndQuery)), .encoded)])
    }

    @Test("mirror-target: the Service that is named, with its name as host and the request's own path")
    func target() throws {
        let found = try #require(mirror(["mirror-target": "http://copies.shop.svc"]))
        let service = BackendName(
            asking: ObjectKey(namespace: "shop", name: "copies"), port: 80, isSecure: false)
        #expect(found == RequestMirror(to: service, host: text("copies.shop.svc"), path: try own()))
    }

    @Test("what stands behind the host is the path")
    func paths() throws {
        #expect(mirror(["mirror-target": "http://copies.shop.svc$request_uri"])?.path == (try own()))
        #expect(mirror(["mirror-target": "http://copies.shop.svc/fixed?x=1"])?.path == text("/fixed?x=1"))
        #expect(
            mirror(["mirror-target": "https://elsewhere.example:8443/a$request_uri"])?.path.parts.count == 2)
    }

    @Test("a host elsewhere is somebody else, by TLS if the URL says so, and told without its port")
    func elsewhere() {
        let found = mirror(["mirror-target": "https://elsewhere.example:8443/"])
        #expect(
            found?.backend
                == BackendName(
                    asking: ObjectKey(namespace: "", name: "elsewhere.example"), port: 8443, isSecure: true))
        #expect(found?.host == text("elsewhere.example"))
    }

    @Test("mirror-host and mirror-request-body")
    func others() {
        let found = mirror([
            "mirror-target": "http://copies.shop.svc/", "mirror-host": "copy.test",
            "mirror-request-body": "off",
        ])
        #expect(found?.host == text("copy.test"))
        #expect(found?.includesBody == false)
        #expect(mirror(["mirror-host": "copy.test"]) == nil)
    }

    @Test("the Service has a pool of its own, and keeps it as long as it is named")
    func pool() {
        var found = cluster(["mirror-target": "http://copies.shop.svc"])
        let name = BackendName(
            asking: ObjectKey(namespace: "shop", name: "copies"), port: 80, isSecure: false)
        #expect(found.configuration.backends[name] != nil)
        found.put(annotated([:]))
        #expect(found.configuration.backends[name] == nil)
    }

    @Test(
        "what is no target leaves the Ingress out",
        arguments: [
            "copies", "http://$host/", "http://copies.shop.svc/$nothing", "ftp://copies/", "http://a b/",
        ])
    func refused(target: String) {
        #expect(cluster(["mirror-target": target]).allRoutes() == [])
    }
}
