import Admin
import Kubernetes
import Testing

@testable import Command

@Suite("The metric of requests to the API server")
struct RequestFamilyTests {
    @Test("has a series for each method and status, in order; no answer is no status")
    func series() {
        let counts: [RequestCounts.Key: Int] = [
            .init(method: "PATCH", status: 409): 2, .init(method: "GET", status: 403): 5,
            .init(method: "GET", status: 0): 1, .init(method: "GET", status: 200): 40,
        ]
        let lines = MetricsText.render([RequestFamily.of(counts)]).split(separator: "\n").filter {
            !$0.hasPrefix("#")
        }
        #expect(
            lines == [
                #"sluice_api_requests_total{method="GET",code="none"} 1"#,
                #"sluice_api_requests_total{method="GET",code="200"} 40"#,
                #"sluice_api_requests_total{method="GET",code="403"} 5"#,
                #"sluice_api_requests_total{method="PATCH",code="409"} 2"#,
            ])
    }

    @Test("is left out before anything was asked")
    func nothing() {
        #expect(!MetricsText.render([RequestFamily.of([:])]).contains("sluice_api_requests_total{"))
    }
}
