import Testing

@testable import Controller

@Suite("What annotations say of snippets")
struct SnippetAdviceTests {
    @Test(
        "a directive with an annotation of its own",
        arguments: [
            ("proxy_read_timeout 300s;", "proxy-read-timeout", "300"),
            ("proxy_send_timeout 5m;", "proxy-send-timeout", "300"),
            ("client_max_body_size 20m;", "proxy-body-size", "20m"),
            ("return 301 https://a.example/;", "permanent-redirect", "https://a.example/"),
            ("return 302 \"https://a.example/\";", "temporal-redirect", "https://a.example/"),
            ("# why\nproxy_set_header Host a.example;", "upstream-vhost", "a.example"),
            ("proxy_next_upstream error timeout;", "proxy-next-upstream", "error timeout"),
        ])
    func known(snippet: String, name: String, value: String) {
        let advice = SnippetAdvice(of: snippet)
        #expect(advice.annotations == [name: value])
        #expect(advice.isComplete)
    }

    @Test(
        "what is not wholly understood is left to people",
        arguments: [
            "more_set_headers \"X: y\";", "return 301 https://$host/;",
            "if ($host = a) { return 301 https://a/; }",
            "proxy_read_timeout 1h;", "proxy_read_timeout 99999999999999999999m;",
            "proxy_read_timeout 1s; proxy_read_timeout 2s;", "return 200;", "{", "}", ";;;", "\"",
            "proxy_set_header Host", "location /a { proxy_read_timeout 5s; }",
        ])
    func unknown(snippet: String) {
        #expect(!SnippetAdvice(of: snippet).isComplete)
    }

    @Test("a sentence names what can be said and what can not")
    func sentence() {
        #expect(
            SnippetAdvice(of: "proxy_read_timeout 9; more_set_headers x; more_set_headers y;").sentence
                == "instead proxy-read-timeout: \"9\"; nothing says more_set_headers")
        #expect(SnippetAdvice(of: "gzip on;").sentence == "no annotation says what it does with gzip")
        #expect(SnippetAdvice(of: "# nothing").sentence == nil)
    }

    @Test("a patch takes away what is said otherwise, and never overrules what is there")
    func patch() {
        let prefix = AnnotationPrefix.nginx
        let patch = AnnotationTable.patch(of: [
            prefix + "configuration-snippet": "proxy_read_timeout 9;", prefix + "secure-backends": "true",
            prefix + "backend-protocol": "GRPCS", prefix + "session-cookie-hash": "md5",
            prefix + "ssl-redirect": "true",
        ])
        #expect(
            patch == [
                prefix + "configuration-snippet": nil, prefix + "proxy-read-timeout": "9",
                prefix + "secure-backends": nil, prefix + "session-cookie-hash": nil,
            ])
        #expect(AnnotationTable.patch(of: [prefix + "configuration-snippet": "gzip on;"]) == [:])
    }
}
