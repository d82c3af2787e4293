import Model
import Testing
import Wire

@testable import Engine

@Suite("Servers that records of services name")
struct ServiceTests {
    private static let service = "_http._tcp.example"

    private func run(_ records: NameAnswer.Record..., names: [String] = ["s1", "s2", "s3"]) -> ResolverRun {
        var run = ResolverRun()
        run.answers[ServiceTests.service] = NameAnswer(.found, records)
        run.answers["a"] = ResolverRun.addresses("10.0.0.1")
        run.answers["b"] = ResolverRun.addresses("10.0.0.2")
        run.follow(names, of: ServiceTests.service, port: 0) { $0.prefersV4 = true }
        return run
    }

    @Test("each record is one server's: its port, its weight, and the address of its host")
    func records() {
        let run = run(ResolverRun.place("a", 8_080, weight: 256), ResolverRun.place("b", 8_081, weight: 257))
        #expect(run.told.suffix(2) == ["s1=10.0.0.1:8080*1", "s2=10.0.0.2:8081*2"])
        #expect(run.questions == ["\(ServiceTests.service)/service", "a/ipv4", "b/ipv4"])
    }

    @Test("an address beside the record spares the question")
    func additional() {
        let run = run(ResolverRun.place("a", 80, at: "10.0.0.7"))
        #expect(run.told == ["s1=10.0.0.7:80*0"])
        #expect(run.questions == ["\(ServiceTests.service)/service"])
    }

    @Test("one host may be several places")
    func sameHost() {
        let run = run(ResolverRun.place("a", 80), ResolverRun.place("a", 81))
        #expect(run.told.contains("s1=10.0.0.1:80*0"))
        #expect(run.state.followers.map(\.record?.port) == [80, 81, nil])
    }

    @Test("weights can be left alone")
    func weights() {
        var run = ResolverRun()
        run.answers[ServiceTests.service] = NameAnswer(
            .found, [ResolverRun.place("a", 80, weight: 512, at: "10.0.0.7")])
        run.follow(["s"], of: ServiceTests.service, port: 0) { $0.ignoresWeight = true }
        #expect(run.told == ["s=10.0.0.7:80"])
    }

    @Test("a weight that changes is told")
    func weightChanges() {
        var run = run(ResolverRun.place("a", 80, weight: 256, at: "10.0.0.7"))
        run.answers[ServiceTests.service] = NameAnswer(
            .found, [ResolverRun.place("a", 80, weight: 512, at: "10.0.0.7")])
        run.wait(1_100)
        #expect(run.told == ["s1=10.0.0.7:80*1", "s1=10.0.0.7:80*2"])
    }

    @Test("a record that goes frees its server for the next one; the others stay")
    func stable() {
        var run = run(
            ResolverRun.place("a", 80, at: "10.0.0.1"), ResolverRun.place("b", 80, at: "10.0.0.2"),
            names: ["s1", "s2"])
        run.told = []
        run.answers[ServiceTests.service] = NameAnswer(
            .found,
            [ResolverRun.place("c", 80, at: "10.0.0.3"), ResolverRun.place("b", 80, at: "10.0.0.2")])
        run.wait(1_100)
        #expect(run.told.last == "s1=10.0.0.3:80*0")
        #expect(run.told.allSatisfy { $0.hasPrefix("s1=") })
    }

    @Test("a server without a record is nowhere")
    func released() {
        var run = run(ResolverRun.place("a", 8_080, at: "10.0.0.1"))
        run.told = []
        run.answers[ServiceTests.service] = NameAnswer(
            .found, [ResolverRun.place("b", 80, at: "10.0.0.2")])
        run.wait(1_100)
        #expect(run.state.followers.map(\.record?.target) == ["b", nil, nil])
    }

    @Test("records beyond the servers there are wait for one")
    func tooMany() {
        let run = run(
            ResolverRun.place("a", 80, at: "10.0.0.1"), ResolverRun.place("b", 80, at: "10.0.0.2"),
            names: ["s"])
        #expect(run.told == ["s=10.0.0.1:80*0"])
    }

    @Test("each backend has all records")
    func backends() {
        let run = run(ResolverRun.place("a", 80, at: "10.0.0.1"), names: ["b/s", "c/t"])
        #expect(run.told == ["s=10.0.0.1:80*0", "t=10.0.0.1:80*0"])
    }

    @Test("when nobody knows the service any more, its servers go when their time is over")
    func gone() {
        var run = run(ResolverRun.place("a", 80, at: "10.0.0.1"))
        run.told = []
        run.answers[ServiceTests.service] = NameAnswer(.absent)
        run.wait(20_000)
        #expect(run.told == [])
        run.wait(20_000)
        #expect(run.told == ["s1=-:0*0 (entry removed from SRV record)"])
    }

    @Test("when nobody knows a record's host, its server goes, and comes back")
    func hostGone() {
        var run = run(ResolverRun.place("a", 80))
        run.answers["a"] = NameAnswer(.absent)
        run.wait(40_000)
        #expect(run.told.last == "s1=-:80*0 (DNS NX status)")
        run.answers["a"] = ResolverRun.addresses("10.0.0.1")
        run.wait(5_000)
        #expect(run.told.last == "s1=10.0.0.1:80*0")
    }
}
