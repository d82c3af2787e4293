import Glibc
import Model
import Testing

@testable import Controller

@Suite struct TrafficTableTests {
    private static let path =
        "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/docs/configmap.md"

    private func take(_ values: [String: String]) -> (settings: TrafficSettings, problems: [String]) {
        var settings = TrafficSettings()
        let problems = TrafficTable.table.take(values, into: &settings)
        return (settings, problems.map { "\($0.name) \($0.reason)" })
    }

    @Test("block-user-agents and block-referers: texts, and expressions behind a tilde")
    func blocked() {
        let agents = take(["block-user-agents": "~*curl|wget, Bad Bot/1.0,~^X"]).settings.blockedAgents
        let expected: [Matching] = [
            .regex(["curl|wget"], ignoresCase: true),
            .text(.exact, [Array("Bad Bot/1.0".utf8)], ignoresCase: true),
            .regex(["^X"], ignoresCase: false),
        ]
        #expect(agents == expected)
        let referers = take(["block-referers": "https://a.test/"]).settings
        #expect(referers.blockedReferers.count == 1 && referers.blockedAgents.isEmpty)
        let bad = take(["block-referers": "a,~"])
        #expect(
            bad.settings.allowed == [TrafficTable.nobody] && bad.problems == ["block-referers SettingInvalid"]
        )
    }

    @Test("docs/configmap.md is what the table says")
    func document() throws {
        if getenv("SLUICE_WRITE_DOCS") != nil, let file = fopen(Self.path, "w") {
            fputs(ConfigMapDocument.text, file)
            fclose(file)
        }
        let found = String(decoding: try FolderTree.read(Self.path).get(), as: UTF8.self)
        #expect(found == ConfigMapDocument.text)
    }

    @Test("no name stands in two rows of one dialect, and every row says what it does")
    func rows() {
        let rows = TrafficTable.table.rows
        let names = rows.flatMap(\.names)
        #expect(Set(names).count == names.count)
        #expect(rows.allSatisfy { !$0.sentence.isEmpty && !$0.names.isEmpty })
        // What one ConfigMap key means does not depend on whom it is asked of.
        for name in names where name.dialect != .sluice {
            let own = TrafficTable.table.row(of: .own(name.text))
            let row = TrafficTable.table.row(of: name)
            #expect(own == nil || own?.sentence == row?.sentence, "\(name.text)")
        }
    }

    /// One good value of each kind of row.
    private static let samples: [(key: String, value: String, check: @Sendable (TrafficSettings) -> Bool)] = [
        ("timeout-http-request", "5s", { $0.clientTimeouts.request == 5_000 }),
        ("client-header-timeout", "5", { $0.clientTimeouts.request == 5_000 }),
        ("timeout-http-keep-alive", "2m", { $0.clientTimeouts.keepAlive == 120_000 }),
        ("timeout-keep-alive", "100", { $0.clientTimeouts.keepAlive == 100 }),
        ("keep-alive", "30", { $0.clientTimeouts.keepAlive == 30_000 && !$0.closesConnections }),
        ("keep-alive", "0", { $0.clientTimeouts.keepAlive == 75_000 && $0.closesConnections }),
        ("timeout-client", "1m", { $0.clientTimeouts.client == 60_000 }),
        ("timeout-client-fin", "1s", { $0.clientTimeouts.halfClosed == 1_000 }),
        ("proxy-connect-timeout", "3", { $0.serverTimeouts.connect == 3_000 }),
        ("proxy-read-timeout", "3600", { $0.serverTimeouts.server == 3_600_000 }),
        ("timeout-server-fin", "1s", { $0.serverTimeouts.halfClosed == 1_000 }),
        ("timeout-queue", "1s", { $0.serverTimeouts.queue == 1_000 }),
        ("timeout-tunnel", "2h", { $0.serverTimeouts.tunnel == 7_200_000 }),
        ("maxconn", "100", { $0.maxConnections == 100 }),
        ("proxy-body-size", "8m", { $0.maxBodySize == 8 << 20 }),
        ("max-body-size", "unlimited", { $0.maxBodySize == 0 }),
        ("max-header-size", "4096", { $0.maxHeaderSize == 4_096 }),
        ("large-client-header-buffers", "4 4k", { $0.maxHeaderSize == 16_384 }),
        ("large-client-header-buffers", "4 32k", { $0.maxHeaderSize == 36_864 }),
        ("max-header-count", "50", { $0.maxHeaderCount == 50 }),
        ("http-connection-mode", "httpclose", { $0.closesConnections }),
        ("use-http2", "false", { !$0.speaksHTTP2 }),
        ("http2-max-concurrent-streams", "128", { $0.maxStreams == 128 }),
        ("http2-idle-ping", "15s", { $0.idlePing == 15_000 }),
        ("upstream-keepalive-timeout", "90", { $0.serverTimeouts.idle == 90_000 }),
        ("timeout-server-idle", "5m", { $0.serverTimeouts.idle == 300_000 }),
        ("access-log", "false", { !$0.lines.isOfRequests && !$0.lines.isOfSessions }),
        ("disable-access-log", "true", { !$0.lines.isOfRequests && !$0.lines.isOfSessions }),
        ("disable-http-access-log", "true", { !$0.lines.isOfRequests && $0.lines.isOfSessions }),
        ("disable-stream-access-log", "true", { $0.lines.isOfRequests && !$0.lines.isOfSessions }),
        ("log-format-upstream", "$status", { $0.lines.requests?.pieces == [.value(.fact(.status))] }),
        ("log-format-stream", "$status", { $0.lines.sessions?.pieces == [.value(.fact(.sessionStatus))] }),
        ("log-format-escape-json", "true", { $0.lines.flags == .json }),
        ("log-format-escape-none", "true", { $0.lines.flags == .verbatim }),
        ("ssl-protocols", "TLSv1.3", { $0.tls.minimum == .tls13 && $0.tls.maximum == .tls13 }),
        ("ssl-protocols", "TLSv1.3 TLSv1.2", { $0.tls == TLSParameters() }),
        ("ssl-ciphers", "ECDHE-RSA-AES128-GCM-SHA256", { $0.tls.ciphers == "ECDHE-RSA-AES128-GCM-SHA256" }),
        ("ssl-cipher-suites", "TLS_AES_128_GCM_SHA256", { $0.tls.suites == "TLS_AES_128_GCM_SHA256" }),
        ("ssl-ecdh-curve", "auto", { $0.tls.curves == nil }),
        ("ssl-curves", "X25519:P-256", { $0.tls.curves == "X25519:P-256" }),
        ("ssl-reject-handshake", "true", { $0.isStrictSNI }),
        ("ssl-redirect", "false", { !$0.usual.isSentToHTTPS && !$0.redirection.isOn }),
        ("http-redirect-code", "302", { $0.redirection.status == 302 }),
        ("limit-req-status-code", "429", { $0.usual.rateStatus == 429 && $0.usual.connectionStatus == 503 }),
        ("limit-conn-status-code", "429", { $0.usual.connectionStatus == 429 }),
        ("service-upstream", "true", { $0.usual.usesServiceAddress }),
        ("allow-backend-server-header", "false", { $0.hiddenFields == ["Server"] }),
        ("allow-backend-server-header", "true", { $0.hiddenFields == [] }),
        ("proxy-add-original-uri-header", "true", { $0.tellsOriginalURI }),
        ("add-headers", "a/b", { $0.fields.answeredSource == ObjectReference("a/b") }),
        ("proxy-set-headers", "b", { $0.fields.askedSource == ObjectReference("b") }),
        ("global-allowed-response-headers", "X-A, X-b", { $0.fields.allowed == ["x-a", "x-b"] }),
        ("global-auth-cache-key", "$cookie_a", { $0.authentication.cacheKey == NginxTemplate("$cookie_a") }),
        ("global-auth-cache-duration", "200 1m", { $0.authentication.cacheLifetimes == [200: 60_000] }),
        ("global-auth-proxy-set-headers", "a/b", { $0.authentication.source == ObjectReference("a/b") }),
        ("force-ssl-redirect", "true", { $0.redirection.isOn }),
        ("http-redirect-code", "301", { $0.redirection.status == 301 }),
        ("no-tls-redirect-locations", "/a,/b", { $0.redirection.plainPaths == ["/a", "/b"] }),
        ("hsts", "true", { $0.hsts.isOn }),
        ("hsts-max-age", "60", { $0.hsts.value == "max-age=60" }),
        ("hsts-include-subdomains", "true", { $0.hsts.value.hasSuffix("; includeSubDomains") }),
        ("hsts-preload", "true", { $0.hsts.value.hasSuffix("; preload") }),
        ("trusted-proxies", "10.0.0.0/8 ::1", { $0.trust.networks == ["10.0.0.0/8", "::1"] }),
        ("proxy-real-ip-cidr", "10.0.0.0/8", { $0.trust.networks == [] }),
        ("use-forwarded-headers", "true", { $0.trust.networks == ["0.0.0.0/0", "::/0"] }),
        ("forwarded-for", "false", { !$0.trust.tellsServers }),
        ("proxy-protocol", "10.0.0.0/8", { $0.trust.proxyProtocol == .from(["10.0.0.0/8"]) }),
        ("use-proxy-protocol", "true", { $0.trust.proxyProtocol == .everyone }),
        ("whitelist-source-range", "10.0.0.0/8", { $0.allowed == ["10.0.0.0/8"] }),
        ("block-cidrs", "192.0.2.0/24", { $0.blocked == ["192.0.2.0/24"] }),
        ("denylist-source-range", "192.0.2.0/24", { $0.denied == ["192.0.2.0/24"] }),
        ("hide-headers", "Server,X-Powered-By", { $0.hiddenFields == ["Server", "X-Powered-By"] }),
        ("compression", "br gzip", { $0.compression.algorithms == [.brotli, .gzip] }),
        ("compression", "off", { $0.compression.algorithms == [] }),
        ("use-gzip", "true", { $0.compression.algorithms == [.gzip] }),
        ("gzip-types", "text/html text/css", { $0.compression.types == ["text/html", "text/css"] }),
        ("gzip-types", "*", { $0.compression.types == [] }),
        ("gzip-min-length", "256", { $0.compression.minSize == 256 }),
        ("error-page-503", "<p>later", { $0.errorPages[503]?.body == Array("<p>later".utf8) }),
        ("error-page-404", "{}", { $0.errorPages[404]?.fields.first?.value == "application/json" }),
        ("load-balance", "leastconn", { $0.balance == .leastConnections }),
        ("load-balance", "round_robin", { $0.balance == .roundRobin }),
        ("load-balance", "ewma", { $0.balance == .random(draws: 2) }),
        ("retries", "1", { $0.retries == 1 }),
        ("proxy-next-upstream-tries", "3", { $0.retries == 2 }),
        ("retry-on", "conn-failure,503", { $0.retryOn.contains(.connectionFailure) }),
        ("retry-on", "none", { $0.retryOn == [] }),
        ("upstream-keepalive-connections", "0", { $0.maxIdlePerServer == 0 }),
        (
            "proxy-next-upstream", "error http_502",
            { $0.nextUpstream?.failures.contains(.emptyResponse) == true }
        ),
        ("proxy-next-upstream-timeout", "3", { $0.retryTimeLimit == 3_000 }),
        ("retry-non-idempotent", "true", { $0.repeatsAll }),
        ("proxy-stream-next-upstream", "false", { !$0.retriesSessions }),
        ("proxy-stream-next-upstream-tries", "3", { $0.sessionRetries == 2 }),
        ("proxy-stream-next-upstream-tries", "0", { $0.sessionRetries == 100 }),
        ("forwarded-for-header", "CF-Connecting-IP", { $0.trust.sourceField == "CF-Connecting-IP" }),
        ("forwarded-for-header", "x-forwarded-for", { $0.trust.sourceField == nil }),
        ("compute-full-forwarded-for", "true", { $0.trust.appendsSource }),
        ("generate-request-id", "false", { !$0.trust.namesRequests }),
        ("enable-underscores-in-headers", "false", { !$0.passesUnderscores }),
        ("ignore-invalid-headers", "false", { $0 == TrafficSettings() }),
        ("limit-conn-zone-variable", "$binary_remote_addr", { $0 == TrafficSettings() }),
        ("skip-access-log-urls", "/health,~^/x", { $0.unloggedTargets.count == 2 }),
        ("enable-access-log-for-default-backend", "false", { !$0.logsUnrouted }),
    ]

    @Test("each key says what it says, under every name", arguments: samples.indices)
    func values(index: Int) {
        let sample = Self.samples[index]
        let (settings, problems) = take([sample.key: sample.value])
        #expect(problems == [], "\(sample.key)")
        #expect(sample.check(settings), "\(sample.key): \(sample.value)")
    }

    @Test(
        "what cannot be is refused",
        arguments: [
            ("timeout-client", "60"), ("proxy-body-size", "big"), ("max-header-size", "1m"),
            ("large-client-header-buffers", "4"), ("large-client-header-buffers", "9223372036854775807 8k"),
            ("ssl-protocols", "TLSv1.1 TLSv1.2"), ("ssl-protocols", ""), ("ssl-ciphers", "a b"),
            ("no-tls-redirect-locations", "a"), ("hide-headers", "a b:"), ("compression", "gzip lzma"),
            ("compression", "gzip gzip"), ("gzip-types", "html"), ("error-page-503", ""),
            ("load-balance", "fair"), ("retry-on", "none 503"), ("retry-on", "whatever"),
            ("http-redirect-code", "200"), ("use-http2", "perhaps"), ("maxconn", "-1"),
            ("proxy-next-upstream", "always"), ("proxy-next-upstream", "off error"),
            ("proxy-stream-next-upstream-tries", "x"), ("forwarded-for-header", "a b"),
            ("limit-conn-zone-variable", "$http_x"), ("skip-access-log-urls", "~"),
        ])
    func refused(key: String, value: String) {
        let (settings, problems) = take([key: value, "retries": "7"])
        var expected = TrafficSettings()
        expected.retries = 7
        #expect(problems == ["\(key) SettingInvalid"])
        #expect(settings == expected, "the rest holds")
    }

    @Test(
        "lists of who may come in that cannot be read let nobody in", arguments: ["allow-list", "deny-list"])
    func guards(key: String) {
        let (settings, problems) = take([key: "10.0.0.0/8, office"])
        #expect(settings.allowed == ["0.0.0.0/32"])
        #expect(problems == ["\(key) SettingInvalid"])
    }

    @Test("whoever is refused by one list is refused, whatever the others say")
    func denials() {
        let values = [
            "deny-list": "10.0.0.1", "block-cidrs": "10.0.0.2", "denylist-source-range": "10.0.0.3",
        ]
        let settings = take(values).settings
        #expect(Set(settings.denied) == ["10.0.0.1", "10.0.0.3"] && settings.blocked == ["10.0.0.2"])
    }

    @Test("ingress-nginx's list of trusted proxies counts where it asks for their fields")
    func trust() {
        let values = ["proxy-real-ip-cidr": "10.0.0.0/8", "use-forwarded-headers": "true"]
        #expect(take(values).settings.trust.networks == ["10.0.0.0/8"])
        let off = ["trusted-proxies": "10.0.0.0/8", "use-forwarded-headers": "false"]
        #expect(take(off).settings.trust.networks == [])
    }
}
