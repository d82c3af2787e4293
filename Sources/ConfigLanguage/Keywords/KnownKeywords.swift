/// The words HAProxy knows (3.2 and what came before it), whether or not they mean something here: so that one that is only
/// missing is told from one that does not exist. From its manual's tables and `haproxy -dKall`.
enum KnownKeywords {
    /// The words of `global`.
    static let global = words(
        """
        51degrees-allow-unmatched 51degrees-cache-size 51degrees-data-file 51degrees-difference
        51degrees-drift 51degrees-property-name-list 51degrees-property-separator
        51degrees-use-performance-graph 51degrees-use-predictive-graph acme.scheduler anonkey busy-polling ca-base chroot
        close-spread-time cluster-secret cpu-affinity cpu-map cpu-policy cpu-set crt-base daemon debug
        debug.counters default-path description deviceatlas-json-file deviceatlas-log-level
        deviceatlas-properties-cookie deviceatlas-separator dns-accept-family expose-deprecated-directives
        expose-experimental-directives external-check fd-hard-limit force-cfg-parser-pause gid grace group
        h1-accept-payload-with-any-method h1-case-adjust h1-case-adjust-file
        h1-do-not-close-on-insecure-transfer-encoding h2-workaround-bogus-websocket-clients
        hard-stop-after harden.reject-privileged-ports.quic harden.reject-privileged-ports.tcp
        http-err-codes http-fail-codes httpclient.resolvers.disabled httpclient.resolvers.id
        httpclient.resolvers.prefer httpclient.retries httpclient.ssl.ca-file httpclient.ssl.verify
        httpclient.timeout.connect insecure-fork-wanted insecure-setuid-wanted issuers-chain-path
        jwt.decrypt_alg_list jwt.decrypt_enc_list key-base limited-quic localpeer log log-send-hostname
        log-tag lua-load lua-load-per-thread lua-prepend-path master-worker max-spread-checks
        max-threads-per-group maxcompcpuusage maxcomprate maxconn maxconnrate maxpipes maxsessrate
        maxsslconn maxsslrate maxzlibmem mworker-max-reloads nbproc nbthread no-memory-trimming node
        noepoll noevports nogetaddrinfo nokqueue noktls nopoll noreuseport nosplice numa-cpu-mapping
        ocsp-update.disable ocsp-update.httpproxy ocsp-update.maxdelay ocsp-update.mindelay
        ocsp-update.mode pidfile pp2-never-send-local prealloc-fd presetenv profiling.memory
        profiling.tasks quiet resetenv server-state-base server-state-file set-dumpable set-var
        set-var-fmt setenv shm-stats-file spread-checks ssl-default-bind-ciphers
        ssl-default-bind-ciphersuites ssl-default-bind-client-sigalgs ssl-default-bind-curves
        ssl-default-bind-options ssl-default-bind-sigalgs ssl-default-server-ciphers
        ssl-default-server-ciphersuites ssl-default-server-client-sigalgs ssl-default-server-curves
        ssl-default-server-options ssl-default-server-sigalgs ssl-dh-param-file ssl-engine
        ssl-load-extra-del-ext ssl-load-extra-files ssl-mode-async ssl-propquery ssl-provider
        ssl-provider-path ssl-security-level ssl-server-verify ssl-skip-self-issued-ca stats/maxconn
        stats/socket stats/timeout stats-file strict-limits thread-group thread-groups
        tune.applet.zero-copy-forwarding tune.buffers.limit tune.buffers.reserve tune.bufsize
        tune.bufsize.large tune.bufsize.small tune.cli.max-payload-size tune.comp.maxlevel
        tune.defaults.purge tune.disable-fast-forward tune.disable-zero-copy-forwarding
        tune.epoll.mask-events tune.events.max-events-at-once tune.fail-alloc tune.fd.edge-triggered
        tune.fd.tables tune.h1.be.glitches-threshold tune.h1.fe.glitches-threshold
        tune.h1.zero-copy-fwd-recv tune.h1.zero-copy-fwd-send tune.h2.be.glitches-threshold
        tune.h2.be.initial-window-size tune.h2.be.max-concurrent-streams tune.h2.be.max-frames-at-once
        tune.h2.be.rxbuf tune.h2.fe.glitches-threshold tune.h2.fe.initial-window-size
        tune.h2.fe.max-concurrent-streams tune.h2.fe.max-frames-at-once tune.h2.fe.max-rst-at-once
        tune.h2.fe.max-total-streams tune.h2.fe.rxbuf tune.h2.header-table-size
        tune.h2.initial-window-size tune.h2.max-concurrent-streams tune.h2.max-frame-size
        tune.h2.zero-copy-fwd-send tune.http.cookielen tune.http.logurilen tune.http.maxhdr
        tune.idle-pool.shared tune.idletimer tune.listener.multi-queue tune.lua.bool-sample-conversion
        tune.lua.burst-timeout tune.lua.forced-yield tune.lua.log.loggers tune.lua.log.stderr
        tune.lua.maxmem tune.lua.openlibs tune.lua.service-timeout tune.lua.session-timeout
        tune.lua.task-timeout tune.max-checks-per-thread tune.max-rules-at-once tune.maxaccept
        tune.maxpollevents tune.maxrewrite tune.memory.hot-size tune.notsent-lowat.client
        tune.notsent-lowat.server tune.pattern.cache-size tune.peers.max-updates-at-once tune.pipesize
        tune.pool-high-fd-ratio tune.pool-low-fd-ratio tune.pt.zero-copy-forwarding
        tune.quic.be.cc.cubic-min-losses tune.quic.be.cc.hystart tune.quic.be.cc.max-frame-loss
        tune.quic.be.cc.max-win-size tune.quic.be.cc.reorder-ratio tune.quic.be.max-idle-timeout
        tune.quic.be.sec.glitches-threshold tune.quic.be.stream.data-ratio
        tune.quic.be.stream.max-concurrent tune.quic.be.stream.rxbuf tune.quic.be.tx.pacing
        tune.quic.be.tx.udp-gso tune.quic.fe.cc.cubic-min-losses tune.quic.fe.cc.hystart
        tune.quic.fe.cc.max-frame-loss tune.quic.fe.cc.max-win-size tune.quic.fe.cc.reorder-ratio
        tune.quic.fe.max-idle-timeout tune.quic.fe.sec.glitches-threshold tune.quic.fe.sec.retry-threshold
        tune.quic.fe.sock-per-conn tune.quic.fe.stream.data-ratio tune.quic.fe.stream.max-concurrent
        tune.quic.fe.stream.max-total tune.quic.fe.stream.rxbuf tune.quic.fe.tx.pacing
        tune.quic.fe.tx.udp-gso tune.quic.cc.cubic.min-losses tune.quic.cc-hystart
        tune.quic.conn-buf-limit tune.quic.frontend.conn-tx-buffers.limit tune.quic.frontend.glitches-threshold
        tune.quic.frontend.max-data-size tune.quic.frontend.max-idle-timeout
        tune.quic.frontend.max-streams-bidi tune.quic.frontend.max-tx-mem tune.quic.max-frame-loss
        tune.quic.reorder-ratio tune.quic.retry-threshold tune.quic.socket-owner tune.quic.listen tune.quic.mem.tx-max tune.quic.zero-copy-fwd-send
        tune.rcvbuf.backend tune.rcvbuf.client tune.rcvbuf.frontend tune.rcvbuf.server tune.recv_enough
        tune.renice.runtime tune.renice.startup tune.ring.queues tune.runqueue-depth
        tune.sched.low-latency tune.sndbuf.backend tune.sndbuf.client tune.sndbuf.frontend
        tune.sndbuf.server tune.ssl.cachesize tune.ssl.capture-buffer-size
        tune.ssl.capture-cipherlist-size tune.ssl.certificate-compression tune.ssl.default-dh-param
        tune.ssl.force-private-cache tune.ssl.hard-maxrecord tune.ssl.keylog tune.ssl.keyupdate-rate-limit
        tune.ssl.lifetime tune.ssl.maxrecord tune.ssl.ocsp-update.maxdelay tune.ssl.ocsp-update.mindelay
        tune.ssl.ssl-ctx-cache-size tune.stick-counters tune.streams-elasticity
        tune.takeover-other-tg-connections tune.vars.check-max-size tune.vars.global-max-size
        tune.vars.proc-max-size tune.vars.reqres-max-size tune.vars.sess-max-size tune.vars.txn-max-size
        tune.zlib.memlevel tune.zlib.windowsize uid ulimit-n unix-bind unsetenv user
        warn-blocked-traffic-after wurfl-cache-size wurfl-data-file wurfl-information-list
        wurfl-information-list-separator zero-warning
        """)

    /// The words of proxy sections and where they may stand; `/` is a blank.
    static let proxy: [(sections: SectionSet, words: String)] = [
        (
            [.defaults, .frontend, .listen],
            """
            backlog clitcpka-cnt clitcpka-idle clitcpka-intvl default_backend error-log-format log-format
            log-format-sd log-steps max-session-srv-conns maxconn monitor-net monitor-uri quic-initial
            rate-limit/sessions tcp-request/connection tcp-request/session timeout/client timeout/client-fin
            timeout/client-hs unique-id-header
            """
        ),
        (
            [.defaults, .frontend, .listen, .backend],
            """
            acl bind-process compression disabled email-alert email-alert/from email-alert/level
            email-alert/mailers email-alert/myhostname email-alert/to enabled errorfile errorfiles errorloc
            errorloc302 errorloc303 http-after-response http-error http-request http-response log log-tag mode
            stats/auth stats/enable stats/hide-version stats/realm stats/refresh stats/scope stats/show-desc
            stats/show-legends stats/show-modules stats/show-node stats/show-version stats/uri tcp-request/content
            tcp-request/inspect-delay timeout/http-keep-alive timeout/http-request timeout/tarpit
            unique-id-format
            """
        ),
        (
            [.defaults, .listen, .backend],
            """
            balance cookie default-server dynamic-cookie-key external-check/command external-check/path
            fullconn hash-balance-factor hash-preserve-affinity hash-type http-check/comment
            http-check/connect http-check/disable-on-404 http-check/expect http-check/send
            http-check/send-state http-check/set-var http-check/set-var-fmt http-check/unset-var http-reuse http-send-name-header
            load-server-state-from-file max-keep-alive-queue persist retries retry-on
            server-state-file-name source srvtcpka-cnt srvtcpka-idle srvtcpka-intvl tcp-check/comment
            tcp-check/connect tcp-check/expect tcp-check/send tcp-check/send-binary tcp-check/send-binary-lf
            tcp-check/send-lf tcp-check/set-var tcp-check/set-var-fmt tcp-check/unset-var tcp-response/content
            tcp-response/inspect-delay timeout/check timeout/connect timeout/queue timeout/server
            timeout/server-fin timeout/tunnel transparent
            """
        ),
        (
            [.frontend, .listen],
            """
            bind capture/cookie capture/request/header capture/response/header crt declare/capture
            force-be-switch monitor/fail use_backend
            """
        ),
        (
            [.frontend, .listen, .backend],
            """
            description filter filter/bwlim-in filter/bwlim-out filter/cache filter/compression filter-sequence guid
            http-request/cache-use http-response/cache-store id redirect stats/admin stats/http-request stick-table
            """
        ),
        (
            [.listen, .backend],
            """
            be-unpublished dispatch force-persist ignore-persist server server-template stick/match stick/on
            stick/store-request stick/store-response use-fcgi-app use-server
            """
        ),
    ]

    /// What may follow `option` and where.
    static let options: [(sections: SectionSet, words: String)] = [
        (
            [.defaults, .backend],
            """
            http-drop-request-trailers
            """
        ),
        (
            [.defaults, .frontend, .listen],
            """
            accept-invalid-http-request accept-unsafe-violations-in-http-request clitcpka contstats
            disable-h2-upgrade dontlog-normal dontlognull h1-case-adjust-bogus-client http-ignore-probes
            http-use-proxy-header httplog httpslog idle-close-on-response log-separate-errors logasap
            socket-stats tcp-smart-accept tcplog
            """
        ),
        (
            [.defaults, .frontend, .listen, .backend],
            """
            abortonclose forwardfor http-buffer-request http-keep-alive http-no-delay
            http-restrict-req-hdr-names http-server-close http-tunnel httpclose independent-streams nolinger
            originalto splice-auto splice-request splice-response tcpka
            """
        ),
        (
            [.defaults, .listen],
            """
            http-drop-response-trailers
            """
        ),
        (
            [.defaults, .listen, .backend],
            """
            accept-invalid-http-response accept-unsafe-violations-in-http-response allbackups checkcache
            external-check forwarded h1-case-adjust-bogus-server http-pretend-keepalive httpchk ldap-check
            log-health-checks mysql-check persist pgsql-check prefer-last-server redis-check redispatch
            smtpchk spop-check srvtcpka ssl-hello-chk tcp-check tcp-smart-connect transparent
            use-small-buffers
            """
        ),
    ]

    /// What may follow the address in a `bind` line.
    static let bind = words(
        """
        accept-netscaler-cip accept-proxy allow-0rtt alpn backlog ca-file ca-ignore-err ca-sign-file
        ca-sign-pass ca-verify-file cc ciphers ciphersuites client-sigalgs crl-file crt crt-ignore-err
        crt-list curves default-crt defer-accept ecdhe ecn expose-fd force-sslv3 force-tlsv10 force-tlsv11
        force-tlsv12 force-tlsv13 generate-certificates gid group guid guid-prefix id idle-ping interface
        ktls label level maxconn mode mss name namespace nbconn nice no-alpn no-ca-names no-renegotiate
        no-sslv3 no-strict-sni no-tls-tickets no-tlsv10 no-tlsv11 no-tlsv12 no-tlsv13 npn ocsp-update
        prefer-client-ciphers process proto quic-cc-algo quic-force-retry quic-socket renegotiate
        severity-output shards sigalgs ssl ssl-max-ver ssl-min-ver strict-sni tcp-md5sig tcp-ut tfo thread
        tls-ticket-keys tls-tickets transparent uid user v4v6 v6only verify
        """)

    /// What may follow the address in a `server` line.
    static let server = words(
        """
        addr agent-addr agent-check agent-inter agent-port agent-send allow-0rtt alpn backup ca-file cc
        check check-alpn check-pool-conn-name check-proto check-reuse-pool check-send-proxy check-sni
        check-sni-auto check-ssl check-via-socks4 ciphers ciphersuites client-sigalgs cookie crl-file crt
        curves disabled downinter enabled error-limit fall fastinter force-sslv3 force-tlsv10 force-tlsv11
        force-tlsv12 force-tlsv13 guid hash-key id idle-ping init-addr init-state inter ktls log-proto
        max-reuse maxconn maxqueue minconn namespace no-agent-check no-backup no-check no-check-reuse-pool
        no-check-send-proxy no-check-sni-auto no-check-ssl no-renegotiate no-send-proxy no-send-proxy-v2
        no-send-proxy-v2-ssl no-send-proxy-v2-ssl-cn no-sni-auto no-ssl no-ssl-reuse no-sslv3
        no-tcp-md5sig no-tfo no-tls-tickets no-tlsv10 no-tlsv11 no-tlsv12 no-tlsv13 no-verifyhost
        non-stick npn observe on-error on-marked-down on-marked-up pool-conn-name pool-low-conn
        pool-max-conn pool-purge-delay port proto proxy-v2-options redir renegotiate resolve-net
        resolve-opts resolve-prefer resolvers rise send-proxy send-proxy-v2 send-proxy-v2-ssl
        send-proxy-v2-ssl-cn set-proxy-v2-tlv-fmt shard sigalgs slowstart sni sni-auto socks4 source ssl
        ssl-max-ver ssl-min-ver ssl-reuse sslv3 stick strict-maxconn tcp-md5sig tcp-ut tfo tls-tickets
        tlsv10 tlsv11 tlsv12 tlsv13 track usesrc verify verifyhost weight ws
        """)

    /// The sections there are, those that are refused included.
    static let sections: Set<String> = words(
        """
        global defaults frontend backend listen userlist peers resolvers mailers cache http-errors ring log-forward
        fcgi-app program crt-store traces log-profile acme healthcheck
        """)

    private static func words(_ text: String) -> Set<String> {
        Set(text.split { $0 == " " || $0 == "\n" }.map { $0.split(separator: "/").joined(separator: " ") })
    }
}
