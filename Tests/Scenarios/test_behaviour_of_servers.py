"""Behaviour of annotations about servers and what passes between them and clients, corner by corner."""

from __future__ import annotations

import pytest

from harness.backend import Session
from harness.behaviour import ABSENT, Ask, Beside, Place, row, table
from harness.messages import Request
from harness.waiting import holds_for, wait_everywhere
from simulator import objects

pytestmark = pytest.mark.sanitizer

PAGES = {"default-backend": "pages"}


def accepts(name: str, *values: str):
    """Rows of annotations that change nothing that could be seen from outside."""
    return [row(name, f"{value!r} is served as ever", {name: value}, Ask("/x", "POST", body=b"abc"), asked="/x",
                told={":body": "abc"}) for value in values]  # fmt: skip


def answers(annotation: str, corner: str, says: dict[str, str], field: str, sent: str, expected: str):
    return row(annotation, corner, says, Ask(answered=(200, f"{field}: {sent}\r\n")), gets={field: expected})


def cookie(annotation: str, corner: str, value: str, sent: str, expected: str):
    return answers(annotation, corner, {annotation: value}, "set-cookie", sent, expected)


def redirected(corner: str, old: str, new: str, sent: str, expected: str, field: str = "location"):
    return answers("proxy-redirect-from", corner, {"proxy-redirect-from": old, "proxy-redirect-to": new}, field, sent, expected)


def errors(corner: str, says: dict[str, str], answered: int, page: dict | bool, status: int = 200, ask: Ask | None = None,
           annotation: str = "custom-http-errors", **expected):  # fmt: skip
    return row(annotation, corner, {**PAGES, **says}, ask or Ask("/a?b", answered=(answered, "")), page=page, status=status,
               **expected)  # fmt: skip


ONCE = {"proxy-next-upstream-tries": "1", "proxy-connect-timeout": "1"}
NOT_FOUND = {"custom-http-errors": "404"}

ROWS = [
    # backend-protocol
    *[row("backend-protocol", f"{word} is HTTP", {"backend-protocol": word}, asked="/") for word in ("HTTP", "http", "Http")],
    row("backend-protocol", "an unknown word is HTTP", {"backend-protocol": "GOPHER"}, asked="/"),
    row("backend-protocol", "HTTPS to who does not speak it", {"backend-protocol": "HTTPS", **ONCE},
        status=(502, 504), asked=False),
    row("backend-protocol", "any case of HTTPS", {"backend-protocol": "https", **ONCE},
        status=(502, 504)),
    row("backend-protocol", "nobody who listens is 502", {}, "/", Place(service="dead"), status=502),
    row("backend-protocol", "nobody who listens is 502 for what may not be repeated", {}, Ask("/", "POST", body=b"x"),
        Place(service="dead"), status=502),
    row("backend-protocol", "nobody who listens is 502 over HTTP/2", {}, Ask(over="h2"), Place(service="dead"), status=502),
    row("backend-protocol", "nobody who listens to TLS is 502", {"backend-protocol": "HTTPS"}, "/", Place(service="dead"),
        status=502),
    row("backend-protocol", "nobody at all is 503", {}, "/", Place(service="none"), status=503),
    # time-outs
    *[
        row(name, f"{value!r} is the default", {name: value}, asked="/")
        for name in ("proxy-connect-timeout", "proxy-send-timeout", "proxy-read-timeout")
        for value in ("soon", "-1", "1.5", "0x10", "")
    ],
    *[
        row(name, "a number is seconds", {name: "30"}, asked="/")
        for name in ("proxy-connect-timeout", "proxy-send-timeout", "proxy-read-timeout")
    ],
    # buffers
    *accepts("proxy-request-buffering", "on", "off", "perhaps"),
    *accepts("proxy-buffering", "on", "off", "perhaps"),
    *accepts("proxy-buffer-size", "8k", "4096", "x"),
    *accepts("proxy-buffers-number", "8", "x"),
    *accepts("proxy-busy-buffers-size", "16k", "x"),
    *accepts("proxy-max-temp-file-size", "0", "10m", "x"),
    *accepts("proxy-http-version", "1.1", "2"),
    *accepts("http2-push-preload", "true"),
    *accepts("enable-rewrite-log", "true", "false"),
    *accepts("enable-access-log", "true", "false"),
    *accepts("service-upstream", "false"),
    *accepts("upstream-hash-by-subset", "true", "false"),
    *accepts("upstream-hash-by-subset-size", "2"),
    row("proxy-buffer-size", "a head of some length passes", {"proxy-buffer-size": "16k"},
        Ask(answered=(200, "X-Long: " + "a" * 8_000 + "\r\n")), gets={"x-long": "a" * 8_000}),
    row("proxy-buffer-size", "a head too long is 502", {"proxy-buffer-size": "4k"},
        Ask(answered=(200, "X-Long: " + "a" * 40_000 + "\r\n")), status=502, gets={"x-long": ABSENT}),
    # what ingress-nginx has dropped
    *[
        row(name, "is ignored", {name: value}, asked="/")
        for name, value in (
            ("global-rate-limit", "1"), ("global-rate-limit-window", "1m"), ("global-rate-limit-key", "$remote_addr"),
            ("global-rate-limit-ignored-cidrs", "10.0.0.0/8"), ("session-cookie-hash", "sha1"), ("enable-opentracing", "true"),
            ("opentracing-trust-incoming-span", "true"), ("enable-influxdb", "true"), ("influxdb-measurement", "x"),
            ("influxdb-port", "1"), ("influxdb-host", "x"), ("influxdb-server-name", "x"), ("secure-backends", "true"),
            ("secure-verify-ca-secret", "x"), ("enable-modsecurity", "true"), ("enable-owasp-core-rules", "true"),
            ("modsecurity-transaction-id", "$request_id"), ("modsecurity-snippet", "SecRuleEngine On"),
        )
    ],
    *[
        row(name, "is never run", {name: "return 200;"}, status=503, asked=False)
        for name in ("configuration-snippet", "server-snippet", "stream-snippet", "auth-snippet")
    ],
    # proxy-cookie-domain, proxy-cookie-path
    cookie("proxy-cookie-domain", "another domain", "pod.test shop.test", "a=b; Domain=pod.test", "a=b; Domain=shop.test"),
    cookie("proxy-cookie-domain", "off", "off", "a=b; Domain=pod.test", "a=b; Domain=pod.test"),
    cookie("proxy-cookie-domain", "other domains stay", "pod.test shop.test", "a=b; Domain=x.test", "a=b; Domain=x.test"),
    row("proxy-cookie-domain", "one text drops the Ingress", {"proxy-cookie-domain": "pod.test"}, status=404),
    row("proxy-cookie-domain", "three texts drop the Ingress", {"proxy-cookie-domain": "a b c"}, status=404),
    cookie("proxy-cookie-path", "another path", "/inner /", "a=b; Path=/inner/x", "a=b; Path=//x"),
    cookie("proxy-cookie-path", "off", "off", "a=b; Path=/inner", "a=b; Path=/inner"),
    cookie("proxy-cookie-path", "other paths stay", "/inner/ /", "a=b; Path=/x/inner/", "a=b; Path=/x/inner/"),
    row("proxy-cookie-path", "one text drops the Ingress", {"proxy-cookie-path": "/inner"}, status=404),
    # proxy-redirect-from, proxy-redirect-to
    redirected("a Location", "http://pod.test/", "https://shop.test/", "http://pod.test/a?b", "https://shop.test/a?b"),
    redirected("another Location", "http://pod.test/", "https://shop.test/", "http://x.test/", "http://x.test/"),
    redirected("a Refresh", "http://pod.test/", "/", "1; url=http://pod.test/a", "1; url=/a", "refresh"),
    redirected("off", "off", "https://shop.test/", "http://pod.test/", "http://pod.test/"),
    redirected("default ignores the other", "default", "https://shop.test/", "http://pod.test/", "http://pod.test/"),
    redirected("to off", "http://pod.test/", "off", "http://pod.test/", "http://pod.test/"),
    answers("proxy-redirect-to", "alone it is nothing", {"proxy-redirect-to": "https://shop.test/"}, "location",
            "http://pod.test/", "http://pod.test/"),
    # default-backend
    errors("stands in for want of servers", {}, 0, {":target": "/a?b", "x-code": "503"}, ask=Ask("/a?b"),
           place=Place(service="none"), annotation="default-backend", body=b"pages"),
    errors("stands in for a missing Service", {}, 0, {":target": "/", "x-code": "503"}, ask=Ask(),
           place=Place(service="nowhere"), annotation="default-backend", body=b"pages"),
    errors("is told who is meant", {}, 0, {
        "x-format": "text/html", "x-namespace": "default", "x-ingress-name": "row-NUMBER-m", "x-service-name": "none",
        "x-service-port": "80", "x-request-id": "abc",
    }, ask=Ask(fields=(("Accept", "text/html"), ("X-Request-ID", "abc"))), place=Place(service="none"),
        annotation="default-backend"),
    errors("gets the body", {}, 0, {":method": "POST", ":body": "abc"}, ask=Ask("/", "POST", body=b"abc"),
           place=Place(service="none"), annotation="default-backend"),
    errors("is not asked while there are servers", {}, 404, False, 404, annotation="default-backend"),
    row("default-backend", "without servers itself it is ignored", {"default-backend": "none"}, "/", Place(service="none"),
        status=503),
    row("default-backend", "missing it is ignored", {"default-backend": "nowhere"}, "/", Place(service="none"), status=503),
    row("default-backend", "belongs to its path", PAGES, "/b", Place(("/a",), beside=(Beside("/b", service="none"),)),
        status=503, page=False),
    # custom-http-errors
    errors("a code of the list", NOT_FOUND, 404, {
        ":target": "/", ":method": "GET", "x-code": "404", "x-original-uri": "/a?b", "x-service-name": "web",
    }, body=b"pages"),
    errors("another code", NOT_FOUND, 410, False, 410, body=b"web"),
    errors("a good answer", NOT_FOUND, 200, False, body=b"web"),
    errors("a list of several", {"custom-http-errors": "404,500,503"}, 500, {"x-code": "500"}),
    errors("blanks between them", {"custom-http-errors": "404, 500"}, 500, {"x-code": "500"}),
    errors("the method stays", NOT_FOUND, 404, {":method": "DELETE"}, ask=Ask("/a", "DELETE", answered=(404, ""))),
    errors("the format is what is accepted", NOT_FOUND, 404, {"x-format": "application/json"},
           ask=Ask("/a", fields=(("Accept", "application/json"),), answered=(404, ""))),
    errors("without one the answer stays", {**NOT_FOUND, "default-backend": "nowhere"}, 404, False, 404, body=b"web"),
    errors("a code that is none drops the Ingress", {"custom-http-errors": "404,all"}, 404, False, 404, asked=False),
    errors("a code of no error drops the Ingress", {"custom-http-errors": "200"}, 200, False, 404, asked=False),
    errors("streams too", NOT_FOUND, 404, {"x-code": "404"}, ask=Ask("/a", over="h2", answered=(404, ""))),
    errors("with a rewrite the original is told", {**NOT_FOUND, "rewrite-target": "/new"}, 404,
           {"x-original-uri": "/a?b"}, asked="/new?b"),
    errors("servers' answers stay", {**NOT_FOUND, "disable-proxy-intercept-errors": "true"}, 404, False, 404,
           annotation="disable-proxy-intercept-errors", body=b"web"),
    errors("our own do not", {"custom-http-errors": "403", "disable-proxy-intercept-errors": "true",
           "denylist-source-range": "127.0.0.1"}, 404, {"x-code": "403"}, annotation="disable-proxy-intercept-errors"),
    errors("false is none", {**NOT_FOUND, "disable-proxy-intercept-errors": "false"}, 404, {"x-code": "404"},
           annotation="disable-proxy-intercept-errors"),
]  # fmt: skip

# The Service whose own address is asked: nobody listens at its endpoints.
OWN = objects.service("own", clusterIP="127.0.0.1", annotations={"sluice.dev/endpoints": "127.0.0.1:1"})
behaviour = table(ROWS, objects.ingress(
    "own", "own.test", "own", annotations={"nginx.ingress.kubernetes.io/service-upstream": "true"}
), objects.ingress("closing", "closing.test", "web", annotations={"nginx.ingress.kubernetes.io/proxy-http-version": "1.0"}),
)  # fmt: skip


@pytest.mark.parametrize("each", ROWS)
def test_behaviour(behaviour, each):
    behaviour.check(each)


def test_service_upstream_asks_the_address_of_the_service(behaviour):
    behaviour.forget()
    port = behaviour.servers["web"].port
    behaviour.folder.put({**OWN, "spec": {**OWN["spec"], "ports": [{"name": "http", "port": port, "protocol": "TCP"}]}},
                         objects.ingress("own", "own.test", "own", port=port,
                                         annotations={"nginx.ingress.kubernetes.io/service-upstream": "true"}))  # fmt: skip
    wait_everywhere(lambda: behaviour.get(host="own.test").status == 200, "the Service's own address answers")


def test_proxy_http_version_1_0_keeps_no_connection(behaviour):
    behaviour.forget()
    web = behaviour.servers["web"]
    for session in web.open_sessions:
        session.close()
    web.forget()
    assert [behaviour.get(host="closing.test").status for _ in range(3)] == [200] * 3
    assert [len(session.requests) for session in web.sessions if session.requests] == [1, 1, 1]


def test_proxy_request_buffering_on_waits_for_the_body(behaviour):
    number = next(n for n, each in enumerate(behaviour.rows) if each.name.startswith("proxy-request-buffering: 'on'"))
    behaviour.forget()
    web = behaviour.servers["web"]
    with behaviour.client() as client:
        client.send(f"POST / HTTP/1.1\r\nHost: {behaviour.host(number)}\r\nContent-Length: 6\r\n\r\nabc".encode())
        # Others are served meanwhile, and nobody has asked the server about this one.
        assert behaviour.get(host="closing.test").status == 200
        assert [request.method for request in web.requests] == ["GET"]
        client.send(b"def")
        assert client.response("POST").status == 200
    assert web.requests[-1].body == b"abcdef"


def test_proxy_read_timeout_is_the_time_between_two_bytes(behaviour):
    """An answer that takes longer than the limit as a whole, and is never silent for long."""
    behaviour.forget()
    behaviour.folder.put(
        objects.ingress("drip", "drip.test", "web", annotations={"nginx.ingress.kubernetes.io/proxy-read-timeout": "4"})
    )
    wait_everywhere(lambda: behaviour.get(host="drip.test").status == 200, "the Ingress")

    def drips(session: Session, request: Request) -> None:
        session.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
        for _ in range(10):
            holds_for(lambda: True, 0.5)
            session.send(b"x")

    behaviour.servers["web"].handler = drips
    assert behaviour.get(host="drip.test").body == b"x" * 10
