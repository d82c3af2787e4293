import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("Snippets that become rules")
struct SnippetReaderTests {
    private func template(_ text: String) throws -> NginxTemplate {
        try #require(text.isEmpty ? NginxTemplate(plain: "") : NginxTemplate(text))
    }

    @Test("return: statuses, texts and addresses")
    func answers() throws {
        func content(_ text: String) throws -> Snippet.Content? {
            try SnippetReader.read(text).answers.first?.content
        }
        #expect(try content("return 403;") == .page(403))
        #expect(try content("return 444;") == .nothing)
        #expect(try content("return 200 ok;") == .text(200, template("ok"), type: "text/html"))
        #expect(
            try content("default_type text/plain; return 200 'a b';")
                == .text(200, template("a b"), type: "text/plain"))
        #expect(try content("return 204;") == .text(204, template(""), type: ""))
        #expect(try content("return 503 later;") == .text(503, template("later"), type: "text/html"))
        #expect(
            try content("return 301 https://a.test$request_uri;")
                == .location(301, template("https://a.test$request_uri")))
        #expect(try content("return https://a.test/;") == .location(302, template("https://a.test/")))
        #expect(try content("return 307 /b;") == .location(307, template("$scheme://$host/b")))
    }

    @Test(
        "what is not known is a flaw that names its line",
        arguments: [
            ("gzip on;", 1), ("\nproxy_pass http://a;", 2), ("return;", 1), ("return 301;", 1),
            ("return 99;", 1),
            ("return 600 x;", 1), ("return abc;", 1), ("return 301 ftp://a;", 1), ("return 200 $no_such;", 1),
            ("return 200 a b;", 1), ("return 100;", 1), ("location /a { return 403; }", 1),
            ("if ($a = b) { }", 1),
            ("if ($host = a) { return 403; return 404; }", 1), ("if ($host = a) {\n deny all; }", 2),
            ("if ($host = a) {\n if ($host = b) { return 403; } }", 2),
            ("if (-f /etc/passwd) { return 403; }", 1),
            ("if ($no_such = b) { return 403; }", 1), ("if ($host = $http_x) { return 403; }", 1),
            ("if ($host ~ '(') { return 403; }", 1), ("if ($host ~) { return 403; }", 1),
            ("if $host { return 403; }", 1),
            ("if ($host$http_x = a) { return 403; }", 1), ("if ($host == a) { return 403; }", 1),
            ("rewrite ^/a /b;", 1), ("rewrite ^/a /b last;", 1), ("rewrite ( /b break;", 1),
            ("rewrite ^/a /b break; rewrite ^/c /d break;", 1), ("rewrite ^/a /b break;\nreturn 403;", 2),
            ("rewrite ^/a /b?c break;", 1), ("if ($host = a) { rewrite ^/a /b break; }", 1),
            ("set $host a;", 1), ("set a b;", 1), ("set $a $no_such;", 1), ("set $a;", 1), ("set $1 a;", 1),
            ("allow;", 1), ("deny me;", 1), ("deny unix:;", 1), ("allow 1.2.3.4 5.6.7.8;", 1),
            ("deny 1.2.3.4/33;", 1),
            ("limit_except { deny all; }", 1), ("limit_except GETS { deny all; }", 1),
            ("limit_except GET {\n return 403; }", 2), ("deny all;\nlimit_except GET { deny all; }", 2),
            ("limit_except GET { deny all; }\nallow all;", 2), ("proxy_set_header X;", 1),
            ("proxy_set_header 'X Y' z;", 1),
            ("proxy_set_header Content-Length 1;", 1), ("proxy_set_header X-Forwarded-Proto https;", 1),
            ("proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;", 1),
            ("proxy_set_header Connection close;", 1),
            ("proxy_set_header X \"a\\nb\";", 1), ("add_header X;", 1), ("add_header X y z;", 1),
            ("add_header Transfer-Encoding x;", 1), ("more_set_headers;", 1),
            ("more_set_headers -s 404 'X: y';", 1),
            ("more_set_headers 'X y';", 1), ("more_clear_headers;", 1), ("more_clear_headers *;", 1),
            ("more_clear_input_headers Host;", 1), ("proxy_hide_header;", 1), ("proxy_read_timeout;", 1),
            ("proxy_read_timeout $http_x;", 1), ("proxy_redirect a;", 1), ("access_log /var/log/x;", 1),
            ("auth_basic off;", 1), ("satisfy any;", 1), ("content_by_lua_block { ngx.say(1) }", 1),
            ("root /etc;", 1),
            ("include /etc/nginx/x;", 1), ("add_header X y", 1), ("default_type;", 1),
        ])
    func flaws(text: String, line: Int) {
        do throws(SnippetFlaw) {
            let found = try SnippetReader.read(text)
            Issue.record("taken: \(found)")
        } catch { #expect(error.line == line, "\(error.sentence)") }
    }

    @Test("if: what variables are compared with")
    func conditions() throws {
        func terms(_ text: String) throws -> [RuleCondition.Term] {
            try SnippetReader.read("if (\(text)) { return 403; }").answers[0].condition?.alternatives[0] ?? []
        }
        let method = try Expression(.ofRequest(.method))
        func exact(_ text: String) -> Matching { .text(.exact, [Array(text.utf8)], ignoresCase: false) }
        for spelled in ["$request_method = POST", " $request_method = POST ", "$request_method = \"POST\""] {
            #expect(try terms(spelled) == [.init([SampleTest(method, exact("POST"))])])
        }
        #expect(
            try terms("$request_method != POST") == [
                .init([SampleTest(method, exact("POST"))], isNegated: true)
            ])
        let agent = try Expression(.requestField(FieldPick("user-agent", isWhole: true)))
        #expect(
            try terms("$http_user_agent ~* (bot|spider)")
                == [.init([SampleTest(agent, .regex(["(bot|spider)"], ignoresCase: true))])])
        #expect(
            try terms("$http_user_agent !~ ^a") == [
                .init([SampleTest(agent, .regex(["^a"], ignoresCase: false))], isNegated: true)
            ])
        let isThere = SampleTest(agent, .length([1...Int64(Int32.max)]))
        #expect(try terms("$http_user_agent = ''") == [.init([isThere], isNegated: true)])
        #expect(try terms("$http_user_agent != \"\"") == [.init([isThere])])
        #expect(
            try terms("$http_user_agent") == [
                .init([isThere]), .init([SampleTest(agent, exact("0"))], isNegated: true),
            ])
        #expect(try terms("$uri ~ ^/a").first?.tests.first?.expression == SnippetCondition.uri)
    }

    @Test("set: a variable is what it was set to")
    func variables() throws {
        let found = try SnippetReader.read(
            "set $where https://a.test; set $all $where$request_uri; return 302 $all;")
        #expect(try found.answers.map(\.content) == [.location(302, template("https://a.test$request_uri"))])
        let asked = try SnippetReader.read("set $kind $http_x; if ($kind = a) { return 403; }").answers[0]
            .condition
        let plain = try SnippetReader.read("if ($http_x = a) { return 403; }").answers[0].condition
        #expect(asked == plain)
    }

    @Test("allow and deny: the first that applies counts")
    func access() throws {
        func denied(_ text: String) throws -> [Int] {
            try SnippetReader.read(text).accessRules.map { $0.condition?.alternatives[0].count ?? 0 }
        }
        #expect(try denied("deny all;") == [0])
        #expect(try denied("allow 10.0.0.0/8; deny all;") == [1])
        #expect(try denied("deny 10.0.0.1; allow 10.0.0.0/8; deny all; deny 1.2.3.4;") == [1, 1])
        #expect(try denied("allow 10.0.0.0/8; deny 10.1.0.0/16;") == [2])
        #expect(try denied("allow all; deny all;") == [])
        #expect(try denied("limit_except GET POST { deny all; }") == [1])
        #expect(
            try SnippetReader.read("limit_except get { deny all; }").access.first?.spared == ["GET", "HEAD"])
    }

    @Test(
        "what is so anyway says nothing",
        arguments: [
            "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"upgrade\";",
            "proxy_set_header Connection $connection_upgrade;", "proxy_set_header Connection '';",
            "proxy_set_header Host $host;", "proxy_set_header X-Real-IP $remote_addr;",
            "proxy_set_header X-Forwarded-Proto $scheme;", "proxy_set_header X-Request-ID $req_id;",
            "# nothing", "",
            "proxy_redirect off;", "more_set_input_headers 'Host: $host';", "add_header X '';",
        ])
    func anyway(text: String) throws {
        let found = try SnippetReader.read(text)
        #expect(found == Snippet())
        #expect(found.summary == "nothing that is not so anyway")
    }

    @Test("fields of requests and answers")
    func fields() throws {
        let found = try SnippetReader.read(
            """
            proxy_set_header X-A "a $host"; proxy_set_header Host inner.test; proxy_set_header X-B "";
            proxy_hide_header X-Powered-By;
            add_header X-C c; add_header X-D d always; more_set_headers "X-E: e" 'X-F:' X-G;
            more_clear_headers X-H "X-I-*"; more_set_input_headers "X-J: j"; more_clear_input_headers X-K;
            """)
        #expect(
            try found.asked == [
                .init(name: "X-A", change: .set(template("a $host"))),
                .init(name: "host", change: .set(template("inner.test"))),
                .init(name: "X-B", change: .remove), .init(name: "X-J", change: .set(template("j"))),
                .init(name: "X-K", change: .remove),
            ])
        #expect(found.hidden == ["X-Powered-By"])
        #expect(
            try found.answered == [
                .init(name: "X-C", change: .add(template("c"), always: false)),
                .init(name: "X-D", change: .add(template("d"), always: true)),
                .init(name: "X-E", change: .set(template("e"))), .init(name: "X-F", change: .remove),
                .init(name: "X-G", change: .remove), .init(name: "X-H", change: .remove),
                .init(name: "X-I-", change: .removeAll),
            ])
    }

    // MARK: - In an Ingress

    private func reading(_ text: String, _ more: [String: String] = [:], relaxed: Set<StrictnessRule> = [])
        -> AnnotationReading
    {
        let all = more.merging(["configuration-snippet": text]) { $1 }
        return AnnotationReading(annotated(all), ReadingChoices(translatesSnippets: true, relaxed: relaxed))
    }

    @Test("directives that an annotation stands for become what it says")
    func settings() {
        let found = reading("proxy_read_timeout 2m; client_max_body_size 3m;\nproxy_next_upstream off;")
        #expect(found.failure == nil && found.diagnostics == [])
        #expect(found.values.times.read == 120_000)
        #expect(found.values.body.limit == 3 << 20)
        #expect(found.values.retrying.conditions == NextUpstream())
    }

    @Test(
        "what cannot be beside annotations closes the paths, and names the line",
        arguments: [
            ("\nproxy_read_timeout 5s;", ["proxy-read-timeout": "7"], "line 2"),
            ("\nproxy_read_timeout x;", [:], "line 2"),
            ("deny all;", ["whitelist-source-range": "10.0.0.0/8"], "who may come in"),
            ("rewrite ^/a /b break;", ["rewrite-target": "/c"], "rewritten"),
            ("\n\nroot /etc;", [:], "line 3"),
        ])
    func conflicts(text: String, more: [String: String], words: String) {
        let found = reading(text, more)
        #expect(found.failure == .refusesPaths)
        #expect(found.diagnostics.map(\.reason) == ["SnippetNotKnown"])
        #expect(found.diagnostics.first?.message.contains(words) == true)
        #expect(found.values.snippet == Snippet())
    }

    @Test("without the flag nothing is taken; relaxed, nothing is refused")
    func flags() {
        let usual = AnnotationReading(annotated(["configuration-snippet": "return 403;"]))
        #expect(usual.failure == .refusesPaths && usual.diagnostics.map(\.reason) == ["AnnotationRefused"])
        let relaxed = reading("root /etc; return 403;", relaxed: [.snippets])
        #expect(relaxed.failure == nil && relaxed.values.snippet == Snippet())
        #expect(relaxed.diagnostics.map(\.severity) == [.warning])
        let half = reading("proxy_read_timeout 5s; root /etc;", relaxed: [.snippets])
        #expect(half.values.times.read == nil)
    }

    @Test(
        "other snippets are refused as before",
        arguments: ["server-snippet", "stream-snippet", "auth-snippet"])
    func others(name: String) {
        let found = AnnotationReading(
            annotated([name: "return 403;"]), ReadingChoices(translatesSnippets: true))
        #expect(found.failure == .refusesPaths)
    }

    @Test("migration says what would be made of it")
    func advice() {
        func said(_ text: String) -> String? {
            AnnotationTable.advice(
                on: SettingName(text: "configuration-snippet", dialect: .nginx), saying: text)
        }
        #expect(said("return 403;") == "--translate-snippets makes rules of all of it: one rule that answers")
        #expect(
            said("add_header X y;\nroot /;")
                == "--translate-snippets does not take it, line 2: \"root\" is not known here")
        #expect(said("proxy_read_timeout 9s;") == "instead proxy-read-timeout: \"9\"")
    }
}
