import Engine
import Model
import Testing

@testable import Admin

/// A frontend, and a backend with one server.
private func counted(everywhere: Bool) -> Statistics {
    var frontend = FrontendStatistics()
    frontend.connections = 7
    frontend.traffic.bytesIn = 5
    var backend = BackendStatistics()
    backend.sessions = 3
    backend.traffic.bytesIn = 44
    backend.traffic.statusClasses[2] = 3
    var place = ProxyPlace()
    place.mode = .http
    var statistics = Statistics()
    statistics.countsRequests = everywhere
    statistics.proxies = [
        ProxyStatistics(name: "http", place: place, frontend: frontend),
        ProxyStatistics(name: "shop/web:80", place: place, backend: backend),
    ]
    return statistics
}

private func pages(everywhere: Bool) -> AdminPages {
    var introspection = Introspection(
        info: { ProcessInfo(version: "1", mode: "dev", uptimeSeconds: 2, isReady: true, publishes: 3) },
        configuration: { Configuration() }, metrics: { EngineMetrics() }, servers: { [:] },
        diagnostics: { [] })
    introspection.statistics = { counted(everywhere: everywhere) }
    return AdminPages(introspection)
}

/// Cells of the line of a section, by column.
private func line(of section: String, everywhere: Bool) -> [String: String] {
    let response = pages(everywhere: everywhere).answer(ControlRequest(target: "/stats;csv"))
    let lines = String(decoding: response.body, as: UTF8.self).split(separator: "\n")
    let names = (lines.first ?? "").dropFirst(2).split(separator: ",", omittingEmptySubsequences: false)
    guard let found = lines.first(where: { $0.hasPrefix("\(section),") }) else { return [:] }
    let cells = found.split(separator: ",", omittingEmptySubsequences: false)
    return Dictionary(zip(names.map(String.init), cells.map(String.init))) { first, _ in first }
}

@Suite("Statistics on the admin port")
struct AdminStatisticsTests {
    @Test("a page and three forms for programs, at the address and behind it")
    func forms() {
        let forms = [
            ("/stats", "text/html; charset=utf-8", "<!doctype html>"),
            ("/stats;csv", "text/plain; charset=utf-8", "# pxname,"),
            ("/stats;json", "application/json", "[["),
            ("/stats;typed", "text/plain; charset=utf-8", "F.2.0.0.pxname"),
            ("/stats;up;csv", "text/plain; charset=utf-8", "# pxname,"),
        ]
        for (target, type, beginning) in forms {
            let response = pages(everywhere: true).answer(ControlRequest(target: target))
            #expect(response.status == 200 && response.type == type, "\(target)")
            #expect(String(decoding: response.body, as: UTF8.self).hasPrefix(beginning), "\(target)")
        }
    }

    @Test(
        "what is near the address is not it, and only loopback is answered",
        arguments: ["/statsx", "/stats/", "/stat"])
    func others(target: String) {
        #expect(pages(everywhere: true).answer(ControlRequest(target: target)).status == 404)
        #expect(
            pages(everywhere: true).answer(ControlRequest(target: "/stats", host: "evil.test")).status == 403)
    }

    @Test("what is not counted is empty, not 0; what backends count is there")
    func uncounted() {
        let frontend = line(of: "http", everywhere: false)
        #expect(
            frontend["stot"] == "7" && frontend["bin"] == "" && frontend["hrsp_2xx"] == ""
                && frontend["rate"] == "")
        let backend = line(of: "shop/web:80", everywhere: false)
        #expect(backend["bin"] == "44" && backend["hrsp_2xx"] == "3" && backend["stot"] == "3")
        #expect(backend["lbtot"] == "" && backend["ttime"] == "")
    }

    @Test("a process that counts everything says everything")
    func everything() {
        let frontend = line(of: "http", everywhere: true)
        #expect(frontend["bin"] == "5" && frontend["hrsp_2xx"] == "0" && frontend["rate"] == "0")
    }

    @Test("a scope shows sections whose names hold it")
    func scope() {
        let response = pages(everywhere: true).answer(ControlRequest(target: "/stats;csv?scope=shop/"))
        let text = String(decoding: response.body, as: UTF8.self)
        #expect(text.contains("\nshop/web:80,BACKEND,") && !text.contains("\nhttp,"))
    }
}
