import Testing

@testable import Admin

@Suite("Prometheus text")
struct MetricsTextTests {
    @Test("labels and help are escaped as the format says")
    func escaping() {
        let family = MetricFamily(
            "sluice_x_total", .counter, "Back\\slash,\nline and \"quotes\".",
            [.init(1, ["a": "b\\c\"d\ne", "f": "é"]), .init(2)])
        #expect(
            MetricsText.render([family])
                == #"""
                # HELP sluice_x_total Back\\slash,\nline and "quotes".
                # TYPE sluice_x_total counter
                sluice_x_total{a="b\\c\"d\ne",f="é"} 1
                sluice_x_total 2

                """#)
    }

    @Test(
        "numbers",
        arguments: [
            (0, "0"), (-3, "-3"), (0.25, "0.25"), (1e15, "1000000000000000"), (.infinity, "+Inf"),
            (-.infinity, "-Inf"), (.nan, "NaN"),
            (1e300, "1e+300"),
        ] as [(Double, String)])
    func numbers(value: Double, expected: String) {
        #expect(MetricsText.number(value) == expected)
    }

    @Test("a histogram is cumulative and ends in infinity")
    func histogram() {
        var family = MetricFamily("sluice_h_seconds", .histogram, "H.", [])
        family.append(HistogramCounts(bounds: [0.001, 1], counts: [2, 0, 3], sum: 4.5), ["kind": "pools"])
        #expect(
            MetricsText.render([family])
                == """
                # HELP sluice_h_seconds H.
                # TYPE sluice_h_seconds histogram
                sluice_h_seconds_bucket{kind="pools",le="0.001"} 2
                sluice_h_seconds_bucket{kind="pools",le="1"} 2
                sluice_h_seconds_bucket{kind="pools",le="+Inf"} 5
                sluice_h_seconds_sum{kind="pools"} 4.5
                sluice_h_seconds_count{kind="pools"} 5

                """)
    }

    @Test("a histogram with missing counts is still well formed")
    func shortHistogram() {
        #expect(HistogramCounts(bounds: [1, 2], counts: [1], sum: 0).counts == [1, 0, 0])
    }

    @Test("a family without samples is left out")
    func empty() {
        #expect(MetricsText.render([MetricFamily("sluice_x", .gauge, "X.", [])]) == "")
    }

    @Test("the process knows its own memory, descriptors and CPU time")
    func process() {
        let families = ProcessMetrics.families()
        #expect(families.count == 4)
        #expect(
            families.allSatisfy {
                $0.name.hasPrefix("sluice_process_") && ($0.samples.first?.value ?? -1) >= 0
            })
    }
}
