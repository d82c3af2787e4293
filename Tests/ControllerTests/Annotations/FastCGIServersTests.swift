import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("Servers that speak FastCGI")
struct FastCGIServersTests {
    private static let own = BackendName("shop/web:80~web")
    private static let closed = ["/ prefix -> 503"]
    private static let open = ["/ prefix -> shop/web:80~web"]

    private func cluster(_ annotations: [String: String]) -> TestCluster {
        var cluster = TestCluster()
        cluster.put(
            service("web"), slice("web-1", of: "web", endpoint("10.0.0.1")),
            annotated(["backend-protocol": "FCGI"].merging(annotations) { $1 }))
        return cluster
    }

    private func map(_ name: String, in namespace: String = "shop", _ data: [String: String]) -> ConfigMap {
        var map = ConfigMap()
        (map.meta.namespace, map.meta.name, map.data) = (namespace, name, data)
        return map
    }

    private func found(in cluster: TestCluster) -> Backend? {
        cluster.configuration.backends[Self.own]
    }

    @Test("backend-protocol FCGI: in any case, and without TLS")
    func protocols() throws {
        for word in ["FCGI", "fcgi"] {
            let backend = try #require(found(in: cluster(["backend-protocol": word])))
            #expect(backend.servers.map(\.speaks) == [.fastCGI] && backend.servers[0].tls == nil)
            #expect(backend.fastCGI == FastCGI())
        }
    }

    @Test("fastcgi-index: one file's name; anything else leaves the Ingress out")
    func index() {
        #expect(found(in: cluster(["fastcgi-index": "index.php"]))?.fastCGI?.index == "index.php")
        for value in ["a/b", "a b", "$x", "a;"] {
            let found = cluster(["fastcgi-index": value])
            #expect(found.routes("shop.example") == [])
        }
    }

    @Test("fastcgi-keep-connections: not unless it is said")
    func keeping() {
        #expect(found(in: cluster([:]))?.fastCGI?.keepsConnections == false)
        #expect(
            found(in: cluster(["sluice.dev/fastcgi-keep-connections": "true"]))?.fastCGI?.keepsConnections
                == true)
    }

    @Test("fastcgi-params-configmap: paths are closed until it is there, and follow what it holds")
    func heals() {
        var found = cluster(["fastcgi-params-configmap": "params"])
        #expect(found.routes("shop.example") == Self.closed && found.reasons == ["ConfigMapNotFound"])
        found.put(map("params", ["SCRIPT_FILENAME": "/srv/app.php", "MODE": "$host"]))
        #expect(found.routes("shop.example") == Self.open && found.reasons == [])
        let known = found.configuration.backends[Self.own]?.fastCGI?.parameters ?? []
        #expect(known.first?.value == [.format(FormatString([.text(Array("/srv/app.php".utf8))]))])
        #expect(known.last?.name == "MODE")
        found.put(map("params", ["MODE": "$unknown"]))
        #expect(found.routes("shop.example") == Self.closed && found.reasons == ["ParameterInvalid"])
        found.put(map("params", [:]))
        #expect(found.routes("shop.example") == Self.open)
        found.remove(map("params", [:]))
        #expect(found.routes("shop.example") == Self.closed)
    }

    @Test("fastcgi-params-configmap: of this namespace, and no address of a proxy")
    func refused() {
        var found = cluster(["fastcgi-params-configmap": "other/params"])
        found.put(map("params", in: "other", ["A": "b"]))
        #expect(found.routes("shop.example") == Self.closed && found.reasons == ["ConfigMapRefused"])
        found = cluster(["fastcgi-params-configmap": "shop/params"])
        found.put(map("params", ["HTTP_PROXY": "$http_proxy"]))
        #expect(found.routes("shop.example") == Self.closed && found.reasons == ["ParameterInvalid"])
        found.put(map("params", Dictionary(uniqueKeysWithValues: (0..<65).map { ("P\($0)", "x") })))
        #expect(found.routes("shop.example") == Self.closed && found.reasons == ["ParameterInvalid"])
    }

    @Test("without FCGI both say nothing")
    func alone() {
        let found = cluster(["backend-protocol": "HTTP", "fastcgi-params-configmap": "params"])
        #expect(found.routes("shop.example") == Self.open && found.reasons == [])
        #expect(found.configuration.backends[Self.own]?.fastCGI == nil)
    }

    @Test("servers are asked by a connection, whatever they would be asked otherwise")
    func checks() {
        let backend = found(in: cluster(["sluice.dev/health-check": "http"]))
        #expect(backend?.servers.first?.check?.probe == .connect)
    }
}
