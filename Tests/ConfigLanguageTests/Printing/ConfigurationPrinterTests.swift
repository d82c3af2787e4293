import Model
import Testing

@testable import ConfigLanguage

@Suite("Configurations as text")
struct ConfigurationPrinterTests {
    private static let files: [String: FileContent] = [
        "/p.http": .file(Array("HTTP/1.0 503 Not now\r\nX-A: b\r\n\r\nbody".utf8)),
        "/nets": .file(Array("192.0.2.0/24\n::1\n".utf8)), "/list": .file(Array("a\nb\n".utf8)),
        "/map": .file(Array("a 1\nb 2\n".utf8)),
        "/ca.pem": .file(Array("-----BEGIN CERTIFICATE-----\nca".utf8)),
        "/one.pem": .file(Array("-----BEGIN CERTIFICATE-----\none\n-----BEGIN PRIVATE KEY-----".utf8)),
        "/two.pem": .file(Array("-----BEGIN CERTIFICATE-----\ntwo\n-----BEGIN PRIVATE KEY-----".utf8)),
        "/crts": .file(
            Array("/two.pem [alpn http/1.1 verify optional ca-file /ca.pem] b.test *.b.test\n".utf8)),
    ]

    private static let front = "frontend f\n mode http\n bind :80\n default_backend b\n"
    private static let back = "backend b\n mode http\n"

    /// Lines of a frontend, and lines of a backend.
    private static let lines: [(front: String, back: String)] = [
        ("bind [::1]:81,192.0.2.1:82-83\nbind :::84 v4v6\nbind :::85 v6only\nbind fd@5", ""),
        (
            "bind /run/a.sock,abns@b mode 660 uid 5 gid 6 accept-proxy\nbind unix@c.sock",
            "server s /run/d.sock check\nserver t abnsz@e"
        ),
        ("bind :86 ssl crt /one.pem crt-list /crts alpn h2,http/1.1 ssl-min-ver TLSv1.3 strict-sni", ""),
        (
            "bind :86 ssl crt /one.pem no-alpn no-tls-tickets prefer-client-ciphers curves P-256 ciphers A:B\nbind :87 accept-proxy",
            ""
        ),
        (
            "bind :86 ssl crt /two.pem verify required ca-file /ca.pem crt-ignore-err 10,20 ca-ignore-err all",
            ""
        ),
        (
            "bind :86 proto h1 idle-ping 90s\nbind :87 proto h2 maxconn 7\nmaxconn 10\nrate-limit sessions 20\noption httpclose",
            ""
        ),
        ("timeout client 3s\ntimeout http-request 0\ntimeout http-keep-alive 1500", "timeout queue 0"),
        (
            "timeout client-fin 5s\ntimeout tarpit 1m",
            "timeout connect 2s\ntimeout tunnel 2h\ntimeout tarpit 7s"
        ),
        ("", "balance uri len 5 depth 2 whole\nhash-type consistent wt6 avalanche\nhash-balance-factor 150"),
        ("", "balance hash req.hdr(x),lower\nbalance url_param id check_post\nhash-type map-based none"),
        ("", "balance hdr(host) use_domain_only\nhttp-reuse never\nfullconn 9\noption allbackups\nretries 0"),
        (
            "option http-buffer-request\nhttp-request wait-for-body time 5s at-least 1k if METH_POST\n"
                + "http-request deny if { req.body_len gt 9 } or { req.body -m sub a } or { req.body_param(b) -m str c }\n"
                + "use_backend b if { req.body_param -m found } { req.body_size 7 }", ""
        ),
        (
            "http-response wait-for-body time 2s if { status 200 }\nhttp-response set-header a %[res.body_len]",
            "http-response wait-for-body time 5s at-least 1024\nhttp-response deny if { res.body -m sub a } or { res.body_size gt 9 }"
        ),
        (
            "http-request set-header A '%[hostname]%[fc_src]%[fc_dst_port]%[cur_server_timeout]%[be_tunnel_timeout]%[txn.conn_retries]' "
                + "if { src_is_local } !{ stopping } { fe_client_timeout gt 5 }", ""
        ),
        (
            "http-request normalize-uri path-strip-dotdot full if METH_GET\nhttp-request normalize-uri percent-to-uppercase\n"
                + "http-request normalize-uri query-sort-by-name", ""
        ),
        (
            "http-request set-tos 46 if METH_GET\nhttp-request set-bc-mark 7\nhttp-request set-fc-tos req.hdr(x)\n"
                + "http-response set-mark 1\ntcp-request connection set-tos 3\ntcp-request content set-priority-class int(4)",
            "http-request set-priority-class int(-3)\nhttp-request set-priority-offset req.hdr(x),mul(2) if { prio_class 5 } { prio_offset gt 3 }"
        ),
        (
            "http-request set-timeout client 7s if METH_GET\nhttp-request set-timeout client req.hdr(y)",
            "http-request set-timeout server 5s if METH_GET\nhttp-request set-timeout tunnel req.hdr(x),mul(1000)"
        ),
        ("", "option redispatch\nretry-on 503 conn-failure empty-response"),
        ("", "option abortonclose\noption redispatch 3\nretry-on all-retryable-errors\nretries 5"),
        ("", "no option redispatch\nretry-on none"),
        ("", "server s 192.0.2.1:80 weight 0 maxconn 5 minconn 2 maxqueue 7 id 4 cookie c backup non-stick"),
        ("", "server s [2001:db8::1]:80 slowstart 5s hash-key addr-port send-proxy proto h2 idle-ping 30s"),
        (
            "",
            "server s 192.0.2.1:80 proto h2 ws h1\nserver t 192.0.2.2:80 ssl verify none alpn h2,http/1.1 ws h2"
        ),
        ("", "server s 192.0.2.1:80 send-proxy-v2 proxy-v2-options ssl,cert-cn,crc32c,unique-id,authority"),
        ("", "server a 192.0.2.1:80\nserver b 192.0.2.2:80 disabled\nserver c 192.0.2.3:80"),
        (
            "",
            "server a 192.0.2.1:80 source 192.0.2.9:1024-2048 tcp-ut 5s\nserver b [::1]:80 source [2001:db8::1]:7 interface eth0\nserver c 192.0.2.3:80 source 0.0.0.0 usesrc clientip\nserver d 192.0.2.3:80 source 192.0.2.7 usesrc client"
        ),
        (
            "",
            "server s 192.0.2.1:80 ssl verify none sni str(a.test) alpn h2 no-ssl-reuse ssl-max-ver TLSv1.2"
        ),
        (
            "",
            "server s 192.0.2.1:80 ssl ca-file /ca.pem crl-file /ca.pem verifyhost x crt /one.pem sni req.hdr(host)"
        ),
        ("", "server s 192.0.2.1:80 ssl verify none sni var(txn.name),lower"),
        (
            "",
            "option httpchk HEAD /up HTTP/1.1\nhttp-check send hdr Host a.test body {}\nserver s 192.0.2.1:80 check"
        ),
        (
            "",
            "option httpchk\nhttp-check expect ! rstatus ^5\nhttp-check expect status 200,301-308\nserver s 192.0.2.1:80 check"
        ),
        (
            "",
            "option tcp-check\ntcp-check connect port 99 send-proxy\ntcp-check send PING\\r\\n\ntcp-check expect string +PONG\nserver s 192.0.2.1:80 check"
        ),
        (
            "",
            "option tcp-check\ntcp-check send-binary 00ff\ntcp-check expect min-recv 2 ! binary 2b4f\ntimeout check 3s\nserver s 192.0.2.1:80 check"
        ),
        (
            "",
            "option tcp-check\ntcp-check set-var(check.a) str(x)\ntcp-check comment hello\ntcp-check send-lf \"%[var(check.a)] 100%%\"\ntcp-check send-binary-lf \"%[str(ab),hex]\"\ntcp-check expect min-recv 0 comment c ok-status L7OKC error-status L7STS tout-status L4TOUT on-success \"%[res.len]\" on-error e status-code res.len string-lf %[srv_name]\ntcp-check expect ! rbinary ^FF\ntcp-check expect binary-lf 00\nserver s 192.0.2.1:80 check"
        ),
        (
            "",
            "option httpchk\nhttp-check set-var-fmt(check.u) /%[be_name]\nhttp-check send uri-lf %[var(check.u)] hdr X %[srv_name] body-lf %[date]\nhttp-check send-state\nhttp-check set-var(check.s) status\nhttp-check expect ! hdr name -m beg x- value-lf -m sub %[srv_name]\nhttp-check unset-var(check.s)\nhttp-check expect fhdr name-lf %[be_name]\nhttp-check expect on-error %[status] string-lf %[srv_name]\nserver s 192.0.2.1:80 check"
        ),
        (
            "",
            "option mysql-check user u pre-41\nserver s 192.0.2.1:80 check inter 1s fastinter 2s downinter 3s rise 1 fall 9"
        ),
        (
            "",
            "option smtpchk EHLO x.test\nserver s 192.0.2.1:80 check port 25 addr 192.0.2.9 check-send-proxy no-check-ssl"
        ),
        (
            "",
            "option redis-check\nserver s 192.0.2.1:80 check observe layer4 error-limit 3 on-error mark-down on-marked-down shutdown-sessions"
        ),
        (
            "",
            "server s 192.0.2.1:80 verify none check check-ssl check-sni n check-alpn http/1.1 check-proto h1"
        ),
        (
            "",
            "server s 192.0.2.1:80 agent-check agent-port 5 agent-inter 9s agent-addr 192.0.2.3 agent-send \"hi\\n\""
        ),
        (
            "",
            "option httpchk\nhttp-check disable-on-404\nserver s 192.0.2.1:80 check\nserver t 192.0.2.2:80 track s"
        ),
        (
            "",
            "cookie S insert indirect nocache httponly secure domain .a.test maxidle 30m maxlife 8h attr SameSite=Lax"
        ),
        ("", "cookie S prefix\ndynamic-cookie-key k\noption persist"),
        (
            "",
            "cookie S insert\nforce-persist if { src 192.0.2.0/24 }\nignore-persist unless { path_beg -i /app }"
        ),
        ("", "cookie S insert dynamic\ndynamic-cookie-key \"a b\""),
        (
            "",
            "stick-table type string len 32 size 1k expire 30m store gpc(3),http_req_rate(10s)\nstick on req.cook(s)"
        ),
        (
            "",
            "stick-table type ip size 10 nopurge srvkey addr store server_id\nstick store-response res.hdr(x) unless { status 500 }\nstick match src if { path / } { method GET }"
        ),
        (
            "",
            "compression algo gzip\ncompression type text/html text/plain\ncompression minsize-res 1k\ncompression offload"
        ),
        (
            "",
            "errorloc302 503 http://a.test/\nerrorfile 500 /p.http\nhttp-error status 404 content-type text/plain string \"a%\\n\" hdr X-A b%%"
        ),
        (
            "log stdout len 200 format raw sample 1,3-4:5 daemon notice alert\noption httpslog\noption dontlognull",
            ""
        ),
        (
            "log 127.0.0.1:514 local1 err\nlog-format \"%ci %{+Q,-M}[src] %% %ST\"\nerror-log-format %ci\nlog-tag t",
            ""
        ),
        (
            "log ring@r local0\nlog tcp@127.0.0.1:99 local0\noption httplog clf\noption log-separate-errors",
            ""
        ),
        (
            "errorfile 408 /dev/null\nhttp-request deny deny_status 429 errorfile /dev/null",
            "errorfile 503 /dev/null\nhttp-response deny deny_status 502 errorfile /dev/null"
        ),
        (
            "log stdout local0\ntcp-request connection do-log\ntcp-request session do-log if { src 192.0.2.1 }\ntcp-request content do-log",
            ""
        ),
        (
            "log stdout profile p local0\nlog 127.0.0.1:5 len 200 profile q local1 err\nhttp-request do-log\nhttp-response do-log if { status 500: }",
            ""
        ),
        (
            "capture request header Host len 10\ndeclare capture request len 5\nhttp-request capture path len 9\ncapture cookie S len 20",
            ""
        ),
        (
            "unique-id-format \"%ci  %[rand(9)]\"\nunique-id-header X-ID\nmonitor-uri /up\nmonitor fail if { nbsrv(b) lt 1 }",
            ""
        ),
        (
            "acl a path /x /y\nacl a hdr(host) -i z\nacl n src,ipmask(24) 192.0.2.0/24\nhttp-request deny if a !n or { path -m reg \"^/a\\\\.b'c\" }",
            ""
        ),
        (
            "http-request deny deny_status 404 unless { hdr_cnt(x) gt 1 } { int(-5) eq -5:3 }\nhttp-request allow if { path } or { path -- -f }",
            ""
        ),
        (
            "http-request deny if { src -f /nets } or { path_beg -i -f /list } or { path,map_str_int(/map) 1: }\nhttp-request set-map(/map) %[path] x",
            ""
        ),
        (
            "http-request return status 200 content-type text/plain lf-string \"%[path]%%\" hdr X-A %[src]\nhttp-request tarpit",
            ""
        ),
        (
            "http-request return status 503 errorfile /p.http\nhttp-request deny status 405 content-type a/b string \"x\" if METH_GET",
            ""
        ),
        (
            "http-request redirect prefix https://%[hdr(host)] code 308 drop-query append-slash set-cookie A=1 ignore-empty if !{ ssl_fc }",
            ""
        ),
        ("redirect location /100%/ clear-cookie S= if { path / }\nredirect scheme https", ""),
        (
            "http-request set-header X \"a  b\"\nhttp-request del-header ^x -m reg\nhttp-request replace-value A b,c \\1\nhttp-request set-uri /%[path]",
            ""
        ),
        (
            "http-request set-var(txn.a,ifnotexists) src\nhttp-request set-var-fmt(sess.b) %[path]-x\nhttp-request unset-var(txn.a)",
            ""
        ),
        (
            "stick-table type ip size 5 store gpc0,gpt(2)\nhttp-request track-sc0 src\nhttp-request sc-inc-gpc0(0)\nhttp-request sc-set-gpt(1,0) int(4),add(1)",
            ""
        ),
        (
            "tcp-request connection reject if { src 192.0.2.1 }\ntcp-request session accept\ntcp-request content silent-drop if { path /x }\ntcp-request inspect-delay 9s",
            ""
        ),
        (
            "http-response set-status 299 reason \"as is\"\nhttp-response deny if { status 500: }\nhttp-after-response set-header A b\nhttp-request set-log-level silent\nhttp-request disable-l7-retry if { method POST }",
            ""
        ),
        (
            "http-request early-hint Link %[path]\nhttp-request use-service prometheus-exporter if { path /m }\nhttp-request set-src hdr_ip(x)\nhttp-request auth realm \"a b\" unless { http_auth(u) }",
            ""
        ),
        (
            "stats uri /s\nstats auth a:b\nstats refresh 9s\nstats scope .\nstats show-node n\nstats show-desc a b\nstats hide-version",
            ""
        ),
        (
            "option forwardfor except 192.0.2.0/24 header X-Real if-none\ndescription a b",
            "description c\nid 77"
        ),
        ("", "http-send-name-header X-Server"),
        ("", "tcp-response inspect-delay 1s\ntcp-response content close if { status 500 }"),
        ("option originalto except ::1 header X-Dst", "option forwardfor\noption forwarded"),
        (
            "",
            "option originalto\noption forwarded proto host-expr req.hdr(x),lower by by_port-expr int(10) for-expr rand,hex for_port"
        ),
        (
            "use_backend %[path,field(2,/)]\nuse_backend b if { req.fhdr(x) -m len 3:5 }",
            "use-server %[path] if { src ::1 }\nserver s 192.0.2.1:80"
        ),
        (
            "",
            "http-request cache-use c if METH_GET\nhttp-request cache-use c unless { path /a }\nhttp-response cache-store c if { status 200 }"
        ),
        (
            "",
            "http-request cache-use c\nhttp-response cache-store c\noption http-server-close\noption http-buffer-request"
        ),
        (
            "",
            "http-request set-header A '%[path,regsub(\"^/(a),\",\"\",g),concat(<,txn.x,\\\">),iif(,x),bytes(1,2),hex,xxh64(5)]'"
        ),
        (
            "",
            "http-request strict-mode off if { path / }\nhttp-response strict-mode on\nhttp-after-response strict-mode off\nhttp-after-response set-map(/map) a b\nhttp-after-response sc-inc-gpc0(0)\ntcp-response inspect-delay 5s\ntcp-response content accept if { status 200 }\ntcp-response content reject\nhttp-response silent-drop if { status 500 }"
        ),
        (
            "filter bwlim-out o default-limit 1m default-period 2s min-size 1k\nfilter bwlim-in i default-limit 5 default-period 1s\nhttp-request set-bandwidth-limit o limit 500 period int(4)\nhttp-request set-bandwidth-limit i if { path / }",
            "filter bwlim-out b default-limit 9 default-period 1m\nhttp-response set-bandwidth-limit b limit res.hdr(x)"
        ),
    ]

    private static let shared = """
        global
         maxconn 5
         maxconnrate 6
         maxsessrate 7
         maxsslrate 8
         maxsslconn 9
         user a
         gid 5
         chroot /var/empty
         ulimit-n 4096
         no strict-limits
         spread-checks 10
         set-var proc.a int(5)
         stats socket /run/s mode 600 level admin
         ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets
         tune.vars.txn-max-size 1k
        userlist u
         group g users a
         user a password $5$x groups h
         user b insecure-password "c d"
         group h
        cache c
         total-max-size 4
         max-age 9
        ring r
         format rfc5424
         server x 127.0.0.1:99 log-proto octet-count
        log-profile p
         log-tag edge
         on error drop
         on any format "%ci %ST" sd [a]
        log-profile q
         on close drop

        """

    private static func text(_ index: Int) -> String {
        let indented = [lines[index].front, lines[index].back].map { text in
            text.split(separator: "\n").map { " \($0)\n" }.joined()
        }
        return shared + front + indented[0] + back + indented[1]
    }

    @Test("a ring that lines of global name comes back", arguments: ["", " log global\n"])
    func ringOfGlobal(line: String) {
        let lines = "global\n log ring@r len 200 local0\nring r\n size 2k\n server a 127.0.0.1:9\n"
        let first = read(lines + Self.front + line + Self.back)
        let printed = first.printed
        let again = read(printed.text)
        #expect(again.isUsable, "\(printed.text)")
        #expect(RoundTrip.differences(first, again) == [], "\(printed.text)")
        #expect(again.global.logging == first.global.logging, "\(printed.text)")
    }

    @Test("every family of lines comes back", arguments: lines.indices)
    func families(index: Int) {
        let first = read(Self.text(index), files: Self.files)
        #expect(first.diagnostics.filter { $0.severity == .error } == [])
        let printed = first.printed
        let again = read(printed.text, files: Self.files)
        #expect(again.diagnostics.filter { $0.severity == .error } == [], "\(printed.text)")
        #expect(RoundTrip.differences(first, again) == [], "\(printed.text)")
        #expect(printed.remarks == [])
        #expect(again.printed == printed)
    }

    @Test(
        "words are quoted where they have to be",
        arguments: [
            ("a", "a"), ("", "''"), ("a b", "'a b'"), ("a'b", "\"a'b\""), ("a\\", "'a\\'"), ("#", "'#'"),
            ("$a", "$a"), ("$a'", "\"\\$a'\""), ("a\nb", "\"a\\nb\""), ("ü", "ü"),
        ])
    func spelling(text: String, spelled: String) throws {
        #expect(Word(text).spelled == spelled)
        #expect(try Lexer.words(of: Array(spelled.utf8)) { _ in .unset }.map(\.text) == [text])
    }

    @Test("what is asked about connections of mode tcp comes back")
    func sessions() {
        let file = """
            frontend f
             mode tcp
             bind :443
             declare capture request len 4
             filter bwlim-out o default-limit 1m default-period 2s
             tcp-request inspect-delay 3s
             tcp-request content capture req.ssl_sni len 100
             tcp-request content set-var(txn.a) req.len
             tcp-request content reject if { var(txn.a) -m int 3 }
             tcp-request content reject if { req.ssl_ver 3.1 3.2:3.3 } or { req_ssl_ver gt 3 } or { req.ssl_ver lt 3.2 }
             tcp-request content capture req.payload(0,3) len 9 if { src ::1 }
             default_backend b
            listen l
             mode tcp
             bind :444
             filter bwlim-out o default-limit 1m default-period 2s
             tcp-request content set-bandwidth-limit o
             tcp-response content set-bandwidth-limit o if { res.len gt 4 }
             server s 192.0.2.1:80
            backend b
             mode tcp
             stick-table type ip size 5 store gpc0
             filter bwlim-out o default-limit 1m default-period 2s
             tcp-request inspect-delay 300ms
             tcp-request content track-sc0 src
             tcp-request content set-bandwidth-limit o limit 500
             tcp-request content silent-drop if { req.payload_lv(0,2,+1) -m bin 00 }
             tcp-response inspect-delay 5s
             tcp-response content close if { res.payload(0,3) -m str BAD } { be_name b }
             tcp-response content sc-inc-gpc0(0) if { res.payload_lv(1,2) -m found }
             tcp-response content set-var(res.a) srv_name
             tcp-response content accept
             server s 192.0.2.1:80
            """
        let first = read(file)
        #expect(first.diagnostics.filter { $0.severity == .error } == [])
        let backend = first.configuration.backends[BackendName("b")]?.sessionRules
        #expect(backend?.contentDelay == 300 && backend?.answerDelay == 5_000)
        #expect(backend?.content.count == 3 && backend?.answers.count == 4)
        let printed = first.printed
        let again = read(printed.text)
        #expect(again.diagnostics.filter { $0.severity == .error } == [], "\(printed.text)")
        #expect(RoundTrip.differences(first, again) == [], "\(printed.text)")
        #expect(printed.remarks == [] && again.printed == printed)
        #expect(printed.text.contains("content capture req.ssl_sni len 100"), "\(printed.text)")
    }

    @Test("bytes that are no text are written as they are")
    func bytes() throws {
        let word = Word([0xFF, 0x01, UInt8(ascii: "a")], column: 1)
        #expect(word.spelled == "\"\\xFF\\x01a\"")
        #expect(try Lexer.words(of: Array(word.spelled.utf8)) { _ in .unset }.map(\.bytes) == [word.bytes])
    }

    @Test("a long list of patterns stands in several lines, which mean the same")
    func longLists() throws {
        let networks = (0..<150).map { "192.0.2.\($0)" }
        let source = try Expression(.ofClient(.source))
        var frontend = Frontend(name: "f", binds: [Bind(address: "0.0.0.0", port: 80)])
        frontend.forwarding.isEnabled = false
        let term = RuleCondition.Term([SampleTest(source, .address(networks))], isNegated: true)
        frontend.rules.request = [HTTPRule(.deny(.page(403)), when: RuleCondition([[term]]))]
        var configuration = Configuration()
        configuration.frontends = [frontend]
        let text = ConfigurationPrinter.print(configuration).text
        let again = read(text)
        #expect(again.diagnostics.filter { $0.severity == .error } == [])
        let found = try #require(again.configuration.frontends.first?.rules.request.first?.condition)
        let all = found.alternatives.joined().flatMap(\.tests).flatMap { test -> [String] in
            if case .address(let networks) = test.matching { return networks }
            return []
        }
        #expect(all == networks && found.alternatives.first?.first?.isNegated == true)
    }
}
