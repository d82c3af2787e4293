import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("Lines of a log as nginx's log_format has them")
struct NginxLogFormatTests {
    private func pieces(_ text: String, of subject: NginxLogFormat.Subject = .requests)
        -> [NginxLogFormat.Piece]?
    {
        NginxLogFormat(text, of: subject)?.pieces
    }

    private func made(_ text: String, _ change: (inout LogLines) -> Void = { _ in }, trusts: Bool = false)
        -> LogLinePlan?
    {
        var lines = LogLines()
        lines.requests = NginxLogFormat(text, of: .requests)
        change(&lines)
        return lines.plan(for: .http, usual: false, trustsProxies: trusts)
    }

    @Test("text and variables, with braces or without")
    func reading() {
        #expect(
            pieces("a $status ${request_time}s")
                == [
                    .text(Array("a ".utf8)), .value(.fact(.status)), .text(Array(" ".utf8)),
                    .value(.fact(.requestTime)), .text(Array("s".utf8)),
                ])
        #expect(pieces("no variable") == [.text(Array("no variable".utf8))])
    }

    @Test(
        "escapes of nginx's quotation marks",
        arguments: [
            (#"\""#, "\""), (#"\'"#, "'"), (#"\\"#, #"\"#), (#"\t"#, "\t"), (#"\n"#, "\n"), (#"\d"#, #"\d"#),
        ])
    func escapes(text: String, expected: String) {
        #expect(pieces(text) == [.text(Array(expected.utf8))])
    }

    @Test(
        "a $ without a name, or a brace that is not closed, is no format",
        arguments: ["", "$", "a $ b", "${status", "${}", "100$%"])
    func refused(text: String) {
        #expect(NginxLogFormat(text, of: .requests) == nil)
    }

    @Test("a variable that nobody knows is named once, and is nothing")
    func unknown() {
        let format = NginxLogFormat(
            "$geoip_city $status $geoip_city $connection $upstream_cache_status", of: .requests)
        #expect(format?.unknown == ["geoip_city", "connection"])
        #expect(format?.pieces.filter { $0 == .nothing }.count == 4)
    }

    @Test("ingress-nginx's own formats are wholly known")
    func usual() {
        #expect(NginxLogFormat.ofRequests?.unknown == [])
        #expect(NginxLogFormat.ofSessions?.unknown == [])
    }

    @Test(
        "each variable that people write is known",
        arguments: """
            remote_addr remote_port remote_user time_local time_iso8601 msec request request_method request_uri uri args
            query_string document_uri server_protocol status body_bytes_sent bytes_sent request_length request_time host
            http_host best_http_host server_name server_addr server_port scheme https http_referer http_user_agent
            http_x_forwarded_for cookie_session arg_page content_type content_length sent_http_content_type
            upstream_http_x_served_by upstream_cookie_session upstream_addr upstream_status upstream_response_time
            upstream_response_length upstream_connect_time upstream_header_time upstream_bytes_received upstream_bytes_sent
            proxy_upstream_name proxy_alternative_upstream_name namespace ingress_name service_name service_port req_id
            request_id ssl_protocol ssl_cipher ssl_server_name ssl_client_s_dn ssl_client_verify ssl_session_reused
            proxy_protocol_addr proxy_protocol_port proxy_add_x_forwarded_for realip_remote_addr the_real_ip pid hostname pipe
            connection_requests request_completion opentelemetry_trace_id otel_span_id
            """.split { $0 == " " || $0 == "\n" }.map(String.init))
    func known(name: String) {
        #expect(LogSource(name, of: .requests) != nil)
    }

    @Test(
        "sessions know fewer",
        arguments: ["request", "http_host", "request_time", "upstream_status", "namespace"])
    func sessions(name: String) {
        #expect(LogSource(name, of: .sessions) == nil)
    }

    @Test("of a session the status is another")
    func sessionStatus() {
        #expect(pieces("$status $protocol", of: .sessions)?.first == .value(.fact(.sessionStatus)))
        #expect(pieces("$session_time", of: .requests) == [.nothing])
    }

    @Test("what the head says is kept, each once, and what comes with the connection is not")
    func kept() throws {
        let plan = try #require(
            made("$http_a_b $arg_x $http_a_b $ssl_protocol $sent_http_x $upstream_http_y"))
        #expect(plan.captures.request.map(\.name) == ["a-b", nil])
        #expect(plan.captures.response.map(\.name) == [nil, "y"])
        #expect(plan.first.count == 1)
        #expect(plan.last.count == 1)
        #expect(plan.logging.isOfProcess)
        #expect(plan.logging.targets.isEmpty)
    }

    @Test("the client's address is kept only where a proxy may name it")
    func client() throws {
        #expect(made("$remote_addr")?.captures.isEmpty == true)
        let told = try Expression(.told(.clientAddress))
        #expect(made("$remote_addr", trusts: true)?.first == [HTTPRule(.capture(told, slot: 0))])
    }

    @Test("values are written as one of three ways has it; none counts before json")
    func flags() {
        #expect(made("$status")?.logging.format.parts == [.fact(.status, .slashed)])
        #expect(made("$status") { $0.isJSON = true }?.logging.format.parts == [.fact(.status, .json)])
        let both = made("$status") { ($0.isJSON, $0.isVerbatim) = (true, true) }
        #expect(both?.logging.format.parts == [.fact(.status, .verbatim)])
        #expect(made("$nobody")?.logging.format.parts == [.text([UInt8(ascii: "-")])])
        #expect(made("$nobody") { $0.isJSON = true }?.logging.format.parts == [.text([])])
    }

    @Test("without a format lines are the process's, or ingress-nginx's where that is asked for")
    func absent() {
        #expect(LogLines().plan(for: .http, usual: false, trustsProxies: false) == nil)
        #expect(LogLines().plan(for: .tcp, usual: false, trustsProxies: false) == nil)
        let usual = LogLines().plan(for: .http, usual: true, trustsProxies: false)
        #expect(usual?.captures.request.compactMap(\.name) == ["referer", "user-agent"])
        #expect(LogLines().plan(for: .tcp, usual: true, trustsProxies: false)?.captures.isEmpty == true)
    }

    @Test("what is not logged has a form for nobody")
    func off() {
        var lines = LogLines()
        lines.isOfRequests = false
        #expect(lines.plan(for: .http, usual: true, trustsProxies: false) == LogLinePlan())
        #expect(lines.plan(for: .tcp, usual: true, trustsProxies: false)?.logging.isOfProcess == true)
    }

    @Test("a variable that nobody knows is told of by name, and the rest applies")
    func remarks() {
        var settings = TrafficSettings()
        let problems = TrafficTable.table.take(["log-format-upstream": "$status $nobody"], into: &settings)
        #expect(problems.isEmpty)
        #expect(settings.remarks.map(\.reason) == ["SettingVariableUnknown"])
        #expect(settings.remarks.first?.message.contains("$nobody") == true)
        #expect(settings.lines.requests?.pieces.count == 3)
        var map = ConfigMap()
        map.data = ["log-format-upstream": "$status $nobody"]
        let findings = MigrationJudge.findings(of: map)
        #expect(findings.map(\.verdict) == [.differs])
    }
}
