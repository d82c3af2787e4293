"""Annotations of the HAProxy controllers, over real sockets: tests are named after them."""

from __future__ import annotations

import pytest

from harness.backend import Session
from harness.messages import Request
from harness.site import Site, dev_service
from harness.waiting import wait_everywhere, wait_until
from simulator import objects

pytestmark = pytest.mark.sanitizer

# name of the Ingress (its host is NAME.test) -> annotations
INGRESSES: dict[str, dict[str, str]] = {
    "plain": {},
    "path": {"path-rewrite": "/new"},
    "paths": {"path-rewrite": "^/old/(.*) /\\1\n^/(.*) /v2/\\1"},
    "bad-path": {"path-rewrite": "/a/( /b"},
    "host": {"request-redirect": "b.test:8443"},
    "host-code": {"request-redirect": "b.test", "request-redirect-code": "308"},
    "limit": {"rate-limit-requests": "2", "rate-limit-period": "1h"},
    "limit-code": {"rate-limit-requests": "1", "rate-limit-period": "1h", "rate-limit-status-code": "429"},
    "limit-free": {"rate-limit-requests": "1", "rate-limit-period": "1h", "rate-limit-whitelist": "127.0.0.0/8"},
    "cors": {"cors-enable": "true"},
    "cors-some": {
        "cors-enable": "true", "cors-allow-origin": r"^https://(a|b)\.shop$", "cors-respond-to-options": "true",
        "cors-allow-methods": "GET, PUT", "cors-max-age": "1m", "cors-allow-credentials": "true",
    },
    "acl": {"route-acl": "path_beg /x"},
    "hidden": {"forwarded-for": "false"},
    "told": {"forwarded-for": "true"},
}  # fmt: skip
CHECKED = {"check-http": "GET /health HTTP/1.1", "check-interval": "100ms"}


def serve(session: Session, request: Request) -> None:
    session.answer(503 if request.target == "/health" else 200, request.target.encode())


def ingress(name: str, annotations: dict[str, str] | None = None) -> dict:
    keys = {f"haproxy.org/{key}": value for key, value in (annotations or INGRESSES[name]).items()}
    return objects.ingress(name, f"{name}.test", "web", annotations=keys)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = Site(tmp_path_factory.mktemp("haproxy"), *map(ingress, INGRESSES))
    site.backend.handler = serve
    site.folder.put(dev_service("web", site.backend))
    site.sluice.wait_ready()
    yield site
    assert site.backend.problems == [] and site.sluice.is_running
    site.close()


def ask(site, host: str, path: str = "/", **settings):
    return site.get(path, host=f"{host}.test", **settings)


def test_path_rewrite(site):
    assert ask(site, "path", "/a/b?c=d").body == b"/new?c=d"
    assert ask(site, "paths", "/old/a?b").body == b"/v2/a?b"
    assert ask(site, "paths", "/a").body == b"/v2/a"
    assert ask(site, "bad-path", "/a").status == 500
    assert ask(site, "plain", "/a").body == b"/a"


def test_forwarded_for(site):
    lie = [("X-Forwarded-For", "192.0.2.7"), ("X-Real-IP", "192.0.2.7")]
    for headers in ([], lie):
        ask(site, "hidden", headers=headers)
        request = site.backend.requests[-1]
        assert [request.get(name) for name in ("x-forwarded-for", "x-real-ip", "x-original-forwarded-for")] == [None] * 3
        assert request.get("x-forwarded-host") == "hidden.test"
        ask(site, "told", headers=headers)
        assert site.backend.requests[-1].get("x-forwarded-for") == "127.0.0.1"


def test_request_redirect(site):
    answer = ask(site, "host", "/a?b")
    assert (answer.status, answer.get("location")) == (302, "http://b.test:8443/a?b")
    answer = ask(site, "host-code", "/")
    assert (answer.status, answer.get("location")) == (308, "http://b.test/")


def test_rate_limit_requests(site):
    assert [ask(site, "limit").status for _ in range(4)] == [200, 200, 403, 403]
    assert [ask(site, "limit-code").status for _ in range(3)] == [200, 429, 429]
    assert [ask(site, "limit-free").status for _ in range(3)] == [200] * 3


def test_cors_enable(site):
    answer = ask(site, "cors", headers=[("Origin", "https://x.test")])
    told = {name: answer.get(f"access-control-{name}") for name in ("allow-origin", "allow-methods", "allow-headers", "max-age", "allow-credentials")}
    assert told == {"allow-origin": "*", "allow-methods": "*", "allow-headers": "*", "max-age": "5", "allow-credentials": None}
    assert ask(site, "cors", method="OPTIONS", headers=[("Origin", "https://x.test")]).body == b"/", "the server answers"


def test_cors_allow_origin(site):
    answer = ask(site, "cors-some", headers=[("Origin", "https://b.shop")])
    assert (answer.get("access-control-allow-origin"), answer.get("access-control-allow-credentials")) == ("https://b.shop", "true")
    assert ask(site, "cors-some", headers=[("Origin", "https://c.shop")]).get("access-control-allow-origin") is None
    answer = ask(site, "cors-some", method="OPTIONS", headers=[("Origin", "https://a.shop")])
    told = [answer.get(f"access-control-{name}") for name in ("allow-origin", "allow-methods", "max-age")]
    assert (answer.status, told) == (204, ["https://a.shop", "GET, PUT", "60"])
    assert ask(site, "cors-some", method="OPTIONS", headers=[("Origin", "https://c.shop")]).status == 200


def test_route_acl(site):
    assert ask(site, "acl").status == 503


def test_check_http(sluice_dev, backend):
    """A server that fails its checks gets nothing."""
    good, bad = backend(lambda s, r: s.answer(body=b"good")), backend(serve)
    site = sluice_dev(ingress("checked", CHECKED), dev_service("web", good, bad))

    def asked() -> list[str]:
        return [r.target for r in bad.requests]

    wait_until(lambda: asked().count("/health") >= 3, "three checks")
    wait_until(lambda: {ask(site, "checked").body for _ in range(8)} == {b"good"}, "the bad server is down")
    assert bad.requests[0].method == "GET"


def test_send_proxy_protocol(sluice_dev, backend):
    heads: list[bytes] = []
    proxied = backend()

    def connect(session: Session) -> None:
        heads.append(session.wire.until(b"\r\n"))
        session.wire.until(b"\r\n\r\n")
        session.answer()

    proxied.on_connect = connect
    site = sluice_dev(ingress("proxied", {"send-proxy-protocol": "proxy-v1"}), dev_service("web", proxied))
    assert ask(site, "proxied").status == 200
    assert heads[0].startswith(b"PROXY TCP4 127.0.0.1 127.0.0.1 ")


def test_src_ip_header(sluice_dev):
    """Of trusted proxies the field says whose request it is: to lists, to servers, and request by request."""
    keys = {"haproxy.org/src-ip-header": "X-Client", "haproxy.org/deny-list": "192.0.2.66"}
    site = sluice_dev(
        objects.ingress("web", "a.test", "web", annotations=keys), objects.ingress("plain", "b.test", "web"),
        objects.config_map("settings", {"trusted-proxies": "127.0.0.0/8"}), arguments=("--configmap", "default/settings"),
    )  # fmt: skip
    site.folder.put(dev_service("web", site.backend))
    wait_everywhere(lambda: site.get(host="b.test").status == 200, "the server")

    def told(host: str, client: str | None) -> tuple[int, str | None]:
        site.backend.forget()
        with site.client() as connection:
            answer = connection.request(host=host, headers=[("X-Client", client)] if client else [])
            seen = site.backend.requests[0].get("x-real-ip") if site.backend.requests else None
            assert connection.request(host="b.test").status == 200, "the connection is the proxy's again"
            assert site.backend.requests[-1].get("x-real-ip") == "127.0.0.1"
        return answer.status, seen

    assert told("a.test", "192.0.2.1") == (200, "192.0.2.1")
    assert told("a.test", "192.0.2.66") == (403, None)
    assert told("a.test", "198.51.100.1, 192.0.2.66") == (403, None), "the last one counts"
    assert told("a.test", None) == told("a.test", "nobody") == (200, "127.0.0.1")
    assert told("b.test", "192.0.2.1") == (200, "127.0.0.1")
    site.folder.put(objects.config_map("settings", {}))
    wait_until(lambda: told("a.test", "192.0.2.1") == (200, "127.0.0.1"), "nobody is believed any more")
