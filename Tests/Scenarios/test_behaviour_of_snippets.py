"""`configuration-snippet` with --translate-snippets: each corner is a row. What nginx does with the lines is what must come."""

from __future__ import annotations

import pytest

from harness.behaviour import ABSENT, ANN, BASIC, Ask, Beside, Place, row, table

pytestmark = pytest.mark.sanitizer

TWO = Place(("/a",), beside=(Beside("/b"),))


def says(corner: str, text: str, ask: str | Ask = "/", place: Place | str = Place(), more: dict[str, str] | None = None, **expected):
    return row("configuration-snippet", corner, {"configuration-snippet": text, **(more or {})}, ask, place, **expected)


def refused(corner: str, text: str, more: dict[str, str] | None = None):
    return says(f"closes the paths: {corner}", text, more=more, status=503, asked=False)


def field(name: str, value: str) -> Ask:
    return Ask("/", fields=((name, value),))


IF_BOT = 'if ($http_user_agent ~* "(bot|spider)") { return 403; }'
SOCKET = 'proxy_http_version 1.1;\nproxy_set_header Upgrade $http_upgrade;\nproxy_set_header Connection "upgrade";'
HEADERS = 'more_set_headers "X-Frame-Options: DENY";\nadd_header X-Usual u;\nadd_header X-Always a always;'

ROWS = [
    # return
    says("return of a status", "return 403;", status=403, asked=False),
    says("return of a text", "default_type text/plain;\nreturn 200 'hello $request_method';", status=200, body=b"hello GET",
        gets={"content-type": "text/plain"}, asked=False),
    says("return without a type", "return 200 hi;", body=b"hi", gets={"content-type": "text/html"}),
    says("return of nothing", "return 204;", status=204, body=b"", asked=False),
    says("return of a text with an error", "return 503 'back at noon';", status=503, body=b"back at noon"),
    says("return of a URL", "return 301 https://new.test$request_uri;", "/a?b=c", status=301,
        gets={"location": "https://new.test/a?b=c"}, asked=False),
    says("return of a path", "return 302 /b;", "/a", status=302, gets={"location": "http://HOST/b"}),
    says("return of a URL alone", "return https://new.test/;", status=302, gets={"location": "https://new.test/"}),
    says("return comes before HTTPS", "return 418 short;", place=Place(tls="cert"), status=418),
    says("return comes before passwords", "return 200 open;", more=BASIC, body=b"open"),
    says("return comes after a redirect", "return 403;", more={"permanent-redirect": "https://b.test/"}, status=301),
    says("return comes after a preflight", "return 403;", Ask("/", "OPTIONS", fields=(("Origin", "https://a.test"),)),
        more={"enable-cors": "true"}, status=204),
    says("return belongs to its path", "return 403;", "/b", TWO, body=b"other"),
    says("return over HTTP/2", "return 200 hi;", Ask(over="h2"), body=b"hi"),
    says("the first return counts", "return 200 one; return 200 two;", body=b"one"),
    # if
    says("if holds", IF_BOT, field("User-Agent", "Googlebot/2.1"), status=403, asked=False),
    says("if does not hold", IF_BOT, field("User-Agent", "curl"), asked="/"),
    says("if of what is not there", IF_BOT, asked="/"),
    says("if of a method", "if ($request_method = POST) { return 405; }", Ask("/", "POST", body=b""), status=405),
    says("if of another method", "if ($request_method = POST) { return 405; }", asked="/"),
    says("if not of a method", "if ($request_method !~ ^(GET|HEAD)$) { return 405; }", Ask("/", "DELETE"), status=405),
    says("if of a missing field", 'if ($http_x_key = "") { return 401; }', status=401),
    says("if of a field that is there", 'if ($http_x_key = "") { return 401; }', field("X-Key", "k"), asked="/"),
    says("if not of a missing field", "if ($http_x_key != secret) { return 401; }", status=401),
    says("if of a variable", "if ($arg_debug) { return 403; }", "/?debug=1", status=403),
    says("if of zero", "if ($arg_debug) { return 403; }", "/?debug=0", asked="/?debug=0"),
    says("if of a cookie", "if ($cookie_beta = yes) { return 302 https://beta.test/; }",
        field("Cookie", "a=b; beta=yes"), status=302),
    says("if of an encoded path", "if ($uri ~ ^/admin) { return 403; }", "/%61dmin/x", status=403, asked=False),
    says("if of a doubled slash", "if ($uri ~ ^/admin) { return 403; }", "//admin/x", status=403, asked=False),
    says("if of dot segments", "if ($uri ~ ^/admin) { return 403; }", "/x/../admin", status=403, asked=False),
    says("if with groups", "if ($host ~ ^(.*)\\.test$) { return 301 https://$1.example$request_uri; }", "/a", status=301,
        gets={"location": "https://row-NUMBER.example/a"}),
    says("if without the group", "if ($http_x ~ ^(a)?b$) { return 302 https://c.test/$1; }", field("X", "b"), status=302,
        gets={"location": "https://c.test/"}),
    says("if and set", "set $site https://b.test;\nif ($request_uri ~ ^/old) { return 301 $site/new; }", "/old", status=301,
        gets={"location": "https://b.test/new"}),
    says("several ifs", "if ($arg_a) { return 401; }\nif ($arg_b) { return 402; }\nif ($arg_c) { return 410; }", "/?c=1",
        status=410),
    says("a line end stays in its field", "if ($uri ~ ^/([^/]*)$) { return 302 https://b.test/$1; }", "/a%0d%0aX-Injected:%20b",
        status=302, gets={"x-injected": ABSENT}),
    # rewrite
    says("rewrite to another place", "rewrite ^/old/(.*)$ https://new.test/$1 permanent;", "/old/a/b", status=301,
        gets={"location": "https://new.test/a/b"}),
    says("rewrite keeps the query", "rewrite ^/old /new redirect;", "/old?a=b", status=302,
        gets={"location": "http://HOST/new?a=b"}),
    says("rewrite without the query", "rewrite ^/old /new? redirect;", "/old?a=b", status=302,
        gets={"location": "http://HOST/new"}),
    says("rewrite with a query of its own", "rewrite ^/old /new?c=d permanent;", "/old?a=b", status=301,
        gets={"location": "http://HOST/new?c=d&a=b"}),
    says("rewrite of a path that stays", "rewrite ^/old /new redirect;", "/other", asked="/other"),
    says("rewrite of a trailing slash", "rewrite ^(/docs)$ $1/ permanent;", "/docs", status=301,
        gets={"location": "http://HOST/docs/"}),
    says("rewrite under a condition", "if ($arg_v = 1) { rewrite ^/a /b redirect; }", "/a?v=1", status=302,
        gets={"location": "http://HOST/b?v=1"}),
    says("rewrite under a condition that does not hold", "if ($arg_v = 1) { rewrite ^/a /b redirect; }", "/a?v=2", asked="/a?v=2"),
    says("rewrite of what servers see", "rewrite ^/api(/.*)$ $1 break;", "/api/x?y", asked="/x?y"),
    says("rewrite of nothing", "rewrite ^/api(/.*)$ $1 break;", "/other", asked="/other"),
    # allow and deny
    says("deny", "deny all;", status=403, asked=False),
    says("deny of others", "deny 192.0.2.0/24;", asked="/"),
    says("allow before deny", "allow 127.0.0.0/8; deny all;", asked="/"),
    says("deny before allow", "deny 127.0.0.1;\nallow 127.0.0.0/8;\ndeny all;", status=403),
    says("deny comes after HTTPS", "deny all;", place=Place(tls="cert"), status=308),
    says("deny comes before passwords", "deny all;", more=BASIC, status=403),
    says("allow does not spare passwords", "allow all;", more=BASIC, status=401),
    says("allow and a password", "allow 127.0.0.1; deny all;", Ask(fields=(ANN,)), more=BASIC, asked="/"),
    says("want of servers comes before deny", "deny all;", place=Place(service="none"), status=503),
    says("limit_except", "limit_except GET { deny all; }", Ask("/", "POST", body=b""), status=403, asked=False),
    says("limit_except of GET", "limit_except GET { deny all; }", asked="/"),
    says("limit_except of GET is of HEAD", "limit_except GET { deny all; }", Ask("/", "HEAD"), asked="/"),
    says("limit_except for some", "limit_except GET { allow 127.0.0.1; deny all; }", Ask("/", "PUT", body=b""), asked="/"),
    # fields
    says("proxy_set_header", 'proxy_set_header X-Way "a $host";', told={"x-way": "a HOST"}),
    says("proxy_set_header takes the client's place", "proxy_set_header X-Way ours;", field("X-Way", "theirs"), told={"x-way": "ours"}),
    says("proxy_set_header of nothing", 'proxy_set_header Accept-Encoding "";', field("Accept-Encoding", "gzip"),
        told={"accept-encoding": ABSENT}),
    says("proxy_set_header of Host", "proxy_set_header Host inner.test;", told={"host": "inner.test", "x-forwarded-host": "HOST"}),
    says("proxy_set_header of the Ingress", "proxy_set_header X-Of $namespace/$ingress_name;", told={"x-of": "default/row-NUMBER-m"}),
    says("WebSocket lines", SOCKET, asked="/"),
    says("more_set_input_headers", 'more_set_input_headers "X-Way: a";', told={"x-way": "a"}),
    says("more_clear_input_headers", "more_clear_input_headers X-Way;", field("X-Way", "a"), told={"x-way": ABSENT}),
    says("fields of answers", HEADERS, gets={"x-frame-options": "DENY", "x-usual": "u", "x-always": "a"}),
    says("fields of errors", HEADERS, Ask(answered=(404, "")), status=404,
        gets={"x-frame-options": "DENY", "x-usual": ABSENT, "x-always": "a"}),
    says("fields of our errors", HEADERS, Ask(fields=()), more=BASIC, status=401,
        gets={"x-frame-options": "DENY", "x-usual": ABSENT, "x-always": "a"}),
    says("fields of a redirect", HEADERS, Ask(answered=(302, "Location: /x\r\n")), status=302, gets={"x-usual": "u"}),
    says("fields of a return", f"{HEADERS}\nreturn 200 hi;", body=b"hi", gets={"x-usual": "u", "x-frame-options": "DENY"}),
    says("more_set_headers takes the server's place", 'more_set_headers "X-A: ours";', Ask(answered=(200, "X-A: theirs\r\n")),
        gets={"x-a": "ours"}),
    says("more_clear_headers", "more_clear_headers X-A 'X-B-*';", Ask(answered=(200, "X-A: a\r\nX-B-C: b\r\nX-B: c\r\n")),
        gets={"x-a": ABSENT, "x-b-c": ABSENT, "x-b": "c"}),
    says("proxy_hide_header", "proxy_hide_header X-Powered-By;", Ask(answered=(200, "X-Powered-By: x\r\n")),
        gets={"x-powered-by": ABSENT}),
    says("a variable of the answer's field", "add_header X-Id $req_id;", field("X-Request-ID", "abc"), gets={"x-id": "abc"}),
    # what annotations say too
    says("client_max_body_size", "client_max_body_size 10;", Ask("/", "POST", body=b"x" * 11), status=413, asked=False),
    says("client_max_body_size is kept", "client_max_body_size 10;", Ask("/", "POST", body=b"x" * 10), asked="/"),
    says("proxy_redirect", "proxy_redirect http://inner/ https://HOST/;", Ask(answered=(302, "Location: http://inner/a\r\n")),
        status=302, gets={"location": "https://HOST/a"}),
    says("proxy_cookie_path", "proxy_cookie_path /a /b;", Ask(answered=(200, "Set-Cookie: k=v; Path=/a\r\n")),
        gets={"set-cookie": "k=v; Path=/b"}),
    says("comments and blanks", "\n  # only words: return 403;\n\n", asked="/"),
    # What is not known
    refused("a directive", "gzip on;"), refused("code", "content_by_lua_block { ngx.exit(200) }"),
    refused("a file", "alias /etc/passwd;"), refused("another place", "proxy_pass http://127.0.0.1:10255;"),
    refused("a block without end", "if ($host = a) { return 200;"), refused("a line behind a known one", "add_header X y;\nroot /;"),
    refused("a variable", "return 200 $no_such;"), refused("an expression", "if ($host ~ '(') { return 403; }"),
    refused("a rewrite that starts anew", "rewrite ^/a /b last;"), refused("who the client is", "proxy_set_header X-Forwarded-For x;"),
    refused("an annotation that says the same", "proxy_read_timeout 5s;", {"proxy-read-timeout": "7"}),
    refused("lists in both places", "deny all;", {"whitelist-source-range": "127.0.0.0/8"}),
    row("server-snippet", "is refused as before", {"server-snippet": "return 200;"}, status=503, asked=False),
    row("auth-snippet", "is refused as before, translated or not",
        {"auth-url": "http://auth.default.svc.cluster.local/", "auth-snippet": "return 200;"}, status=503, asked=False, question=False),
]  # fmt: skip

behaviour = table(ROWS, arguments=("--translate-snippets",))


@pytest.mark.parametrize("each", ROWS)
def test_behaviour(behaviour, each):
    behaviour.check(each)
