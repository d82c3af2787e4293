import Kubernetes
import Model
import Testing

@testable import Controller

@Suite struct ClusterStateTests {
    @Test("an EndpointSlice touches the pools of its Service and nothing else")
    func endpoints() {
        var state = ClusterState()
        _ = state.set(ingress("a", [rule("a.example", path("/"))]), at: key("a"))
        _ = state.set(service("web"), at: key("web"))
        let dirty = state.set(slice("web-1", of: "web"), at: key("web-1"))
        #expect(dirty.services == [key("web")])
        #expect(!dirty.touchesRoutes)
    }

    @Test("a slice that moves to another Service touches both")
    func movedSlice() {
        var state = ClusterState()
        _ = state.set(slice("s", of: "web"), at: key("s"))
        let dirty = state.set(slice("s", of: "api"), at: key("s"))
        #expect(dirty.services == [key("web"), key("api")])
        #expect(state.slices[key("web")] == nil)
    }

    @Test("slices of a Service stand in the order of their names, however they come")
    func order() {
        var state = ClusterState()
        for name in ["m", "z", "a", "m", "k"] { _ = state.set(slice(name, of: "web"), at: key(name)) }
        #expect(state.slices[key("web")]?.map(\.meta.name) == ["a", "k", "m", "z"])
        _ = state.set(nil as EndpointSlice?, at: key("m"))
        _ = state.set(slice("k", of: "api"), at: key("k"))
        #expect(state.slices[key("web")]?.map(\.meta.name) == ["a", "z"])
        #expect(state.slices[key("api")]?.map(\.meta.name) == ["k"])
    }

    @Test("one Ingress among many costs its own hosts")
    func oneOfMany() {
        var state = ClusterState()
        for number in 0..<200 {
            let name = "i\(number)"
            _ = state.set(
                ingress(name, [rule("\(name).example", path("/", to: to("s\(number)")))]), at: key(name))
        }
        let dirty = state.set(ingress("i7", [rule("new.example", path("/"))]), at: key("i7"))
        #expect(dirty.hosts == [.exact("i7.example"), .exact("new.example")])
        #expect(dirty.services == [key("s7"), key("web")])
        #expect(dirty.ingresses == [key("i7")])
        #expect(!dirty.fallback)
    }

    @Test("an object that appears touches those who have named it before")
    func appearance() {
        var state = ClusterState()
        _ = state.set(
            ingress("a", [rule("a.example", path("/"))], tls: [tls("cert", "a.example")]), at: key("a"))
        let forService = state.set(service("web"), at: key("web"))
        #expect(forService.hosts == [.exact("a.example")])
        #expect(forService.ingresses == [key("a")])
        let forSecret = state.set(secret("cert"), at: key("cert"))
        #expect(forSecret.serverNames == [.exact("a.example")])
        #expect(forSecret.hosts.isEmpty)
    }

    @Test("a Service whose ports stay touches only its pools")
    func samePorts() {
        var state = ClusterState()
        _ = state.set(ingress("a", [rule("a.example", path("/"))]), at: key("a"))
        _ = state.set(service("web"), at: key("web"))
        #expect(!state.set(service("web", families: ["IPv6"]), at: key("web")).touchesRoutes)
        #expect(state.set(service("web", ports: [port(81)]), at: key("web")).hosts == [.exact("a.example")])
    }

    @Test("a Service that becomes an ExternalName with the same ports touches routes")
    func becomesExternal() {
        var state = ClusterState()
        _ = state.set(ingress("a", [rule("a.example", path("/", to: to("web", 99)))]), at: key("a"))
        _ = state.set(service("web"), at: key("web"))
        let dirty = state.set(externalService("web", "b.example"), at: key("web"))
        #expect(dirty.hosts == [.exact("a.example")])
    }

    @Test("a Secret that comes again with the same bytes touches nothing")
    func sameSecret() {
        var state = ClusterState()
        _ = state.set(secret("cert"), at: key("cert"))
        #expect(state.set(secret("cert"), at: key("cert")).isEmpty)
    }

    @Test("a class touches all Ingresses, the same class again nothing")
    func classes() {
        var state = ClusterState()
        _ = state.set(ingress("a", [rule("a.example", path("/"))]), at: key("a"))
        let name = ObjectKey(namespace: "", name: "sluice")
        #expect(state.set(ingressClass(), at: name).ingresses == [key("a")])
        #expect(state.set(ingressClass(), at: name).isEmpty)
    }

    @Test("removing everything leaves no index behind")
    func nothingLeft() {
        var state = ClusterState()
        let object = ingress(
            "a", [rule("a.example", path("/"))], tls: [tls("cert", "a.example")], defaultBackend: to("web"))
        _ = state.set(object, at: key("a"))
        _ = state.set(slice("s", of: "web"), at: key("s"))
        _ = state.set(nil as Ingress?, at: key("a"))
        _ = state.set(nil as EndpointSlice?, at: key("s"))
        #expect(state.everything.hosts.isEmpty && state.everything.services.isEmpty)
        #expect(state.everything.secrets.isEmpty && state.everything.serverNames.isEmpty)
        #expect(state.ingressesWithDefault.isEmpty && state.slices.isEmpty)
    }

    @Test("a rotated Secret touches its certificate alone, one that turns usable its names too")
    func rotatedSecret() {
        var state = ClusterState()
        _ = state.set(ingress("a", tls: [tls("cert", "a.example")]), at: key("a"))
        #expect(state.set(secret("cert"), at: key("cert")).serverNames == [.exact("a.example")])
        let rotated = state.set(secret("cert", "two"), at: key("cert"))
        #expect(rotated.secrets == [key("cert")] && rotated.serverNames.isEmpty && rotated.ingresses.isEmpty)
        var broken = secret("cert")
        broken.data["tls.key"] = nil
        #expect(state.set(broken, at: key("cert")).ingresses == [key("a")])
    }

    @Test("a class touches no Ingress that names another one")
    func otherClasses() {
        var state = ClusterState()
        var legacy = ingress("legacy", className: nil)
        legacy.meta.annotations[Ingress.legacyClassAnnotation] = "web"
        for object in [legacy, ingress("a", className: "web"), ingress("b"), ingress("c", className: nil)] {
            _ = state.set(object, at: object.meta.key)
        }
        let dirty = state.set(ingressClass("web"), at: ObjectKey(namespace: "", name: "web"))
        #expect(dirty.ingresses == [key("legacy"), key("a")])
    }

    @Test("another external name touches routes: it has to be asked for")
    func renamed() {
        var state = ClusterState()
        _ = state.set(externalService("ext", "db.example"), at: key("ext"))
        #expect(state.set(externalService("ext", "new.example"), at: key("ext")).touchesRoutes)
    }

    @Test("addresses of a name touch the pools of the Services that ask for it")
    func addresses() {
        var state = ClusterState()
        _ = state.set(ingress("a", [rule("a.example", path("/", to: to("ext")))]), at: key("a"))
        _ = state.set(externalService("ext", "db.example"), at: key("ext"))
        #expect(!state.setAddresses(["10.0.0.1"], of: "db.example").touchesRoutes)
        #expect(state.setAddresses(["10.0.0.1"], of: "db.example").isEmpty)
        #expect(state.setAddresses(["10.0.0.2"], of: "db.example").services.contains(key("ext")))
    }

    @Test("a name that loses its last address is told to those who use it")
    func noAddress() {
        var state = ClusterState()
        _ = state.set(ingress("a", [rule("a.example", path("/", to: to("ext")))]), at: key("a"))
        _ = state.set(externalService("ext", "db.example"), at: key("ext"))
        _ = state.setAddresses(["10.0.0.1"], of: "db.example")
        #expect(state.setAddresses([], of: "db.example").ingresses == [key("a")])
    }

    @Test("a name nobody asks for any more is forgotten")
    func forgotten() {
        var state = ClusterState()
        _ = state.set(externalService("ext", "db.example"), at: key("ext"))
        _ = state.setAddresses(["10.0.0.1"], of: "db.example")
        _ = state.setAddresses(["10.0.0.2"], of: "kept.example")
        state.keepAddresses(of: ["kept.example"])
        #expect(Set(state.addresses.keys) == ["kept.example"])
    }
}
