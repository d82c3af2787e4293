import Testing

@testable import Command

@Suite("What top shows")
struct TopScreenTests {
    private func sample(_ time: Double, _ counts: [String: (all: Double, failed: Double)]) -> TopSample {
        var sample = TopSample()
        (sample.time, sample.version, sample.mode, sample.isReady) = (time, "1.2", "dev", true)
        (sample.uptime, sample.hosts, sample.exchanges, sample.connections) = (75, 2, 3, 4)
        for (name, count) in counts {
            var service = TopSample.Service()
            (service.requests, service.serverErrors) = (count.all, count.failed)
            service.durations = TopHistogram(buckets: [(0.01, count.all), (.infinity, count.all)])
            sample.services[name] = service
            sample.pods.append(
                TopSample.Pod(
                    service: name, name: "\(name)-0", address: "10.0.0.1:80", active: 1, requests: count.all,
                    failures: count.failed, isUp: true))
        }
        sample.routes = [
            TopSample.Route(host: "a.test", ingress: "n/i", service: "a"),
            TopSample.Route(host: "a.test", ingress: "n/i", service: "b"),
            TopSample.Route(host: "b.test", ingress: "n/j", service: "b"),
            TopSample.Route(host: "c.test", ingress: "n/k", service: ""),
        ]
        return sample
    }

    private var pair: (TopSample, TopSample) {
        (sample(10, ["a": (100, 0), "b": (50, 10)]), sample(12, ["a": (120, 0), "b": (250, 50)]))
    }

    private func names(_ subject: TopRow.Subject, _ order: TopRow.Order) -> [String] {
        TopRow.rows(subject, by: order, from: pair.0, to: pair.1).map(\.name)
    }

    @Test("numbers are those between two samples, per second")
    func rates() {
        let rows = TopRow.rows(.service, by: .requests, from: pair.0, to: pair.1)
        #expect(rows.map(\.name) == ["b", "a"])
        #expect(rows.map(\.requests) == [100, 10])
        #expect(rows.map(\.serverErrors) == [20, 0])
        #expect(rows.map(\.durations.count) == [200, 20])
        #expect(rows[0].note == "1 server")
    }

    @Test("a counter that went back began at 0")
    func restarts() {
        let rows = TopRow.rows(
            .service, by: .name, from: pair.1,
            to: {
                var now = pair.0
                now.time = 14
                return now
            }())
        #expect(rows.map(\.requests) == [50, 25])
    }

    @Test("rows are sorted by what is wanted, then by name")
    func order() {
        #expect(names(.service, .name) == ["a", "b"])
        #expect(names(.service, .errors) == ["b", "a"])
        #expect(names(.service, .latency) == ["a", "b"])
        #expect(names(.pod, .requests) == ["b-0", "a-0"])
    }

    @Test("hosts and Ingresses have the numbers of their services, which they may share")
    func groups() {
        let rows = TopRow.rows(.host, by: .name, from: pair.0, to: pair.1)
        #expect(rows.map(\.name) == ["a.test", "b.test"])
        #expect(rows.map(\.requests) == [110, 100])
        #expect(rows.map(\.isShared) == [true, true])
        #expect(names(.ingress, .name) == ["n/i", "n/j"])
        #expect(TopScreen(subject: .host, order: .name).lines(from: pair.0, to: pair.1)[5].contains("≤110"))
    }

    @Test("the table")
    func table() {
        let lines = TopScreen().lines(from: pair.0, to: pair.1)
        #expect(lines[0] == "sluice 1.2 dev, ready, up 1 min 15 s; 2 hosts, 2 services, 2 servers")
        #expect(lines[1] == "requests 110/s  4xx 0.0/s  5xx 20.0/s  p50 5.0 ms  p99 9.9 ms")
        #expect(
            lines[2].hasPrefix(
                "in flight 3  connections 4  to servers 0  changes 0  propagation p50 - ms p99 - ms"))
        #expect(
            lines[4].split(separator: " ") == [
                "SERVICE", "REQ/S", "4XX/S", "5XX/S", "P50", "MS", "P99", "MS", "ACTIVE",
            ])
        #expect(
            lines[5].split(separator: " ") == ["b", "100", "0.0", "20.0", "5.0", "9.9", "1", "1", "server"])
        #expect(lines.count == 7)
    }

    @Test("nothing is longer than the width or higher than the height, and keys stand last")
    func limits() {
        var screen = TopScreen()
        (screen.width, screen.height) = (30, 7)
        let lines = screen.lines(from: pair.0, to: pair.1, keys: true)
        #expect(lines.count == 7 && lines.allSatisfy { $0.count <= 30 })
        #expect(lines.last?.hasPrefix("q quit") == true && lines[5].hasPrefix("b "))
        screen.height = 3
        #expect(screen.lines(from: pair.0, to: pair.1, keys: true).count == 6)
    }

    @Test("names that a terminal would act on are not shown")
    func control() {
        let (before, now) = (sample(1, ["a\u{1B}[2J": (0, 0)]), sample(2, ["a\u{1B}[2J": (0, 0)]))
        #expect(TopScreen().lines(from: before, to: now).contains { $0.hasPrefix("a?[2J ") })
    }

    @Test("keys choose what is shown, or end it")
    func keys() {
        var screen = TopScreen()
        #expect(screen.press(UInt8(ascii: "p")) == .redraws && screen.subject == .pod)
        #expect(screen.press(UInt8(ascii: "e")) == .redraws && screen.order == .errors)
        #expect(screen.press(9) == .redraws && screen.subject == .host)
        #expect(screen.press(UInt8(ascii: "x")) == .nothing)
        #expect([UInt8(ascii: "q"), 3].map { screen.press($0) } == [.quits, .quits])
    }

    @Test(
        "times and numbers are short", arguments: [(59, "59 s"), (3_700, "1 h 1 min"), (90_000, "1 d 1 h")])
    func words(seconds: Int, text: String) {
        #expect(TopScreen.duration(seconds) == text)
        #expect([0, 0.05, 99.94, 1_234.5].map(TopScreen.number) == ["0.0", "0.1", "99.9", "1235"])
    }
}
