import Model

extension TrafficTable {
    static let trust: [Row] = [
        Row(
            .own("trusted-proxies"), form: SettingForm<String>.network.list(of: "networks"),
            fallback: "none", "Proxies in front, whose X-Forwarded-* fields are believed."
        ) { $0.trust.proxies = $1 },
        Row(
            .nginx("proxy-real-ip-cidr"), form: SettingForm<String>.network.list(of: "networks"),
            fallback: "everybody", "The same, and only with use-forwarded-headers."
        ) { settings, networks in
            (settings.trust.proxies, settings.trust.believesFields) = (networks, false)
        }
        .differing(
            "only the field X-Forwarded-For and its like of these proxies are believed"),
        Row(
            .own("use-forwarded-headers"), .nginx("use-forwarded-headers"), form: .bool,
            fallback: "true if there are trusted proxies",
            "Whether these fields are believed; true without trusted-proxies believes everybody."
        ) { $0.trust.believesFields = $1 },
        Row(
            .own("forwarded-headers"), .haproxy("forwarded-for"), form: .bool, fallback: "true",
            "Whether servers are told about clients in X-Forwarded-*, X-Real-IP and X-Request-ID."
        ) { $0.trust.tellsServers = $1 },
        Row(
            .own("forwarded-for-header"), .nginx("forwarded-for-header"), form: .fieldName,
            fallback: "X-Forwarded-For",
            "The field in which proxies that are believed say whose requests these are; of several addresses the last that is no such proxy's."
        ) { $0.trust.sourceField = $1.lowercased() == "x-forwarded-for" ? nil : $1 },
        Row(
            .own("compute-full-forwarded-for"), .nginx("compute-full-forwarded-for"), form: .bool,
            fallback: "false",
            "Whether servers get the X-Forwarded-For of a proxy that is believed as it came, with the proxy's address behind it, and not the client's address alone."
        ) { $0.trust.appendsSource = $1 },
        Row(
            .own("generate-request-id"), .nginx("generate-request-id"), form: .bool, fallback: "true",
            "Whether a request without X-Request-ID gets one."
        ) { $0.trust.namesRequests = $1 },
        Row(
            .own("enable-underscores-in-headers"), .nginx("enable-underscores-in-headers"), form: .bool,
            fallback: "true", "Whether fields of requests whose names have `_` are passed on."
        ) { $0.passesUnderscores = $1 }
        .differing("without it they are (ingress-nginx: not)"),
        Row(
            .nginx("ignore-invalid-headers"), form: .bool, fallback: "true",
            "Whether fields whose names the standard does not allow are dropped."
        ) { _, _ in }
        .differing("requests with such fields are answered 400 with either value"),
        Row(
            .own("proxy-protocol"), .haproxy("proxy-protocol"),
            form: SettingForm<String>.network.list(of: "networks"), fallback: "none",
            "Networks whose connections begin with a PROXY header."
        ) { $0.trust.proxyProtocol = .from($1) },
        Row(
            .own("use-proxy-protocol"), .nginx("use-proxy-protocol"), form: .bool, fallback: "false",
            "Whether all connections begin with one."
        ) { if $1 { $0.trust.proxyProtocol = .everyone } },
        Row(
            .own("allow-list"), .nginx("whitelist-source-range"), .haproxy("allow-list"),
            .haproxy("whitelist"), form: SettingForm<String>.network.list(of: "networks"),
            fallback: "everybody",
            "Clients whose requests are answered; all others get 403. An Ingress's own list counts in its place. A bad list lets nobody in.",
            whenBad: { $0.allowed = [TrafficTable.nobody] }
        ) { $0.allowed = $1 },
        deny(
            [.own("deny-list"), .haproxy("deny-list"), .haproxy("blacklist")],
            "Clients whose requests are answered 403. An Ingress's own list counts in its place. A bad list lets nobody in."
        ),
        deny([.nginx("denylist-source-range")], "The same, beside it."),
        Row(
            .nginx("block-cidrs"), form: SettingForm<String>.network.list(of: "networks"), fallback: "nobody",
            "Clients whose requests are answered 403, whatever an Ingress says. A bad list lets nobody in.",
            whenBad: { $0.allowed = [nobody] }
        ) { $0.blocked = $1 },
        Row(
            .own("block-user-agents"), .nginx("block-user-agents"), form: .texts, fallback: "nobody",
            "Requests with such a `User-Agent` are answered 403: texts, whatever their case, or `~` and a regular expression, `~*` without regard to case, with a comma between two. A bad list lets nobody in.",
            whenBad: { $0.allowed = [nobody] }
        ) { $0.blockedAgents = $1 }
        .differing("an expression that is none blocks nobody"),
        Row(
            .own("block-referers"), .nginx("block-referers"), form: .texts, fallback: "nobody",
            "The same of `Referer`.", whenBad: { $0.allowed = [nobody] }
        ) { $0.blockedReferers = $1 }
        .differing("an expression that is none blocks nobody"),
        Row(
            .own("limit-req-status-code"), .nginx("limit-req-status-code"), form: .status(limitStatuses),
            fallback: "503", "What is answered beyond `limit-rps` and `limit-rpm`."
        ) { $0.usual.rateStatus = $1 }
        .differing("an Ingress with both kinds of limits answers with this beyond either"),
        Row(
            .own("limit-conn-status-code"), .nginx("limit-conn-status-code"), form: .status(limitStatuses),
            fallback: "503", "What is answered beyond `limit-connections`."
        ) { $0.usual.connectionStatus = $1 }
        .differing("an Ingress with limits of both kinds answers with limit-req-status-code"),
        Row(
            .nginx("limit-conn-zone-variable"),
            form: .word([
                "$binary_remote_addr": true, "$remote_addr": true, "binary_remote_addr": true,
                "remote_addr": true,
            ]), fallback: "$binary_remote_addr", "Who is one client to `limit-connections`: an address."
        ) { _, _ in }
        .differing("no other variables are taken"),
    ]

    /// What clients beyond a limit may be answered.
    private static let limitStatuses: [UInt16] = [400, 403, 408, 420, 421, 425, 429, 500, 502, 503, 504]

    /// A network that no client is of: 0.0.0.0 is nobody's address.
    static let nobody = "0.0.0.0/32"

    private static func deny(_ names: [SettingName], _ sentence: String) -> Row {
        Row(
            names, form: SettingForm<String>.network.list(of: "networks"), fallback: "nobody", sentence,
            whenBad: { $0.allowed = [nobody] }
        ) { $0.denied += $1 }
    }

    static let answers: [Row] =
        [
            Row(
                .own("hide-headers"), .nginx("hide-headers"),
                form: SettingForm<String>.fieldName.list(of: "names of fields"), fallback: "none",
                "Fields of servers' answers that clients do not see."
            ) { $0.hiddenFields = $1 },
            Row(
                .nginx("allow-backend-server-header"), form: .bool, fallback: "true",
                "Whether clients see servers' own `Server`."
            ) { if !$1 { $0.hiddenFields.append("Server") } }
            .differing("without it they do (ingress-nginx: not)"),
            Row(
                .own("compression"), form: .algorithms, fallback: "off",
                "How answers are compressed, best first, of br, zstd, gzip and deflate; or off."
            ) { $0.compression.algorithms = $1 },
            Row(
                .nginx("enable-brotli"), form: .bool, fallback: "false", "Puts br into compression."
            ) { $0.compression.set(.brotli, $1) },
            Row(
                .nginx("use-gzip"), form: .bool, fallback: "false", "Puts gzip into compression."
            ) { $0.compression.set(.gzip, $1) },
            Row(
                .own("compression-types"), .nginx("gzip-types"), .nginx("brotli-types"),
                form: SettingForm<String>.mediaType.list(of: "media types"), fallback: "all but multipart",
                "The media types that are compressed."
            ) { $0.compression.types = $1.contains("*") ? [] : $1 },
            Row(
                .own("compression-min-size"), .nginx("gzip-min-length"), .nginx("brotli-min-length"),
                form: .size(), fallback: "0", "The fewest bytes an answer must have to be compressed."
            ) { $0.compression.minSize = $1 },
        ]
        + ErrorPage.statuses.filter { $0 >= 400 }.map { status in
            Row(
                .own("error-page-\(status)"), form: .page(status), fallback: "a page of ours",
                "The body of our own answers with \(status): HTML, JSON or text by how it begins."
            ) { $0.errorPages[status] = $1 }
        }

    static let servers: [Row] = [
        Row(
            .own("load-balance"), .haproxy("load-balance"),
            form: .word([
                "roundrobin": .roundRobin, "static-rr": .staticRoundRobin, "leastconn": .leastConnections,
                "first": .first, "random": .random(draws: 2), "source": .source,
                "uri": .hash(.uri(URIPart())), "round_robin": .roundRobin, "ewma": .random(draws: 2),
            ]), fallback: "roundrobin", "How a server is chosen for a request."
        ) { $0.balance = $1 }
        .differing(
            "`ewma` is the one of two servers drawn at random that has fewer requests in flight"),
        Row(
            .own("proxy-add-original-uri-header"), .nginx("proxy-add-original-uri-header"), form: .bool,
            fallback: "false",
            "Whether servers are told path and query as the client has sent them, in `X-Original-URI`."
        ) { $0.tellsOriginalURI = $1 },
        Row(
            .own("service-upstream"), .nginx("service-upstream"), form: .bool, fallback: "false",
            "The annotation `service-upstream` of Ingresses without it."
        ) { $0.usual.usesServiceAddress = $1 },
        Row(
            .own("retries"), form: .integer(0...100), fallback: "3",
            "How often a failed attempt is repeated, at another server."
        ) { $0.retries = $1 },
        Row(
            .nginx("proxy-next-upstream-tries"), form: .integer(0...100), fallback: "3",
            "The first attempt counts, so that it is one more than retries; 0 is as many as there may be."
        ) { $0.retries = $1 == 0 ? 100 : $1 - 1 }
        .differing(
            "without it a failed attempt is repeated three times"),
        Row(
            .own("retry-on"), form: .retryWords, fallback: "conn-failure",
            "What is repeated, in HAProxy's words of retry-on: conn-failure, 503 and the like."
        ) { $0.retryOn = $1 },
        Row(
            .nginx("proxy-next-upstream"), form: .nextUpstream, fallback: "retry-on",
            "The annotation `proxy-next-upstream` of Ingresses without it; counts in place of retry-on."
        ) { $0.nextUpstream = $1 }
        .differing(
            "without it connections that fail are repeated, not silence (ingress-nginx: `error timeout`)"),
        Row(
            .nginx("proxy-next-upstream-timeout"), form: .duration(), fallback: "0",
            "The annotation `proxy-next-upstream-timeout` of Ingresses without it."
        ) { $0.retryTimeLimit = $1 },
        Row(
            .nginx("retry-non-idempotent"), form: .bool, fallback: "false",
            "Adds the word `non_idempotent` to proxy-next-upstream."
        ) { $0.repeatsAll = $1 }
        .differing(
            "only beside proxy-next-upstream; what is repeated without that has reached no server"),
        Row(
            .nginx("proxy-stream-next-upstream"), form: .bool, fallback: "true",
            "Whether a session of a TCP service to which no connection comes about is offered to a server again."
        ) { $0.retriesSessions = $1 },
        Row(
            .nginx("proxy-stream-next-upstream-tries"), form: .integer(0...100), fallback: "as retries",
            "How often altogether; 0 is as often as there may be."
        ) { $0.sessionRetries = $1 == 0 ? 100 : $1 - 1 }
        .differing("without it as often as requests are (ingress-nginx: 3)"),
        Row(
            .own("upstream-keepalive-connections"), .nginx("upstream-keepalive-connections"),
            form: .integer(0...100_000), fallback: "256",
            "The most idle connections a worker keeps to one server; 0 keeps none."
        ) { $0.maxIdlePerServer = $1 }
        .differing(
            "they are counted by server, and without it 256 (ingress-nginx: 320 of all servers)"),
        Row(
            .own("timeout-server-idle"), .nginx("upstream-keepalive-timeout"), form: .duration(),
            fallback: "60s", "How long a connection to a server that nobody uses is kept; an hour at most."
        ) { $0.serverTimeouts.idle = $1 },
    ]

    static let withoutMeaning: [Row] = [
        Row(
            withoutMeaning: .nginx("worker-processes"), .nginx("max-worker-connections"),
            .nginx("worker-cpu-affinity"), .nginx("worker-shutdown-timeout"), .haproxy("nbthread"),
            .haproxy("cpu-map"), .haproxy("hard-stop-after"), .haproxy("timeout-stop"),
            because: "workers and the end of the process are flags: --workers, --drain-timeout"),
        Row(
            withoutMeaning: .nginx("proxy-buffering"), .nginx("proxy-buffer-size"),
            .nginx("proxy-buffers-number"), .nginx("proxy-request-buffering"),
            .nginx("client-body-buffer-size"), .nginx("client-header-buffer-size"),
            because: "bodies are passed on as they come, each side as fast as the other takes it"),
        Row(
            withoutMeaning: .nginx("enable-real-ip"),
            because:
                "whose request it is says the PROXY protocol, or a proxy that is believed: use-forwarded-headers, with proxy-real-ip-cidr"
        ).refusing(),
        Row(
            withoutMeaning: .nginx("proxy-send-timeout"),
            because: "timeout-server is about both directions"),
        Row(
            withoutMeaning: .nginx("keep-alive-requests"), .nginx("upstream-keepalive-requests"),
            .nginx("upstream-keepalive-time"),
            because: "connections are not given up by count or age"),
        Row(
            withoutMeaning: .nginx("server-tokens"),
            because: "no answer tells a version; hide-headers keeps servers' own Server field from clients"),
        Row(
            withoutMeaning: .nginx("gzip-level"), .nginx("brotli-level"),
            because:
                "bodies go out as they are while a worker has less than a tenth of its time left, and gzip works at its quickest level"
        ),
        Row(
            withoutMeaning: .nginx("ssl-session-cache"), .nginx("ssl-session-cache-size"),
            .nginx("ssl-session-tickets"), .nginx("ssl-session-timeout"), .haproxy("clean-certs"),
            because: "sessions are resumed by tickets whose keys change by themselves"),
        Row(
            withoutMeaning: .nginx("reuse-port"), .nginx("bind-address"), .nginx("disable-ipv6"),
            because: "where it listens are flags: --bind-address, --http-port, --https-port"),
        Row(
            withoutMeaning: .nginx("http-snippet"), .nginx("server-snippet"), .nginx("location-snippet"),
            .nginx("main-snippet"), .nginx("stream-snippet"), .nginx("global-auth-snippet"),
            .haproxy("global-config-snippet"), .haproxy("frontend-config-snippet"),
            .haproxy("backend-config-snippet"), .haproxy("stats-config-snippet"),
            because: "configuration text of another proxy is never executed"
        ).refusing(),
        Row(
            withoutMeaning: .nginx("allow-snippet-annotations"), .nginx("annotations-risk-level"),
            .nginx("annotation-value-word-blocklist"), .nginx("strict-validate-path-type"),
            because: "annotations and paths are typed values: there is nothing that they could break out of"),
        Row(
            withoutMeaning: .nginx("nginx-status-ipv4-whitelist"),
            because: "the admin port listens on loopback alone"),
        Row(
            withoutMeaning: .nginx("enable-modsecurity"), .nginx("enable-owasp-modsecurity-crs"),
            .nginx("modsecurity-snippet"), because: "there is no web application firewall here"
        ).refusing(),
        Row(
            withoutMeaning: .nginx("allow-cross-namespace-resources"),
            because: "Secrets and ConfigMaps of other namespaces are never used"
        ).refusing(),
        Row(withoutMeaning: .nginx("use-geoip2"), because: "there is no data about addresses").refusing(),
        Row(
            withoutMeaning: .haproxy("scale-server-slots"), .haproxy("server-slots"),
            .haproxy("servers-increment"), because: "pools have no slots"),
    ]
}

extension Compression {
    fileprivate mutating func set(_ algorithm: CompressionAlgorithm, _ isOn: Bool) {
        algorithms.removeAll { $0 == algorithm }
        if isOn { algorithms.append(algorithm) }
    }
}
