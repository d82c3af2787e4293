import Model
import Testing

@testable import Engine

@Suite("Places of listeners")
struct ListenerPlacesTests {
    private static func place(_ port: UInt16, _ frontend: UInt16 = 0, bind: UInt16 = 0)
        -> ListenerPlaces.Place
    {
        ListenerPlaces.Place(
            address: nil, port: port, frontend: frontend, bind: bind, isTLS: false, defersAccept: true)
    }

    private let http = place(80)
    private let https = place(443, 1)

    @Test("what is there and wanted stays untouched")
    func same() {
        var places = ListenerPlaces(open: [http, https])
        let (steps, refused) = places.steps(to: [https, http])
        #expect(steps.isEmpty)
        #expect(refused.isEmpty)
    }

    @Test("a new address is opened behind the others, and one that goes is closed")
    func comeAndGo() {
        var places = ListenerPlaces(open: [http, https])
        #expect(places.steps(to: [http, https, Self.place(9000, 2)]).steps == [.open(2)])
        #expect(places.steps(to: [http, Self.place(9001, 3), https]).steps == [.open(3), .close(2)])
        #expect(places.steps(to: []).steps == [.close(0), .close(1), .close(3)])
    }

    @Test("a socket of this machine is itself each time, and there is one of it")
    func local() {
        var socket = Self.place(0)
        (socket.address, socket.isLocal) = ("unix@/run/a", true)
        var other = socket
        other.bind = 1
        var places = ListenerPlaces(open: [socket, http])
        #expect(places.steps(to: [http, socket]).steps == [])
        #expect(places.steps(to: [http, socket, other]).refused.map(\.1) == [.taken])
    }

    @Test("an inherited socket is itself each time, and there is one of it")
    func inherited() {
        var socket = Self.place(0)
        socket.descriptor = 7
        var other = Self.place(0, bind: 1)
        other.descriptor = 8
        var places = ListenerPlaces(open: [socket, http])
        #expect(places.steps(to: [http, socket]).steps.isEmpty)
        #expect(places.steps(to: [http, socket, other]).steps == [.open(2)])
        #expect(places.steps(to: [http, socket, socket]).refused.map(\.1) == [.taken])
        #expect(places.steps(to: [other]).steps == [.open(2), .close(0), .close(1)])
    }

    @Test("an address that comes back has its old place")
    func comeBack() {
        var places = ListenerPlaces(open: [http, https])
        #expect(places.steps(to: [https]).steps == [.close(0)])
        #expect(places.steps(to: [https]).steps.isEmpty)
        #expect(places.steps(to: [https, http]).steps == [.open(0)])
    }

    @Test("an address that another frontend has now changes in place")
    func change() {
        var places = ListenerPlaces(open: [http])
        var moved = Self.place(80, 4, bind: 2)
        moved.isTLS = true
        #expect(places.steps(to: [moved]).steps == [.change(0)])
        #expect(places.places == [moved])
        #expect(places.steps(to: [moved]).steps.isEmpty)
    }

    @Test("the same port of different addresses is two places")
    func addresses() {
        var one = Self.place(80)
        one.address = "127.0.0.1"
        var other = Self.place(80)
        other.address = "127.0.0.2"
        var places = ListenerPlaces(open: [one])
        #expect(places.steps(to: [one, other]).steps == [.open(1)])
    }

    @Test("of two binds with one address the first has it")
    func twice() {
        var places = ListenerPlaces(open: [])
        let (steps, refused) = places.steps(to: [Self.place(80, 0), Self.place(80, 1)])
        #expect(steps == [.open(0)])
        #expect(refused.map(\.0) == [Self.place(80, 1)])
        #expect(refused.map(\.1) == [.taken])
        #expect(places.places == [Self.place(80, 0)])
    }

    @Test("what could not be opened is tried again with the next change")
    func failed() {
        var places = ListenerPlaces(open: [http])
        #expect(places.steps(to: [http, https]).steps == [.open(1)])
        places.failed(1)
        #expect(places.steps(to: [http, https]).steps == [.open(1)])
        #expect(places.steps(to: [http, https]).steps.isEmpty)
        places.failed(1)
        #expect(places.steps(to: [http]).steps.isEmpty, "what is not open is not closed")
    }

    @Test("ports of the system's choice stay as many as are wanted")
    func chosen() {
        var places = ListenerPlaces(open: [Self.place(0), Self.place(0, 1)])
        #expect(places.steps(to: [Self.place(0), Self.place(0, 1)]).steps.isEmpty)
        #expect(places.steps(to: [Self.place(0)]).steps == [.close(1)])
        #expect(places.steps(to: [Self.place(0), Self.place(0, 1)]).steps == [.open(2)])
    }

    @Test("a closed place that is free goes to another address, and its own has a new one when it comes back")
    func reused() {
        var places = ListenerPlaces(open: [http, https])
        #expect(places.steps(to: [http]).steps == [.close(1)])
        #expect(places.closed == [1])
        #expect(places.steps(to: [http, Self.place(9000, 2)]).steps == [.open(2)], "somebody refers to it")
        #expect(places.steps(to: [http, Self.place(9001, 3)], free: [0, 1]).steps == [.open(1), .close(2)])
        #expect(places.places[1] == Self.place(9001, 3))
        let (steps, refused) = places.steps(to: [http, Self.place(9001, 3), https], free: [2])
        #expect(steps == [.open(2)])
        #expect(refused.isEmpty)
        #expect(places.steps(to: [Self.place(9001, 3), https]).steps == [.close(0)])
    }

    @Test("an address that comes back is not robbed of its place by one behind it")
    func comesBackFirst() {
        var places = ListenerPlaces(open: [http, https])
        #expect(places.steps(to: []).steps == [.close(0), .close(1)])
        let wanted = [https, Self.place(9000), Self.place(9001)]
        #expect(places.steps(to: wanted, free: [0, 1]).steps == [.open(1), .open(0), .open(2)])
    }

    @Test("there is a bound")
    func bound() {
        var places = ListenerPlaces(open: [])
        let many = (1...2_000).map { Self.place(UInt16($0)) }
        let (steps, refused) = places.steps(to: many)
        #expect(steps.count == ListenerPlaces.most)
        #expect(refused.count == 2_000 - ListenerPlaces.most)
        #expect(refused.allSatisfy { $0.1 == .noPlace })
    }

    @Test("places are made from binds; clients of mode tcp are not waited for")
    func fromFrontends() {
        var tcp = Frontend(
            name: "t", binds: [Bind(address: "127.0.0.1", port: 9), Bind(port: 10, isTLS: true)])
        tcp.mode = .tcp
        let places = ListenerPlaces.places(of: [Frontend(name: "h", binds: [Bind(port: 80)]), tcp])
        #expect(places.map(\.frontend) == [0, 1, 1])
        #expect(places.map(\.bind) == [0, 0, 1])
        #expect(places.map(\.port) == [80, 9, 10])
        #expect(places.map(\.isTLS) == [false, false, true])
        #expect(places.map(\.defersAccept) == [true, false, false])
        #expect(places.map(\.address) == [nil, "127.0.0.1", nil])
    }
}

@Suite("Places of frontends")
struct FrontendPlacesTests {
    private func frontend(_ name: String, _ port: UInt16 = 1) -> Frontend {
        Frontend(name: name, binds: [Bind(port: port)])
    }

    @Test("a place stays its name's, whatever the order")
    func stable() {
        var places = FrontendPlaces([frontend("a"), frontend("b")])
        #expect(places.adopt([frontend("c"), frontend("b", 2)]).isEmpty)
        #expect(places.models.map(\.name) == ["a", "b", "c"])
        #expect(places.models.map(\.binds.count) == [0, 1, 1])
        #expect(places.models[1].binds[0].port == 2)
        #expect(places.adopt([frontend("a", 7)]).isEmpty)
        #expect(places.models.map(\.binds.count) == [1, 0, 0])
    }

    @Test("of two with one name the first counts")
    func twice() {
        var places = FrontendPlaces([])
        #expect(places.adopt([frontend("a", 1), frontend("a", 2)]) == [frontend("a", 2)])
        #expect(places.models == [frontend("a", 1)])
    }

    @Test("a place that is free goes to another name")
    func reused() {
        var places = FrontendPlaces([frontend("a"), frontend("b")])
        #expect(places.adopt([frontend("b")], free: [0, 1]).isEmpty)
        #expect(places.absent == [0])
        #expect(places.adopt([frontend("c"), frontend("b")]).isEmpty)
        #expect(places.models.map(\.name) == ["a", "b", "c"])
        let wanted = ["b", "d", "a", "c"].map { frontend($0) }
        #expect(places.adopt(wanted, free: [0]).isEmpty)
        #expect(places.models.map(\.name) == ["d", "b", "c", "a"])
        #expect(places.present.map(\.name) == ["d", "b", "c", "a"])
    }

    @Test("there is a bound")
    func bound() {
        var places = FrontendPlaces([frontend("first")])
        let refused = places.adopt((0..<2_000).map { frontend("f\($0)") })
        #expect(refused.count == 2_000 - FrontendPlaces.most + 1)
        #expect(places.models.count == FrontendPlaces.most)
        #expect(places.adopt([frontend("first")]).isEmpty)
    }
}
