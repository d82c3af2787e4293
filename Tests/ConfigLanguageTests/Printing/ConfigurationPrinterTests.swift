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
        ("bind :86 ssl crt /one.pem crt-list /crts alpn h2,http/1.1 ssl-min-ver TLSv1.3 strict-sni", ""),
        (
            "bind :86 ssl crt /one.pem no-alpn no-tls-tickets curves P-256 ciphers A:B\nbind :87 accept-proxy",
            ""
        ),
        (
            "bind :86 ssl crt /two.pem verify required ca-file /ca.pem crt-ignore-err 10,20 ca-ignore-err all",
            ""
        ),
        ("bind :86 proto h1 idle-ping 90s\nbind :87 proto h2\nmaxconn 10\noption httpclose", ""),
        ("timeout client 3s\ntimeout http-request 0\ntimeout http-keep-alive 1500", "timeout queue 0"),
        (
            "timeout client-fin 5s\ntimeout tarpit 1m",
            "timeout connect 2s\ntimeout tunnel 2h\ntimeout tarpit 7s"
        ),
        ("", "balance uri len 5 depth 2 whole\nhash-type consistent wt6 avalanche\nhash-balance-factor 150"),
        ("", "balance hash req.hdr(x),lower\nbalance url_param id check_post\nhash-type map-based none"),
        ("", "balance hdr(host) use_domain_only\nhttp-reuse never\nfullconn 9\noption allbackups\nretries 0"),
        ("", "option redispatch\nretry-on 503 conn-failure empty-response"),
        ("", "option redispatch 3\nretry-on all-retryable-errors\nretries 5"),
        ("", "no option redispatch\nretry-on none"),
        ("", "server s 192.0.2.1:80 weight 0 maxconn 5 minconn 2 maxqueue 7 id 4 cookie c backup non-stick"),
        ("", "server s [2001:db8::1]:80 slowstart 5s hash-key addr-port send-proxy proto h2"),
        ("", "server s 192.0.2.1:80 send-proxy-v2 proxy-v2-options ssl,cert-cn,crc32c,unique-id,authority"),
        ("", "server a 192.0.2.1:80\nserver b 192.0.2.2:80 disabled\nserver c 192.0.2.3:80"),
        (
            "",
            "server s 192.0.2.1:80 ssl verify none sni str(a.test) alpn h2 no-ssl-reuse ssl-max-ver TLSv1.2"
        ),
        (
            "",
            "server s 192.0.2.1:80 ssl ca-file /ca.pem crl-file /ca.pem verifyhost x crt /one.pem sni req.hdr(host)"
        ),
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
        ("", "cookie S insert dynamic\ndynamic-cookie-key \"a b\""),
        (
            "",
            "stick-table type string len 32 size 1k expire 30m store gpc(3),http_req_rate(10s)\nstick on req.cook(s)"
        ),
        (
            "",
            "stick-table type ip size 10 nopurge srvkey addr store server_id\nstick store-response res.hdr(x)\nstick match src"
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
            "http-response set-status 299 reason \"as is\"\nhttp-response deny if { status 500: }\nhttp-after-response set-header A b\nhttp-request set-log-level silent",
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
        (
            "use_backend %[path,field(2,/)]\nuse_backend b if { req.fhdr(x) -m len 3:5 }",
            "use-server %[path] if { src ::1 }\nserver s 192.0.2.1:80"
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
            "filter bwlim-out o default-limit 1m default-period 2s min-size 1k\nfilter bwlim-in i default-limit 5 default-period 1s\nhttp-request set-bandwidth-limit o limit 500 period int(4)\nhttp-request set-bandwidth-limit i if { path / }",
            "filter bwlim-out b default-limit 9 default-period 1m\nhttp-response set-bandwidth-limit b limit res.hdr(x)"
        ),
    ]

    private static let shared = """
        global
         maxconn 5
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

        """

    private static func text(_ index: Int) -> String {
        let indented = [lines[index].front, lines[index].back].map { text in
            text.split(separator: "\n").map { " \($0)\n" }.joined()
        }
        return shared + front + indented[0] + back + indented[1]
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
