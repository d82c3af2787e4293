import Model

extension TrafficTable {
    static let timeouts: [Row] = [
        Row(
            .own("timeout-http-request"), .nginx("client-header-timeout"), .haproxy("timeout-http-request"),
            form: .duration(), fallback: "10s",
            "From a request's first byte, or the connection, to the end of its head; then 408."
        ) { $0.clientTimeouts.request = $1 }
        .differing(
            "without it 10s (ingress-nginx: 60s), from the first byte of a head to its last"),
        Row(
            .own("timeout-http-keep-alive"), .haproxy("timeout-http-keep-alive"),
            .haproxy("timeout-keep-alive"), form: .duration(), fallback: "75s",
            "How long a client's connection stays open between two requests."
        ) { $0.clientTimeouts.keepAlive = $1 },
        Row(
            .nginx("keep-alive"), form: .duration(), fallback: "75s",
            "The same as timeout-http-keep-alive; 0 ends the connection with every answer."
        ) { settings, time in
            settings.closesConnections = time == 0
            if time > 0 { settings.clientTimeouts.keepAlive = time }
        },
        Row(
            .own("timeout-client"), .nginx("client-body-timeout"), .haproxy("timeout-client"),
            form: .duration(), fallback: "60s", "Silence of a client while it should send or take something."
        ) { $0.clientTimeouts.client = $1 },
        Row(
            .own("timeout-client-fin"), .haproxy("timeout-client-fin"), form: .duration(),
            fallback: "as before",
            "Silence of a client in a WebSocket or TCP session of which one side has ended."
        ) { $0.clientTimeouts.halfClosed = $1 },
        Row(
            .own("timeout-connect"), .nginx("proxy-connect-timeout"), .haproxy("timeout-connect"),
            form: .duration(), fallback: "5s", "How long connecting to a server may take."
        ) { $0.serverTimeouts.connect = $1 },
        Row(
            .own("timeout-server"), .nginx("proxy-read-timeout"), .haproxy("timeout-server"),
            form: .duration(), fallback: "60s", "Silence of a server: 504 before its answer, a cut within it."
        ) { $0.serverTimeouts.server = $1 },
        Row(
            .own("timeout-server-fin"), .haproxy("timeout-server-fin"), form: .duration(),
            fallback: "as before",
            "Silence of a server in a WebSocket or TCP session of which one side has ended."
        ) { $0.serverTimeouts.halfClosed = $1 },
        Row(
            .own("timeout-queue"), .haproxy("timeout-queue"), form: .duration(), fallback: "5s",
            "How long a request waits while every server has as many as it may have."
        ) { $0.serverTimeouts.queue = $1 },
        Row(
            .own("timeout-tunnel"), .nginx("proxy-stream-timeout"), .haproxy("timeout-tunnel"),
            form: .duration(), fallback: "1h", "Silence of both sides of a WebSocket or TCP session."
        ) { $0.serverTimeouts.tunnel = $1 }
        .differing(
            "without it 1h (ingress-nginx: 600s); WebSockets are meant too"),
    ]

    static let clients: [Row] = [
        Row(
            .own("limit-rate"), .nginx("limit-rate"), form: .kibibytes, fallback: "0",
            "So many KiB a second of each answer, as the annotation, for every path of an Ingress without it; 0 is no limit."
        ) { $0.pace.rate = $1 },
        Row(
            .own("limit-rate-after"), .nginx("limit-rate-after"), form: .kibibytes, fallback: "0",
            "So many KiB of each answer pass before that."
        ) { $0.pace.after = $1 },
        Row(
            .own("max-connections"), .haproxy("maxconn"), .haproxy("max-connections"),
            form: .integer(0...1_000_000), fallback: "0: no limit",
            "The most client connections of a port at a time, over all workers; more wait."
        ) { $0.maxConnections = $1 },
        Row(
            .own("max-body-size"), .nginx("proxy-body-size"), form: SettingForm<Int64>.size().orUnlimited,
            fallback: "0: no limit",
            "The most bytes of a request's body; more is answered 413. An Ingress's own number counts in its place."
        ) { $0.maxBodySize = $1 }
        .differing(
            "without it there is no limit (ingress-nginx: 1m)"),
        Row(
            .own("max-header-size"), form: .integer(0...36_864), fallback: "0: what the engine takes",
            "The most bytes of a request's head; more is answered 431."
        ) { $0.maxHeaderSize = $1 },
        Row(
            .nginx("large-client-header-buffers"), form: .headerBuffers, fallback: "4 8k",
            "Number and size of buffers; their product is max-header-size."
        ) { $0.maxHeaderSize = $1 }
        .differing(
            "the product of both numbers is the most bytes of a whole head, 36,864 at most; longer heads are answered 431"
        ),
        Row(
            .own("max-header-count"), form: .integer(0...128), fallback: "0: what the engine takes",
            "The most fields of a request's head; more is answered 431."
        ) { $0.maxHeaderCount = $1 },
        Row(
            .own("http-connection-mode"), .haproxy("http-connection-mode"),
            form: .word(["http-keep-alive": false, "httpclose": true]), fallback: "http-keep-alive",
            "httpclose ends the client's connection with every answer."
        ) { $0.closesConnections = $1 },
        Row(
            .own("use-http2"), .nginx("use-http2"), form: .bool, fallback: "true",
            "Whether clients may speak HTTP/2."
        ) { $0.speaksHTTP2 = $1 },
        Row(
            .own("http2-max-concurrent-streams"), .nginx("http2-max-concurrent-streams"),
            form: .integer(1...10_000), fallback: "100",
            "Requests that a client of HTTP/2 may have under way at once on a connection."
        ) { $0.maxStreams = $1 }
        .differing(
            "without it there are 100 (ingress-nginx: 128)"),
        Row(
            .own("http2-idle-ping"), form: .duration(0...3_600_000), fallback: "0s: never",
            "How often a client of HTTP/2 from which nothing is waited for is asked for a sign of life; one that gives none by the next time loses its connection."
        ) { $0.idlePing = $1 },
    ]

    static let tls: [Row] = [
        Row(
            .own("ssl-protocols"), .nginx("ssl-protocols"), form: .tlsVersions, fallback: "TLSv1.2 TLSv1.3",
            "The versions of TLS that clients may speak."
        ) { settings, versions in
            (settings.tls.minimum, settings.tls.maximum) = (versions.lowerBound, versions.upperBound)
        },
        Row(
            .own("ssl-ciphers"), .nginx("ssl-ciphers"), .haproxy("ssl-ciphers"), form: .cipherList,
            fallback: "strong ones", "The ciphers of TLS 1.2, best first, as OpenSSL names them."
        ) { $0.tls.ciphers = $1 },
        Row(
            .own("ssl-cipher-suites"), .haproxy("ssl-cipher-suites"), form: .cipherList,
            fallback: "OpenSSL's", "The cipher suites of TLS 1.3, best first."
        ) { $0.tls.suites = $1 },
        Row(
            .own("ssl-curves"), .nginx("ssl-ecdh-curve"), form: .cipherList, fallback: "OpenSSL's",
            "The groups for the exchange of keys, best first."
        ) { $0.tls.curves = $1 == "auto" ? nil : $1 },
        Row(
            .own("ssl-strict-sni"), .nginx("ssl-reject-handshake"), .haproxy("client-strict-sni"),
            form: .bool, fallback: "false",
            "Whether handshakes for names without a certificate are refused instead of served the default one."
        ) { $0.isStrictSNI = $1 },
        Row(
            .own("force-ssl-redirect"), .nginx("force-ssl-redirect"), form: .bool, fallback: "false",
            "Whether every request without TLS is sent to HTTPS, whatever its host, if its Ingress does not say."
        ) { $0.redirection.isOn = $1 },
        Row(
            .own("ssl-redirect"), .nginx("ssl-redirect"), .haproxy("ssl-redirect"), form: .bool,
            fallback: "true", "The annotation `ssl-redirect` of Ingresses without it."
        ) { $0.usual.isSentToHTTPS = $1 },
        Row(
            .own("ssl-redirect-code"), .nginx("http-redirect-code"), .haproxy("ssl-redirect-code"),
            form: .word(["301": 301, "302": 302, "303": 303, "307": 307, "308": 308]), fallback: "308",
            "The status of both, and of `from-to-www-redirect`."
        ) { $0.redirection.status = $1 },
        Row(
            .own("no-tls-redirect-locations"), .nginx("no-tls-redirect-locations"),
            .haproxy("no-redirect-locations"), form: SettingForm<String>.pathPrefix.list(of: "paths"),
            fallback: "/.well-known/acme-challenge/",
            "Beginnings of paths that are never sent there: who issues certificates asks for them."
        ) { $0.redirection.plainPaths = $1 }
        .differing(
            "the paths of requests are meant, not those of Ingresses"),
        Row(
            .own("hsts"), .nginx("hsts"), form: .bool, fallback: "false",
            "Whether servers' answers over TLS carry Strict-Transport-Security."
        ) { $0.hsts.isOn = $1 }
        .differing(
            "without it the field is not sent (ingress-nginx: it is)"),
        Row(
            .own("hsts-max-age"), .nginx("hsts-max-age"), form: .integer(0...3_153_600_000),
            fallback: "31536000", "Its age, in seconds."
        ) { $0.hsts.maxAge = $1 },
        Row(
            .own("hsts-include-subdomains"), .nginx("hsts-include-subdomains"), form: .bool,
            fallback: "false", "Whether it is about subdomains too."
        ) { $0.hsts.includesSubdomains = $1 }
        .differing(
            "without it subdomains are not meant (ingress-nginx: they are)"),
        Row(
            .own("hsts-preload"), .nginx("hsts-preload"), form: .bool, fallback: "false",
            "Whether browsers may be built with it."
        ) { $0.hsts.isPreload = $1 },
    ]
}
