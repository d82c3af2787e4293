import Testing

@testable import Admin

private let pages = OpsPages(
    alive: [HealthCheck("loop") { .passing }],
    ready: [HealthCheck("informers") { .passing }, HealthCheck("workers") { .failing("1 of 2 adopted") }],
    metrics: { [MetricFamily("sluice_x", .gauge, "X.", 1)] })

private func body(_ response: ControlResponse) -> String { String(decoding: response.body, as: UTF8.self) }

@Suite("The ops port")
struct OpsPagesTests {
    @Test("a passing check is 200 ok, verbose names each")
    func passing() {
        let response = pages.answer(ControlRequest(target: "/livez"))
        #expect(response == .text("ok\n"))
        #expect(
            body(pages.answer(ControlRequest(target: "/livez?verbose"))) == "[+]loop ok\nlivez check passed\n"
        )
    }

    @Test("a failing check is 503 and says what is missing", arguments: ["readyz", "healthz"])
    func failing(path: String) {
        let response = pages.answer(ControlRequest(target: "/\(path)"))
        #expect(response.status == 503)
        #expect(body(response) == "[-]workers failed: 1 of 2 adopted\n\(path) check failed\n")
        let verbose = pages.answer(ControlRequest(target: "/\(path)?verbose"))
        #expect(
            body(verbose)
                == "[+]informers ok\n[-]workers failed: 1 of 2 adopted\n\(path) check failed\n")
    }

    @Test("metrics have the type Prometheus asks for")
    func metrics() {
        let response = pages.answer(ControlRequest(target: "/metrics"))
        #expect(response.type == "text/plain; version=0.0.4; charset=utf-8")
        #expect(body(response) == "# HELP sluice_x X.\n# TYPE sluice_x gauge\nsluice_x 1\n")
    }

    @Test("nothing else is there", arguments: ["/metrics/", "/api/info", "/..", "//livez"])
    func unknown(path: String) {
        #expect(pages.answer(ControlRequest(target: path)).status == 404)
    }
}
