import Testing

@testable import Wire

@Suite("ProcessorCount")
struct ProcessorCountTests {
    @Test(
        "reads the quota of cgroup v2; a started processor counts whole",
        arguments: [
            ("max 100000\n", nil), ("100000 100000\n", 1), ("100001 100000\n", 2), ("150000 100000", 2),
            ("200000 100000\n", 2), ("50000 100000\n", 1), ("1 100000\n", 1), ("6400000 100000\n", 64),
            ("", nil),
            ("\n", nil), ("100000", nil), ("100000 0", nil), ("0 100000", nil), ("-1 100000", nil),
            ("x y", nil),
            ("1 2 3", nil), ("99999999999999999999 1", nil), ("9223372036854775807 1", Int.max),
        ] as [(String, Int?)])
    func version2(text: String, expected: Int?) { #expect(ProcessorCount.quotaV2(text) == expected) }

    @Test(
        "reads the two files of cgroup v1, where -1 is no quota",
        arguments: [
            ("-1\n", "100000\n", nil), ("150000\n", "100000\n", 2), ("100000", "100000", 1),
            ("1\n", "100000\n", 1),
            ("x", "100000", nil), ("100000", "", nil), ("100000", "0", nil), ("100000", "-5", nil),
        ] as [(String, String, Int?)])
    func version1(quota: String, period: String, expected: Int?) {
        #expect(ProcessorCount.quotaV1(quota: quota, period: period) == expected)
    }

    @Test("files that are not there set no quota")
    func missing() {
        #expect(ProcessorCount.quotaV2(nil) == nil)
        #expect(ProcessorCount.quotaV1(quota: nil, period: "100000") == nil)
        #expect(ProcessorCount.quotaV1(quota: "100000", period: nil) == nil)
    }

    @Test("there is one at least") func here() { #expect(ProcessorCount.allowed() >= 1) }
}
