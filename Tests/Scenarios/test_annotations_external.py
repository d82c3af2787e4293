"""Annotations that have somebody else decide who comes in, over real sockets: tests are named after them."""

from __future__ import annotations

import base64
import threading
import time

import pytest

from harness.backend import Backend, Session
from harness.client import Client
from harness.http2 import Http2
from harness.messages import Request
from harness.site import Site, dev_service, shared_site
from harness.waiting import steady, wait_everywhere, wait_until
from simulator import objects

pytestmark = pytest.mark.sanitizer

NGINX = "nginx.ingress.kubernetes.io/"
AUTH = "http://auth.default.svc.cluster.local"
BASIC = {"auth-type": "basic", "auth-secret": "file"}
SIGN_IN = "https://login.test/start"
# name of the Ingress (its host is NAME.test) -> annotations
INGRESSES: dict[str, dict[str, str]] = {
    "plain": {},
    "asked": {"auth-url": f"{AUTH}/by-header"},
    "port": {"auth-url": f"{AUTH}:81/ok"},
    "address": {"auth-url": "http://127.0.0.1:PORT/ok"},
    "variables": {"auth-url": f"{AUTH}/check?name=$arg_name&of=$namespace.$ingress_name&to=$host"},
    "rootless": {"auth-url": AUTH},
    "method": {"auth-url": f"{AUTH}/ok", "auth-method": "post"},
    "head": {"auth-url": f"{AUTH}/ok", "auth-method": "HEAD"},
    "bad-method": {"auth-url": f"{AUTH}/ok", "auth-method": "GETS"},
    "redirect": {"auth-url": f"{AUTH}/ok", "auth-request-redirect": "/start?$args"},
    "signin": {"auth-url": f"{AUTH}/by-header", "auth-signin": SIGN_IN},
    "signin-query": {"auth-url": f"{AUTH}/by-header", "auth-signin": f"{SIGN_IN}?a=b"},
    "signin-there": {"auth-url": f"{AUTH}/by-header", "auth-signin": f"{SIGN_IN}?rd=/x"},
    "signin-param": {
        "auth-url": f"{AUTH}/by-header", "auth-signin": f"{SIGN_IN}?rd=/x", "auth-signin-redirect-param": "back",
    },
    "signin-host": {"auth-url": f"{AUTH}/by-header", "auth-signin": "https://$host/oauth2/start"},
    "taken": {"auth-url": f"{AUTH}/taken", "auth-response-headers": "X-User, X-Groups,X-Missing"},
    "framing": {"auth-url": f"{AUTH}/ok", "auth-response-headers": "X-User, Content-Length"},
    "cookie": {"auth-url": f"{AUTH}/cookie"},
    "cookie-always": {"auth-url": f"{AUTH}/cookie", "auth-always-set-cookie": "true"},
    "any": {"auth-url": f"{AUTH}/by-header", "satisfy": "any", "allowlist-source-range": "127.0.0.0/8"},
    "any-not": {"auth-url": f"{AUTH}/by-header", "satisfy": "any", "allowlist-source-range": "192.0.2.0/24"},
    "any-basic": {**BASIC, "auth-url": f"{AUTH}/by-header", "satisfy": "any"},
    "all-basic": {**BASIC, "auth-url": f"{AUTH}/by-header"},
    "listed": {"auth-url": f"{AUTH}/by-header", "allowlist-source-range": "192.0.2.0/24"},
    "limited": {"auth-url": f"{AUTH}/ok", "limit-rpm": "1", "limit-burst-multiplier": "1"},
    "empty": {"auth-url": f"{AUTH}/ok"},
    "missing": {"auth-url": "http://nobody.default.svc.cluster.local/ok"},
    "dead": {"auth-url": "http://dead.default.svc.cluster.local/ok"},
    "two": {"auth-url": "http://two.default.svc.cluster.local/ok"},
    "broken": {"auth-url": "http://../ok"},
    "snippet": {"auth-url": f"{AUTH}/ok", "auth-snippet": "proxy_set_header X-A b;"},
    "own": {"auth-url": "https://$host/oauth2/auth?of=$escaped_request_uri", "auth-signin": "https://$host/oauth2/start?rd=$escaped_request_uri"},
    "own-guarded": {"auth-url": "https://$host/inner/auth"},
    "rewritten": {"auth-url": f"{AUTH}/taken", "auth-response-headers": "x-user", "rewrite-target": "/new"},
}  # fmt: skip


def answers(session: Session, request: Request) -> None:
    """The server that is asked."""
    path = request.target.split("?")[0]
    lies = {
        "malformed": b"HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n",
        "huge": b"HTTP/1.1 200 OK\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
        "endless-head": b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 20_000,
        "switching": b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
        "interim": b"HTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "both": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
        "other": b"SSH-2.0-x\r\n\r\n",
    }
    wanted = request.get("x-want") or ""
    if path == "/by-header" and wanted == "close":
        return session.close()
    if path == "/by-header" and wanted == "endless":
        session.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        session.wait_gone()
        return None
    if path == "/by-header" and wanted == "silence":
        session.wait_gone(20)
        return None
    if path == "/by-header" and wanted in lies:
        return session.send(lies[wanted])
    if path == "/by-header":
        return session.answer(int(wanted or 200), b"of the asked", headers='WWW-Authenticate: Bearer realm="x"\r\nX-A: b\r\n')
    if path == "/taken":
        return session.answer(202, headers="X-User: ann\r\nX-Groups: a\r\nX-Groups: b\r\nX-Other: c\r\n")
    if path == "/cookie":
        return session.answer(200, headers="Set-Cookie: a=1; Path=/\r\nSet-Cookie: b=2\r\n")
    session.answer(200)


def serve(session: Session, request: Request) -> None:
    status = int(request.get("x-status") or 200)
    session.answer(status, b"of the server", headers="Set-Cookie: own=1\r\n")


def opaque(name: str, data: dict[str, str]) -> dict:
    return {
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": "default"}, "type": "Opaque",
        "data": {key: base64.b64encode(value.encode()).decode() for key, value in data.items()},
    }  # fmt: skip


class Asking(Site):
    """A site, who is asked about it, and who is asked by `$host`."""

    def __init__(self, directory) -> None:
        self.asked, self.proxy = Backend(answers), Backend(answers)
        self.unheard = Backend(answers)
        self.unheard.refuse()
        own = dict(annotations={}, path="/oauth2")
        super().__init__(
            directory, *(self._ingress(name) for name in INGRESSES), opaque("file", {"auth": "ann:{PLAIN}secret\n"}),
            objects.ingress("oauth", "own.test", "oauth", **own),
            objects.ingress("inner", "own-guarded.test", "oauth", path="/inner", annotations={NGINX + "auth-url": f"{AUTH}/ok"}),
            objects.ingress("free", "asked.test", "web", path="/.well-known/acme-challenge/x", annotations={NGINX + "auth-url": f"{AUTH}/by-header"}),
        )  # fmt: skip
        service = dev_service("auth", self.asked)
        service["spec"]["ports"].append({"name": "other", "port": 81})
        self.folder.put(
            dev_service("web", self.backend), dev_service("none"), service, dev_service("oauth", self.proxy),
            dev_service("dead", self.unheard), dev_service("two", self.unheard, self.asked),
        )  # fmt: skip
        self.sluice.wait_ready()
        self.forget()

    def _ingress(self, name: str) -> dict:
        keys = {NGINX + key: value.replace("PORT", str(self.asked.port)) for key, value in INGRESSES[name].items()}
        return objects.ingress(name, f"{name}.test", "none" if name == "empty" else "web", annotations=keys)

    def forget(self) -> None:
        for backend in (self.backend, self.asked, self.proxy):
            backend.forget()
        self.backend.handler, self.asked.handler, self.proxy.handler = serve, answers, answers

    def ask(self, host: str, want: object = None, path: str = "/", headers=(), **settings):
        given = [*headers, *([("X-Want", str(want))] if want is not None else [])]
        return self.get(path, host=f"{host}.test", headers=given, **settings)

    def close(self) -> None:
        super().close()
        self.asked.close()
        self.proxy.close()


shared, site = shared_site(Asking, "external")


def asking(site: Asking, want: str) -> Session:
    """The connection that the question about a request came by."""
    return next(s for s in site.asked.sessions if any(r.get("x-want") == want for r in s.requests))


def test_auth_url_asks(site):
    answer = site.ask("asked", path="/a%20b?c=d", headers=[("Cookie", "e=f"), ("Authorization", "Bearer x")])
    assert (answer.status, answer.body) == (200, b"of the server")
    (question,) = site.asked.requests
    assert (question.method, question.target) == ("GET", "/by-header")
    told = {name: question.get(name) for name in (
        "host", "x-original-url", "x-original-method", "x-sent-from", "x-real-ip", "x-forwarded-for",
        "x-auth-request-redirect", "cookie", "authorization",
    )}  # fmt: skip
    assert told == {
        "host": "auth.default.svc.cluster.local", "x-original-url": "http://asked.test/a%20b?c=d",
        "x-original-method": "GET", "x-sent-from": "nginx-ingress-controller", "x-real-ip": "127.0.0.1",
        "x-forwarded-for": "127.0.0.1", "x-auth-request-redirect": "/a%20b?c=d", "cookie": "e=f",
        "authorization": "Bearer x",
    }  # fmt: skip
    assert question.get("x-forwarded-proto") is None and question.get("x-original-uri") is None


def test_auth_url_believes_no_client(site):
    lies = ["X-Original-URL", "X-Original-Method", "X-Sent-From", "X-Real-IP", "X-Forwarded-For", "X-Forwarded-Host",
            "X-Forwarded-Proto", "X-Auth-Request-Redirect", "X-Scheme"]  # fmt: skip
    assert site.ask("asked", headers=[(name, "lie") for name in lies]).status == 200
    assert "lie" not in [value for _, value in site.asked.requests[0].fields]


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_auth_url_lets_in(site, status):
    assert site.ask("asked", status).status == 200


@pytest.mark.parametrize("status", [401, 403])
def test_auth_url_refuses(site, status):
    answer = site.ask("asked", status)
    assert (answer.status, answer.get("www-authenticate")) == (status, 'Bearer realm="x"')
    assert b"of the asked" not in answer.body and answer.get("x-a") is None
    assert not site.backend.requests


@pytest.mark.parametrize("status", [300, 302, 304, 400, 402, 404, 407, 429, 500, 502, 503])
def test_auth_url_fails_closed(site, status):
    assert site.ask("asked", status).status == 500
    assert not site.backend.requests


@pytest.mark.parametrize("lie", ["malformed", "huge", "endless-head", "switching", "both", "other", "close"])
def test_auth_url_lies(site, lie):
    headers = [("Connection", "upgrade"), ("Upgrade", "websocket")] if lie == "switching" else []
    assert site.ask("asked", lie, headers=headers).status == 500
    assert not site.backend.requests
    assert site.ask("plain").status == 200


def test_auth_url_interim_answers_are_nothing(site):
    assert site.ask("asked", "interim").status == 200


def test_auth_url_body_is_not_waited_for(site):
    assert site.ask("asked", "endless").status == 200
    wait_until(lambda: not asking(site, "endless").is_open, "the end of the connection")


def test_auth_url_connection_is_kept(site):
    before = len(site.asked.sessions)
    with site.client() as client:
        for _ in range(3):
            assert client.request(host="asked.test").status == 200
    # One, or none if others have left one.
    assert len(site.asked.sessions) - before <= 1


def test_auth_url_stale_connection_is_no_refusal(site):
    assert site.ask("asked").status == 200
    for session in site.asked.open_sessions:
        session.close()
    assert site.ask("asked").status == 200


@pytest.mark.parametrize("host", ["dead", "missing"])
def test_auth_url_dead(site, host):
    assert site.ask(host).status == 500
    assert not site.backend.requests
    assert site.ask("plain").status == 200


def test_auth_url_other_server(site):
    assert [site.ask("two").status for _ in range(4)] == [200] * 4


def test_auth_url_slow(site):
    with site.client() as slow:
        slow.send(b"GET / HTTP/1.1\r\nHost: asked.test\r\nX-Want: silence\r\n\r\n")
        wait_until(lambda: site.asked.requests, "the question")
        assert site.ask("plain").status == 200
        assert site.ask("asked").status == 200
        slow.reset()
    # A client that leaves takes its question with it.
    wait_until(lambda: not asking(site, "silence").is_open, "the end of the question")
    assert not [request for request in site.backend.requests if request.get("x-want")]


def test_auth_url_timeout(sluice_dev, backend):
    asked = backend(lambda session, request: session.wait_gone(20))
    site = sluice_dev(
        objects.ingress("asked", "asked.test", "web", annotations={NGINX + "auth-url": f"{AUTH}/ok"}),
        objects.ingress("plain", "plain.test", "web"), dev_service("auth", asked),
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "default"}, "data": {"proxy-read-timeout": "1"}},
        arguments=("--configmap", "default/settings"),
    )  # fmt: skip
    site.folder.put(dev_service("web", site.backend))
    wait_everywhere(lambda: site.get(host="plain.test").status == 200, "the server")
    started = time.monotonic()
    assert site.get(host="asked.test").status == 500
    assert time.monotonic() - started < 15
    assert [request.get("host") for request in site.backend.requests if request.get("host") == "asked.test"] == []


def test_auth_url_body_waits(site):
    gate = threading.Event()

    def wait(session: Session, request: Request) -> None:
        gate.wait(10)
        session.answer(200)

    site.asked.handler = wait
    body = b"x" * 3_000_000
    with site.client() as client:
        head = f"POST /up HTTP/1.1\r\nHost: asked.test\r\nContent-Length: {len(body)}\r\n\r\n"
        sender = threading.Thread(target=client.send, args=(head.encode() + body,), daemon=True)
        sender.start()
        wait_until(lambda: site.asked.requests, "the question")
        assert not site.backend.requests
        gate.set()
        assert client.response("POST").status == 200
        sender.join(10)
    (question,) = site.asked.requests
    assert (question.method, question.body, question.get("content-length")) == ("GET", b"", None)
    assert question.get("transfer-encoding") is None
    assert site.backend.requests[0].body == body


def test_auth_url_refuses_with_body(site):
    answer = site.ask("asked", 401, method="POST", body=b"x" * 100)
    assert answer.status == 401
    assert not site.backend.requests


def test_auth_url_http2(site):
    with Http2(site.port) as client:
        for want, status in ((200, 200), (401, 401), (404, 500)):
            assert client.request(host="asked.test", headers=[("x-want", str(want))]).status == status


def test_auth_url_pipelined(site):
    with site.client() as client:
        one = b"GET /1 HTTP/1.1\r\nHost: asked.test\r\n\r\n"
        two = b"GET /2 HTTP/1.1\r\nHost: asked.test\r\nX-Want: 403\r\n\r\n"
        client.send(one + two + one)
        assert [client.response().status for _ in range(3)] == [200, 403, 200]


@pytest.mark.parametrize("host", ["port", "address", "rootless"])
def test_auth_url_host(site, host):
    assert site.ask(host).status == 200
    (question,) = site.asked.requests
    expected = {
        "port": ("/ok", "auth.default.svc.cluster.local:81"), "address": ("/ok", f"127.0.0.1:{site.asked.port}"),
        "rootless": ("/", "auth.default.svc.cluster.local"),
    }  # fmt: skip
    assert (question.target, question.get("host")) == expected[host]


def test_auth_url_variables(site):
    assert site.ask("variables", path="/?name=a%20b&x=y").status == 200
    assert site.asked.requests[0].target == "/check?name=a%20b&of=default.variables&to=variables.test"


@pytest.mark.parametrize("host", ["broken", "bad-method", "framing", "snippet"])
def test_auth_url_unusable(site, host):
    assert site.ask(host).status == 503
    assert not site.asked.requests and not site.backend.requests


def test_auth_url_own_host(site):
    answer = site.ask("own", path="/private")
    assert (answer.status, answer.body) == (200, b"of the server")
    (question,) = site.proxy.requests
    assert (question.target, question.get("host")) == ("/oauth2/auth?of=%2Fprivate", "own.test")
    assert question.get("x-auth-request-redirect") == "/private"


def test_auth_url_own_host_is_not_asked_about_itself(site):
    assert site.ask("own", path="/oauth2/start").body == b"ok"
    assert not site.asked.requests


def test_auth_url_own_host_guarded(site):
    assert site.ask("own-guarded").status == 500
    assert not site.backend.requests and not site.proxy.requests


def test_no_auth_locations(site):
    assert site.ask("asked", 403, path="/.well-known/acme-challenge/x").status == 200
    assert not site.asked.requests


@pytest.mark.parametrize("host, method", [("method", "POST"), ("head", "HEAD")])
def test_auth_method(site, host, method):
    assert site.ask(host, path="/a?b", method="PUT", body=b"x").status == 200
    (question,) = site.asked.requests
    assert (question.method, question.get("x-original-method")) == (method, "PUT")
    assert (question.get("x-original-uri"), question.get("x-scheme"), question.body) == ("/a?b", "http", b"")


def test_auth_request_redirect(site):
    assert site.ask("redirect", path="/a?b=c").status == 200
    assert site.asked.requests[0].get("x-auth-request-redirect") == "/start?b=c"


@pytest.mark.parametrize(
    "host, location",
    [
        ("signin", f"{SIGN_IN}?rd=http://signin.test%2Fa%3Fb%3Dc"),
        ("signin-query", f"{SIGN_IN}?a=b&rd=http://signin-query.test%2Fa%3Fb%3Dc"),
        ("signin-there", f"{SIGN_IN}?rd=/x"),
        ("signin-param", f"{SIGN_IN}?rd=/x&back=http://signin-param.test%2Fa%3Fb%3Dc"),
        ("signin-host", "https://signin-host.test/oauth2/start?rd=http://signin-host.test%2Fa%3Fb%3Dc"),
    ],
)  # fmt: skip
def test_auth_signin(site, host, location):
    answer = site.ask(host, 401, path="/a?b=c")
    assert (answer.status, answer.get("location"), answer.get("www-authenticate")) == (302, location, None)
    assert not site.backend.requests


def test_auth_signin_is_not_for_403(site):
    assert site.ask("signin", 403).status == 403
    assert site.ask("signin", 500).status == 500
    assert site.ask("signin", 200).status == 200


def test_auth_response_headers(site):
    given = [("X-User", "mallory"), ("x-groups", "admin"), ("X-Missing", "yes"), ("X-Other", "mine")]
    assert site.ask("taken", headers=given).status == 200
    (request,) = site.backend.requests
    named = [(name.lower(), value) for name, value in request.fields if name.lower() in ("x-user", "x-groups", "x-missing", "x-other")]
    assert sorted(named) == [("x-groups", "a"), ("x-groups", "b"), ("x-other", "mine"), ("x-user", "ann")]


def test_auth_response_headers_with_rewrite(site):
    assert site.ask("rewritten", path="/old").status == 200
    (request,) = site.backend.requests
    assert (request.target, request.get("x-user")) == ("/new", "ann")
    assert site.asked.requests[0].get("x-original-url") == "http://rewritten.test/old"


def cookies(answer) -> list[str]:
    return [value for name, value in answer.fields if name.lower() == "set-cookie"]


@pytest.mark.parametrize("host, status, told", [
    ("cookie", 200, True), ("cookie", 302, True), ("cookie", 404, False), ("cookie", 500, False),
    ("cookie-always", 200, True), ("cookie-always", 404, True), ("cookie-always", 500, True),
])  # fmt: skip
def test_auth_always_set_cookie(site, host, status, told):
    answer = site.ask(host, headers=[("X-Status", str(status))])
    assert answer.status == status
    assert sorted(cookies(answer)) == (["a=1; Path=/", "b=2"] if told else []) + ["own=1"]


def test_satisfy_any(site):
    assert site.ask("any", 403).status == 200
    assert not site.asked.requests
    assert site.ask("any-not", 403).status == 403
    assert site.ask("any-not", 200).status == 200


def password(text: str) -> list[tuple[str, str]]:
    return [("Authorization", f"Basic {base64.b64encode(text.encode()).decode()}")]


def test_satisfy_any_with_passwords(site):
    assert site.ask("any-basic", 403, headers=password("ann:secret")).status == 200
    assert not site.asked.requests
    assert site.backend.requests[0].get("authorization") is None
    assert site.ask("any-basic", 403, headers=password("ann:wrong")).status == 403
    assert site.ask("any-basic", 200).status == 200


def test_satisfy_all_with_passwords(site):
    assert site.ask("all-basic", 200).status == 401
    assert not site.asked.requests
    assert site.ask("all-basic", 403, headers=password("ann:secret")).status == 403
    assert site.ask("all-basic", 200, headers=password("ann:secret")).status == 200
    # Who is asked sees the password, the server does not.
    assert site.asked.requests[-1].get("authorization")
    assert site.backend.requests[0].get("authorization") is None


def test_phases_before_auth_url(site):
    assert site.ask("listed").status == 403
    assert site.ask("empty").status == 503
    assert not site.asked.requests
    assert [site.ask("limited").status for _ in range(3)] == [200, 200, 503]
    assert len(site.asked.requests) == 2


def test_authorizations_are_counted(site):
    def counted(outcome: str) -> float:
        return site.sluice.metric(rf'sluice_authorizations_total\{{outcome="{outcome}"\}}')

    before = steady(lambda: {outcome: counted(outcome) for outcome in ("allowed", "refused", "failed")})
    for want in (200, 401, 403, 404):
        site.ask("asked", want)
    expected = {"allowed": 1, "refused": 2, "failed": 1}
    wait_until(lambda: all(counted(o) - before[o] == n for o, n in expected.items()), "the counts")
