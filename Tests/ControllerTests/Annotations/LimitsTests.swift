import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("Limits by annotation")
struct LimitsTests {
    private func limits(_ annotations: [String: String]) -> RequestLimits? {
        var cluster = TestCluster()
        cluster.put(service("web"), annotated(annotations))
        return cluster.allRoutes().first?.limits
    }

    @Test("limit-rps: so many a second for each address, five times as many at once, and 503 beyond")
    func perSecond() {
        let found = limits(["limit-rps": "10"])
        var rate = RateLimit(key: .address, requests: 10)
        rate.burst = 50
        #expect(found?.rate == rate)
        #expect(found?.secondRate == nil)
        #expect(found?.status == 503)
        #expect(found?.name == "shop/web")
    }

    @Test("limit-rpm: the same for a minute; both have to be kept")
    func perMinute() {
        #expect(limits(["limit-rpm": "30"])?.rate?.period == 60_000)
        let both = limits(["limit-rpm": "30", "limit-rps": "2", "limit-burst-multiplier": "3"])
        #expect(both?.rate?.burst == 6)
        #expect(both?.secondRate?.period == 60_000)
        #expect(both?.secondRate?.burst == 90)
    }

    @Test("limit-whitelist and limit-allowlist: who is not limited")
    func exempt() {
        #expect(
            limits(["limit-rps": "1", "limit-whitelist": "10.0.0.0/8,192.0.2.1"])?.exempt == [
                "10.0.0.0/8", "192.0.2.1",
            ])
        #expect(limits(["limit-allowlist": "10.0.0.0/8"]) == nil)
    }

    @Test("limit-rps: 0 is no limit, and what is no number leaves the Ingress out")
    func none() {
        #expect(limits(["limit-rps": "0"]) == nil)
        #expect(AnnotationReading(annotated(["limit-rps": "ten"])).failure == .leavesIngressOut)
        #expect(AnnotationReading(annotated(["limit-rps": "-1"])).failure == .leavesIngressOut)
        #expect(AnnotationReading(annotated(["limit-burst-multiplier": "0"])).failure == .leavesIngressOut)
    }

    @Test("limit-connections: so many of an address at a time, with or without rates")
    func connections() {
        let found = limits(["limit-connections": "7", "limit-allowlist": "10.0.0.0/8"])
        #expect(found?.maxRequestsPerAddress == 7)
        #expect(found?.rate == nil && found?.exempt == ["10.0.0.0/8"] && found?.status == 503)
        #expect(limits(["limit-connections": "7", "limit-rps": "1"])?.rate != nil)
        #expect(limits(["limit-connections": "0"]) == nil)
    }

    @Test("paths of one Ingress share their counts")
    func shared() {
        var cluster = TestCluster()
        cluster.put(service("web"), annotated(["limit-rps": "1"], paths: path("/a"), path("/b")))
        #expect(Set(cluster.allRoutes().map { $0.limits?.name }) == ["shop/web"])
    }

    @Test("limit-rate: so many KiB a second of answers, a second's worth and limit-rate-after at once")
    func pace() {
        var cluster = TestCluster()
        cluster.put(
            service("web"), annotated(["limit-rate": "100", "limit-rate-after": "50"]))
        var limit = BandwidthLimit(
            section: "", name: "limit-rate", .answer, bytes: 102_400, period: 1_000)
        limit.burst = 137_216
        limit.includesTunnels = false
        #expect(
            cluster.allRoutes().first?.rules?.response.map(\.action) == [.limitBandwidth(limit)])
    }

    @Test("limit-rate of the ConfigMap holds where an Ingress says nothing, and 0 is no limit")
    func paceOfAll() {
        let all = AnswerPace(rate: 10, after: 3)
        #expect(AnswerPace().over(all) == all)
        #expect(AnswerPace(rate: 0).over(all).response == [])
        #expect(AnswerPace(after: 7).over(all) == AnswerPace(rate: 10, after: 7))
        #expect(AnswerPace().response == [])
    }
}
