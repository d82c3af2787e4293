"""Annotations about errors that a backend writes the answers to, over real sockets: tests are named after them."""

from __future__ import annotations

import pytest

from harness.backend import Backend, Session
from harness.http2 import Http2
from harness.messages import Request
from harness.site import Site, dev_service, shared_site
from harness.waiting import wait_everywhere, wait_until
from simulator import objects

pytestmark = pytest.mark.sanitizer

NGINX = "nginx.ingress.kubernetes.io/"
PAGES = {"default-backend": "pages"}
CODES = "401,403,404,413,418,500,502,503,504"
# name of the Ingress (its host is NAME.test) -> annotations
INGRESSES: dict[str, dict[str, str]] = {
    "plain": {},
    "asked": {**PAGES, "custom-http-errors": CODES},
    "some": {**PAGES, "custom-http-errors": "404, 503"},
    "own": {**PAGES, "custom-http-errors": CODES, "disable-proxy-intercept-errors": "true"},
    "listed": {**PAGES, "custom-http-errors": CODES, "denylist-source-range": "127.0.0.0/8"},
    "small": {**PAGES, "custom-http-errors": CODES, "proxy-body-size": "10"},
    "limited": {**PAGES, "custom-http-errors": CODES, "limit-rpm": "1", "limit-burst-multiplier": "1"},
    "basic": {**PAGES, "custom-http-errors": CODES, "auth-type": "basic", "auth-secret": "file"},
    "closed": {**PAGES, "custom-http-errors": CODES, "auth-type": "basic"},
    "auth": {**PAGES, "custom-http-errors": CODES, "auth-url": "http://auth.default.svc.cluster.local/"},
    "sent": {**PAGES, "custom-http-errors": CODES, "temporal-redirect": "https://b.test/"},
    "cors": {**PAGES, "custom-http-errors": CODES, "enable-cors": "true"},
    "sticky": {**PAGES, "custom-http-errors": CODES, "affinity": "cookie"},
    "dead": {"default-backend": "dead", "custom-http-errors": CODES},
    "missing": {"default-backend": "nobody", "custom-http-errors": CODES},
    "empty": PAGES,
    "gone": PAGES,
    "empty-pages": {"default-backend": "none", "custom-http-errors": CODES},
    "empty-errors": {**PAGES, "custom-http-errors": "503"},
    "unheard": {**PAGES, "custom-http-errors": "502,503"},
    "flags": {"custom-http-errors": "404"},
}  # fmt: skip
SERVICES = {"empty": "none", "gone": "nowhere", "empty-pages": "none", "empty-errors": "none", "unheard": "dead"}


def serve(session: Session, request: Request) -> None:
    if request.get("x-want") == "cut":
        return session.close()
    status = int(request.get("x-status") or 200)
    session.answer(status, b"of the server", headers="X-Of: server\r\n")


def pages(session: Session, request: Request) -> None:
    """The default backend: what it answers is the code, unless the client says otherwise."""
    want = request.get("x-page") or request.get("x-code") or "200"
    if want == "cut":
        return session.close()
    if want == "junk":
        return session.send(b"SSH-2.0-x\r\n\r\n")
    if want == "switch":
        return session.send(b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n")
    if want == "chunks":
        session.send(b"HTTP/1.1 404 Gone\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npage\r\n0\r\n\r\n")
        return None
    session.answer(int(want), b"a page", headers="X-Of: pages\r\n")


class Erring(Site):
    """A site whose errors somebody else answers."""

    def __init__(self, directory) -> None:
        self.pages, self.asked, self.unheard = Backend(pages), Backend(), Backend()
        self.unheard.refuse()
        super().__init__(
            directory, *(self._ingress(name) for name in INGRESSES),
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "file", "namespace": "default"}, "stringData": {"auth": "ann:{PLAIN}x\n"}},
            arguments=("--default-backend-service", "default/fallback"),
        )  # fmt: skip
        self.folder.put(
            dev_service("web", self.backend), dev_service("none"), dev_service("pages", self.pages),
            dev_service("auth", self.asked), dev_service("dead", self.unheard), dev_service("fallback", self.pages),
        )  # fmt: skip
        self.sluice.wait_ready()
        self.forget()

    def _ingress(self, name: str) -> dict:
        keys = {NGINX + key: value for key, value in INGRESSES[name].items()}
        return objects.ingress(name, f"{name}.test", SERVICES.get(name, "web"), annotations=keys)

    def forget(self) -> None:
        for backend in (self.backend, self.pages, self.asked):
            backend.forget()
        self.backend.handler, self.pages.handler = serve, pages

    def ask(self, host: str, status: object = None, path: str = "/", headers=(), **settings):
        given = [*headers, *([("X-Status", str(status))] if status is not None else [])]
        return self.get(path, host=f"{host}.test", headers=given, **settings)

    def close(self) -> None:
        super().close()
        self.pages.close()
        self.asked.close()


shared, site = shared_site(Erring, "errors")


@pytest.mark.parametrize("status", [401, 403, 404, 418, 500, 503, 504])
def test_custom_http_errors_of_servers(site, status):
    answer = site.ask("asked", status)
    assert (answer.status, answer.body, answer.get("x-of")) == (status, b"a page", "pages")
    assert [r.get("x-code") for r in site.pages.requests] == [str(status)]


@pytest.mark.parametrize("status", [200, 204, 301, 400, 405, 501])
def test_custom_http_errors_leaves_others(site, status):
    answer = site.ask("asked", status)
    assert (answer.status, answer.get("x-of")) == (status, "server")
    assert site.pages.requests == []


def test_custom_http_errors_tells(site):
    fields = [("Accept", "text/html"), ("Cookie", "a=b"), ("X-Request-ID", "abc"), ("X-Own", "c")]
    assert site.ask("asked", 404, "/a%20b?c=d", headers=fields).status == 404
    (request,) = site.pages.requests
    assert (request.method, request.target) == ("GET", "/")
    told = {name: request.get(name) for name in (
        "host", "x-code", "x-format", "x-original-uri", "x-namespace", "x-ingress-name", "x-service-name",
        "x-service-port", "x-request-id", "x-forwarded-for", "cookie", "x-own", "accept",
    )}  # fmt: skip
    assert told == {
        "host": "asked.test", "x-code": "404", "x-format": "text/html", "x-original-uri": "/a%20b?c=d",
        "x-namespace": "default", "x-ingress-name": "asked", "x-service-name": "web", "x-service-port": "80",
        "x-request-id": "abc", "x-forwarded-for": "127.0.0.1", "cookie": "a=b", "x-own": "c", "accept": "text/html",
    }  # fmt: skip


def test_custom_http_errors_believes_no_client(site):
    names = ["X-Code", "X-Format", "X-Original-URI", "X-Namespace", "X-Ingress-Name", "X-Service-Name", "X-Service-Port"]
    site.ask("asked", 404, headers=[(name, "lie") for name in names])
    (request,) = site.pages.requests
    assert "lie" not in [value for _, value in request.fields]


def test_custom_http_errors_status_is_the_pages(site):
    answer = site.ask("asked", 404, headers=[("X-Page", "200")])
    assert (answer.status, answer.body) == (200, b"a page")


def test_custom_http_errors_happens_once(site):
    assert site.ask("asked", 404, headers=[("X-Page", "503")]).status == 503
    assert len(site.pages.requests) == 1


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
def test_custom_http_errors_keeps_the_method(site, method):
    body = b"x" * 10 if method in ("POST", "PUT") else None
    assert site.ask("asked", 500, method=method, body=body).status == 500
    (request,) = site.pages.requests
    assert request.method == method and request.body == b""


@pytest.mark.parametrize("size", [100, 100_000, 3_000_000])
def test_custom_http_errors_after_a_body(site, size):
    """The body has gone to the server; the connection serves the next request."""
    with site.client() as client:
        body = b"x" * size
        first = client.request(host="asked.test", method="POST", headers=[("X-Status", "404")], body=body)
        assert (first.status, first.body) == (404, b"a page")
        assert client.request(host="asked.test").body == b"of the server"
    assert [len(r.body) for r in site.backend.requests] == [size, 0]


def test_custom_http_errors_before_the_body_is_there(site):
    """A server that answers early: the rest of the body is nobody's, and the connection ends."""
    early = b"HTTP/1.1 404 Status\r\nContent-Length: 0\r\n\r\n"
    for session in site.backend.open_sessions:
        session.close()
    site.backend.on_connect = lambda session: (session.wire.until(b"\r\n\r\n"), session.send(early), session.wait_gone())
    with site.client() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: asked.test\r\nContent-Length: 1000\r\n\r\nabc")
        answer = client.response()
        assert (answer.status, answer.body, answer.closes) == (404, b"a page", True)
    (request,) = site.pages.requests
    assert request.body == b""


def test_custom_http_errors_keeps_connections(site):
    with site.client() as client:
        for _ in range(5):
            assert client.request("/kept", host="asked.test", headers=[("X-Status", "404")]).body == b"a page"
    used = [s for s in site.pages.sessions if any(r.get("x-original-uri") == "/kept" for r in s.requests)]
    assert len(used) == 1


def test_custom_http_errors_in_chunks(site):
    answer = site.ask("asked", 500, headers=[("X-Page", "chunks")])
    assert (answer.status, answer.body) == (404, b"page")


def test_custom_http_errors_http2(site):
    with Http2(site.port) as client:
        streams = [client.begin("/", host="asked.test", headers=[("x-status", "404")]) for _ in range(5)]
        answers = [client.answer(stream) for stream in streams]
        assert [(a.status, bytes(a.body)) for a in answers] == [(404, b"a page")] * 5
        answer = client.request(host="asked.test", method="POST", headers=[("x-status", "500")], body=b"y" * 100_000)
        assert (answer.status, bytes(answer.body)) == (500, b"a page")


def test_custom_http_errors_of_ours(site):
    assert (site.ask("listed").status, site.pages.requests[-1].get("x-code")) == (403, "403")
    assert (site.ask("small", method="POST", body=b"x" * 11).body, site.pages.requests[-1].get("x-code")) == (b"a page", "413")
    assert (site.ask("asked", headers=[("X-Want", "cut")]).body, site.pages.requests[-1].get("x-code")) == (b"a page", "502")
    assert (site.ask("unheard").body, site.pages.requests[-1].get("x-code")) == (b"a page", "502")


def test_custom_http_errors_of_a_body_that_grows(site):
    """Longer than it may be, found out while it comes."""
    with site.client() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: small.test\r\nTransfer-Encoding: chunked\r\n\r\n")
        client.send(b"64\r\n" + b"x" * 100 + b"\r\n0\r\n\r\n")
        answer = client.response()
        assert (answer.status, answer.body) == (413, b"a page")


def test_custom_http_errors_of_limits(site):
    answers = [site.ask("limited") for _ in range(3)]
    assert [(a.status, a.body) for a in answers][-1] == (503, b"a page")


def test_custom_http_errors_and_who_comes_in(site):
    """A challenge is never replaced, closed paths stay closed, and a page lets nobody in."""
    answer = site.ask("basic")
    assert answer.status == 401 and answer.get("www-authenticate")
    assert site.ask("closed").status == 503 and site.pages.requests == []
    site.asked.handler = lambda session, request: session.answer(403)
    answer = site.ask("auth", headers=[("X-Page", "200")])
    assert (answer.status, answer.body) == (200, b"a page")
    assert site.backend.requests == []
    site.asked.handler = lambda session, request: session.answer(500)
    assert site.ask("auth", headers=[("X-Page", "200")]).body == b"a page"
    assert site.backend.requests == []
    site.asked.handler = lambda session, request: session.answer(204)
    assert site.ask("auth").body == b"of the server"
    assert site.ask("auth", 404).body == b"a page"


def test_custom_http_errors_and_redirects(site):
    assert site.ask("sent").status == 302 and site.pages.requests == []


def test_custom_http_errors_and_other_annotations(site):
    assert site.ask("cors", 404).get("access-control-allow-origin") == "*"
    answer = site.ask("sticky", 404)
    assert answer.body == b"a page" and answer.get("set-cookie") is None


def test_custom_http_errors_of_some(site):
    assert site.ask("some", 500).body == b"of the server"
    assert site.ask("some", 404).body == b"a page"
    assert site.ask("plain", 404).body == b"of the server"


def test_disable_proxy_intercept_errors(site):
    assert site.ask("own", 404).body == b"of the server"
    assert site.ask("own", headers=[("X-Want", "cut")]).body == b"a page"


@pytest.mark.parametrize("host", ["dead", "missing", "empty-pages"])
def test_custom_http_errors_fails_closed(site, host):
    """Nobody answers in its place: the status stays."""
    answer = site.ask(host, 404)
    assert answer.status == (503 if host == "empty-pages" else 404) and answer.body != b"a page"


@pytest.mark.parametrize("want", ["cut", "junk", "switch"])
def test_custom_http_errors_lying_backend(site, want):
    answer = site.ask("asked", 404, headers=[("X-Page", want)])
    assert (answer.status, answer.get("x-of")) == (404, None)
    assert site.ask("asked", 500).body == b"a page"


def test_custom_http_errors_client_leaves(site):
    waiting: list[Session] = []
    site.pages.handler = lambda session, request: (waiting.append(session), session.wait_gone(10))
    with site.client() as client:
        client.send(b"GET / HTTP/1.1\r\nHost: asked.test\r\nX-Status: 404\r\n\r\n")
        wait_until(lambda: waiting, "the page is asked for")
        client.reset()
    wait_until(lambda: not waiting[0].is_open, "the request for the page ends")
    site.pages.handler = pages
    assert site.ask("asked", 404).body == b"a page"


def test_custom_http_errors_is_logged_once(site):
    assert site.ask("asked", 404, path="/logged-once").body == b"a page"
    site.sluice.wait_access("/logged-once")
    assert len([line for line in site.sluice.access_log if "/logged-once" in line]) == 1


def test_custom_http_errors_of_the_flags(site):
    assert site.ask("flags", 404).body == b"a page"


@pytest.mark.parametrize("host", ["empty", "gone", "empty-errors"])
def test_default_backend_stands_in(site, host):
    answer = site.ask(host, path="/a/b?c", method="POST", body=b"hello", headers=[("X-Page", "418"), ("X-Code", "lie")])
    assert (answer.status, answer.body) == (418, b"a page")
    (request,) = site.pages.requests
    assert (request.method, request.target, request.body) == ("POST", "/a/b?c", b"hello")
    assert [request.get(name) for name in ("x-code", "x-original-uri", "x-ingress-name")] == ["503", "/a/b?c", host]


def test_default_backend_leaves_when_servers_come(site):
    assert site.ask("empty").get("x-of") == "pages"
    site.folder.put(dev_service("none", site.backend))
    wait_everywhere(lambda: site.ask("empty").get("x-of") == "server", "the server serves")
    site.folder.put(dev_service("none"))
    wait_everywhere(lambda: site.ask("empty").get("x-of") == "pages", "the default backend serves")


def test_custom_http_errors_configmap(sluice_dev, backend):
    written, served = backend(pages), backend(serve)
    site = sluice_dev(
        objects.config_map("settings", {"custom-http-errors": "404,500"}), objects.ingress("web", "a.test", "web"),
        objects.ingress("other", "b.test", "web", annotations={NGINX + "custom-http-errors": "503"}),
        dev_service("web", served), dev_service("fallback", written),
        arguments=("--configmap", "default/settings", "--default-backend-service", "default/fallback"),
    )  # fmt: skip
    with site.client() as client:
        def body(host: str, status: int) -> bytes:
            return client.request(host=host, headers=[("X-Status", str(status))]).body

        assert (body("a.test", 404), body("a.test", 503)) == (b"a page", b"of the server")
        assert (body("b.test", 404), body("b.test", 503)) == (b"of the server", b"a page")


def test_enable_access_log(sluice_dev, backend):
    served = backend(serve)
    site = sluice_dev(
        objects.ingress("web", "a.test", "web"),
        objects.ingress("quiet", "b.test", "web", annotations={NGINX + "enable-access-log": "false"}),
        dev_service("web", served),
    )  # fmt: skip
    with site.client() as client:
        assert client.request("/unseen", host="b.test").status == 200
        assert client.request("/seen", host="a.test").status == 200
    site.sluice.wait_access("/seen")
    assert not [line for line in site.sluice.access_log if "/unseen" in line]


def test_connection_proxy_header(sluice_dev, backend):
    served = backend(serve)
    site = sluice_dev(
        objects.ingress("web", "a.test", "web", annotations={NGINX + "connection-proxy-header": "close"}),
        dev_service("web", served),
    )  # fmt: skip
    with site.client() as client:
        assert [client.request().status for _ in range(3)] == [200] * 3
    assert [len(session.requests) for session in served.sessions] == [1, 1, 1]
