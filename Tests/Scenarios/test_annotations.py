"""Annotations of Ingresses over real sockets: one test for each, named after it."""

from __future__ import annotations

import pytest

from harness.backend import Backend
from harness.client import Client, careless
from harness.http2 import Http2
from harness.site import Site, dev_service
from harness.waiting import wait_everywhere, wait_until
from simulator import objects
from simulator.pki import Authority

pytestmark = pytest.mark.sanitizer

NGINX = "nginx.ingress.kubernetes.io/"
AUTHORITY = Authority("annotations-ca")
# name of the Ingress (its host is NAME.test) -> annotations
INGRESSES: dict[str, dict[str, str]] = {
    "plain": {},
    "secure": {},
    "secure-off": {"ssl-redirect": "false"},
    "secure-slash": {"preserve-trailing-slash": "true"},
    "secure-code": {"sluice.dev/ssl-redirect-code": "301"},
    "forced": {"force-ssl-redirect": "true"},
    "permanent": {"permanent-redirect": "https://new.test/there?a=b"},
    "permanent-code": {"permanent-redirect": "/new", "permanent-redirect-code": "308"},
    "temporal": {"temporal-redirect": "https://new.test", "permanent-redirect": "/new"},
    "temporal-code": {"temporal-redirect": "https://new.test", "temporal-redirect-code": "307"},
    "secure-permanent": {"permanent-redirect": "/new"},
    "allowed": {"whitelist-source-range": "127.0.0.0/8"},
    "not-allowed": {"allowlist-source-range": "192.0.2.0/24"},
    "denied": {"denylist-source-range": "127.0.0.1", "allowlist-source-range": "127.0.0.0/8"},
    "secure-not-allowed": {"allowlist-source-range": "192.0.2.0/24"},
    "body": {"proxy-body-size": "1k"},
    "body-off": {"proxy-body-size": "0"},
    "invalid": {"allowlist-source-range": "everybody"},
    "snippet": {"configuration-snippet": "return 200;"},
    "guarded": {"custom-headers": "default/missing"},
    "unknown": {"no-such-annotation": "x"},
    "rewrite": {"rewrite-target": "/$2", "x-forwarded-prefix": "/api"},
    "rewrite-all": {"rewrite-target": "/x"},
    "rewrite-url": {"rewrite-target": "https://new.test/$1"},
    "regex": {"use-regex": "true"},
    "app": {"app-root": "/app"},
    "apex": {"from-to-www-redirect": "true"},
    "alias": {"server-alias": "other.test, *.others.test"},
    "vhost": {"upstream-vhost": "$service_name.$namespace.svc"},
    "slow": {"proxy-read-timeout": "1", "proxy-next-upstream": "error"},
    "hash": {"upstream-hash-by": "$arg_user$http_x_user"},
    "limited": {"limit-rpm": "2", "limit-burst-multiplier": "1"},
    "unlimited": {"limit-rpm": "2", "limit-burst-multiplier": "1", "limit-whitelist": "127.0.0.0/8"},
    "sticky": {"affinity": "cookie", "session-cookie-name": "route", "session-cookie-max-age": "60"},
    "cors": {"enable-cors": "true", "cors-expose-headers": "X-Id"},
    "cors-refused": {"enable-cors": "true", "denylist-source-range": "127.0.0.0/8"},
    "cors-label": {"enable-cors": "true", "cors-allow-origin": "https://*.a.test, https://b.test"},
    "cors-list": {"enable-cors": "true", "cors-allow-origin": "https://a.test,https://b.test"},
    "auto-http": {"backend-protocol": "AUTO_HTTP"},
}
PATHS = {"rewrite": "/api(/|$)(.*)", "rewrite-url": "/old/(.*)", "regex": "/items/[0-9]+"}
SERVICES = {"slow": "silent", "hash": "three", "sticky": "three"}  # fmt: skip


def ingress(name: str) -> dict:
    body = objects.ingress(
        name, f"{name}.test", SERVICES.get(name, "web"), path=PATHS.get(name, "/"),
        path_type="ImplementationSpecific", tls_secret="cert" if name.startswith("secure") else None,
    )  # fmt: skip
    keys = {key if "/" in key else NGINX + key: value for key, value in INGRESSES[name].items()}
    body["metadata"]["annotations"] = keys
    return body


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    names = [f"{name}.test" for name in INGRESSES]
    site = Site(
        tmp_path_factory.mktemp("annotations"), *map(ingress, INGRESSES),
        objects.tls_secret("cert", AUTHORITY.issue("cert", names)),
        objects.ingress("challenge", "secure.test", "web", path="/.well-known/acme-challenge/token"),
    )  # fmt: skip
    three = [Backend(name=f"pod-{i}") for i in range(3)]
    for one in three:
        one.handler = lambda session, request, name=one.name: session.answer(body=name.encode())
    silent = Backend(name="silent")
    silent.handler = lambda session, request: session.wait_gone(10)
    site.folder.put(dev_service("web", site.backend), dev_service("three", *three), dev_service("silent", silent))
    site.folder.put(objects.ingress("regex-exact", "regex.test", "web", path="/Exact", path_type="Exact"))
    site.sluice.wait_ready()
    site.others = [*three, silent]
    yield site
    site.close()
    for one in site.others:
        one.close()


def https(site: Site, host: str, path: str = "/"):
    with Client(site.sluice.https, tls=careless(), server_name=host) as client:
        return client.request(path, host=host)


def location(answer) -> str | None:
    return answer.get("location")


@pytest.mark.parametrize(
    "path, expected",
    [
        ("/", ""), ("/a", "/a"), ("/a/", "/a"), ("/a//", "/a/"), ("/a?b=c", "/a?b=c"), ("/a/?b=c", "/a/?b=c"),
        ("/a?b=/", "/a?b="), ("/%41%2F", "/%41%2F"),
    ],
)  # fmt: skip
def test_ssl_redirect(site, path, expected):
    answer = site.get(path, host="secure.test")
    assert (answer.status, location(answer)) == (308, f"https://secure.test:{site.sluice.https}{expected}")


def test_ssl_redirect_leaves_the_port_of_the_host_out(site):
    answer = site.get("/x", host="secure.test:80")
    assert location(answer) == f"https://secure.test:{site.sluice.https}/x"


def test_ssl_redirect_of_streams(site):
    with Http2(site.port) as client:
        answer = client.request("/x", host="secure.test")
        assert (answer.status, location(answer)) == (308, f"https://secure.test:{site.sluice.https}/x")


def test_ssl_redirect_is_not_for_https(site):
    assert https(site, "secure.test").status == 200


def test_ssl_redirect_is_not_for_challenges(site):
    assert site.get("/.well-known/acme-challenge/token", host="secure.test").status == 200


def test_ssl_redirect_false(site):
    assert site.get(host="secure-off.test").status == 200


def test_ssl_redirect_without_tls(site):
    assert site.get(host="plain.test").status == 200
    assert https(site, "plain.test").status == 200


def test_ssl_redirect_of_posts(site):
    assert site.get(host="secure.test", method="POST", body=b"x" * 100_000).status == 308


def test_ssl_redirect_does_not_believe_clients(site):
    assert site.get(host="secure.test", headers=[("X-Forwarded-Proto", "https")]).status == 308


def test_ssl_redirect_code(site):
    assert site.get(host="secure-code.test").status == 301


def test_preserve_trailing_slash(site):
    base = f"https://secure-slash.test:{site.sluice.https}"
    assert location(site.get("/a/", host="secure-slash.test")) == f"{base}/a/"
    assert location(site.get("/", host="secure-slash.test")) == f"{base}/"


def test_force_ssl_redirect(site):
    answer = site.get("/a", host="forced.test")
    assert (answer.status, location(answer)) == (308, f"https://forced.test:{site.sluice.https}/a")
    assert https(site, "forced.test").status == 200


def test_permanent_redirect(site):
    answer = site.get("/ignored?x=y", host="permanent.test")
    assert (answer.status, location(answer)) == (301, "https://new.test/there?a=b")


def test_permanent_redirect_code(site):
    answer = site.get(host="permanent-code.test")
    assert (answer.status, location(answer)) == (308, "/new")


def test_permanent_redirect_comes_before_https(site):
    assert site.get(host="secure-permanent.test").status == 301
    assert https(site, "secure-permanent.test").status == 301


def test_temporal_redirect(site):
    answer = site.get(host="temporal.test")
    assert (answer.status, location(answer)) == (302, "https://new.test")


def test_temporal_redirect_code(site):
    assert site.get(host="temporal-code.test").status == 307


@pytest.mark.parametrize("name, status", [("allowed", 200), ("not-allowed", 403), ("denied", 403)])
def test_allowlist_and_denylist_source_range(site, name, status):
    assert site.get(host=f"{name}.test").status == status


def test_allowlist_source_range_does_not_believe_clients(site):
    assert site.get(host="not-allowed.test", headers=[("X-Forwarded-For", "192.0.2.1")]).status == 403


def test_allowlist_source_range_comes_after_https(site):
    assert site.get(host="secure-not-allowed.test").status == 308
    assert https(site, "secure-not-allowed.test").status == 403


def test_proxy_body_size(site):
    assert site.get(host="body.test", method="POST", body=b"x" * 1_024).status == 200
    assert site.get(host="body.test", method="POST", body=b"x" * 1_025).status == 413
    with site.client() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: body.test\r\nTransfer-Encoding: chunked\r\n\r\n")
        client.send(b"500\r\n" + b"x" * 0x500 + b"\r\n0\r\n\r\n")
        assert client.response("POST").status == 413
    assert site.get(host="body-off.test", method="POST", body=b"x" * 100_000).status == 200


def test_an_invalid_value_takes_the_whole_ingress_out(site):
    assert site.get(host="invalid.test").status == 404


def test_snippets_are_never_run(site):
    assert site.get(host="snippet.test").status == 503


def test_what_can_not_be_used_closes_a_path(site):
    assert site.get(host="guarded.test").status == 503


def test_an_unknown_annotation_changes_nothing(site):
    assert site.get(host="unknown.test").status == 200


def test_all_of_them_are_reported(site):
    for name, reason in (
        ("invalid", "AnnotationInvalid"), ("snippet", "AnnotationRefused"),
        ("guarded", "ConfigMapNotFound"), ("unknown", "AnnotationUnknown"),
    ):  # fmt: skip
        site.sluice.wait_log(f"Ingress default/{name} .*{reason}")


def test_an_edit_of_an_annotation_reaches_traffic(site):
    body = ingress("plain")
    body["metadata"]["annotations"] = {NGINX + "permanent-redirect": "/new"}
    with site.client() as client:
        assert client.request("/", host="plain.test").status == 200
        site.folder.put(body)
        wait_until(lambda: client.request("/", host="plain.test").status == 301, "the redirect is adopted")
        site.folder.put(ingress("plain"))
        wait_until(lambda: client.request("/", host="plain.test").status == 200, "the redirect is gone")
    wait_everywhere(lambda: site.get(host="plain.test").status == 200, "it is gone for those who come after")


def target(site, path, host) -> str:
    """What the server is asked for."""
    site.backend.forget()
    assert site.get(path, host=host).status == 200
    return site.backend.requests[-1].target


@pytest.mark.parametrize(
    "path, expected",
    [
        ("/api", "/"), ("/api/", "/"), ("/api/a/b", "/a/b"), ("/API/a?b=/c", "/a?b=/c"), ("/api/%41b", "/Ab"),
        ("/%61pi/a", "/a"), ("//api//a//b", "/a/b"), ("/api/a%20b%3Fc%25d%2Fe?f=%41", "/a%20b%3Fc%25d/e?f=%41"), ("/api/caf%C3%A9", "/caf%C3%A9"),
    ],
)  # fmt: skip
def test_rewrite_target(site, path, expected):
    assert target(site, path, "rewrite.test") == expected
    assert site.backend.requests[-1].get("x-forwarded-prefix") == "/api"


def test_rewrite_target_without_groups(site):
    assert target(site, "/any/thing?a=b", "rewrite-all.test") == "/x?a=b"


def test_rewrite_target_to_a_url(site):
    answer = site.get("/old/a/b?c=d", host="rewrite-url.test")
    assert (answer.status, location(answer)) == (302, "https://new.test/a/b?c=d")


@pytest.mark.parametrize(
    "path, status",
    [("/items/12", 200), ("/ITEMS/12/more", 200), ("/items/x", 404), ("/a/items/1", 404), ("/exactly", 200)],
)
def test_use_regex(site, path, status):
    assert site.get(path, host="regex.test").status == status


def test_app_root(site):
    answer = site.get("/?a=b", host="app.test:81")
    assert (answer.status, location(answer)) == (302, "http://app.test:81/app")
    assert location(https(site, "app.test")) == "https://app.test/app"
    assert site.get("/app", host="app.test").status == 200


def test_from_to_www_redirect(site):
    answer = site.get("/a/b?c=d", host="www.apex.test")
    assert (answer.status, location(answer)) == (308, "http://apex.test/a/b?c=d")
    assert site.get(host="apex.test").status == 200


@pytest.mark.parametrize("host", ["other.test", "a.others.test"])
def test_server_alias(site, host):
    assert site.get(host=host).status == 200


def test_upstream_vhost(site):
    assert target(site, "/", "vhost.test") == "/"
    assert site.backend.requests[-1].get("host") == "web.default.svc"


def test_proxy_read_timeout(site):
    assert site.get(host="slow.test").status == 504


def test_upstream_hash_by(site):
    def pod(user: int) -> bytes:
        return site.get(f"/?user={user}", host="hash.test", headers=[("X-User", "x")]).body

    chosen = [pod(user) for user in range(20)]
    assert chosen == [pod(user) for user in range(20)]
    assert len(set(chosen)) > 1


def test_backend_protocol_of_plain_clients_is_plain(site):
    assert site.get(host="auto-http.test").status == 200


def test_limit_rpm(site):
    statuses = [site.get(host="limited.test").status for _ in range(5)]
    assert statuses == [200, 200, 200, 503, 503]


def test_limit_whitelist(site):
    assert {site.get(host="unlimited.test").status for _ in range(8)} == {200}


def test_affinity_and_session_cookie(site):
    first = site.get(host="sticky.test")
    cookie = first.get("set-cookie")
    assert cookie.startswith("route=") and "; path=/" in cookie and "; Max-Age=60" in cookie
    value = cookie.split(";")[0]
    for _ in range(6):
        answer = site.get(host="sticky.test", headers=[("Cookie", value)])
        assert (answer.body, answer.get("set-cookie")) == (first.body, None)


def test_enable_cors(site):
    answer = site.get(host="cors.test", headers=[("Origin", "https://a.test")])
    assert answer.get("access-control-allow-origin") == "*"
    assert answer.get("access-control-expose-headers") == "X-Id"
    site.backend.forget()
    preflight = site.get(host="cors.test", method="OPTIONS", headers=[("Origin", "https://a.test")])
    assert (preflight.status, preflight.get("access-control-max-age")) == (204, "1728000")
    assert not site.backend.requests


def test_enable_cors_of_our_own_answers(site):
    answer = site.get(host="cors-refused.test", headers=[("Origin", "https://a.test")])
    assert (answer.status, answer.get("access-control-allow-origin")) == (403, "*")


@pytest.mark.parametrize(
    "origin, isAllowed",
    [
        ("https://x.a.test", True), ("https://X-1.A.test", True), ("https://b.test", True), ("https://x.y.a.test", False),
        ("https://a.test", False), ("https://xa.test", False), ("http://x.a.test", False), ("https://x.a.test.evil", False),
        ("https://evil.test/https://x.a.test", False), ("https://xab.test", False),
    ],
)  # fmt: skip
def test_cors_allow_origin_with_a_star(site, origin, isAllowed):
    headers = [("Origin", origin)]
    for method, status in (("GET", 200), ("OPTIONS", 204 if isAllowed else 200)):
        answer = site.get(host="cors-label.test", method=method, headers=headers)
        assert (answer.status, answer.get("access-control-allow-origin")) == (status, origin if isAllowed else None)


@pytest.mark.parametrize(
    "origin, expected",
    [("https://a.test", "https://a.test"), ("https://b.test", "https://b.test"), ("https://c.test", None), (None, None)],
)
def test_cors_allow_origin(site, origin, expected):
    headers = [("Origin", origin)] if origin else []
    assert site.get(host="cors-list.test", headers=headers).get("access-control-allow-origin") == expected
    preflight = site.get(host="cors-list.test", method="OPTIONS", headers=headers)
    assert preflight.get("access-control-allow-origin") == expected
    assert preflight.status == (204 if expected else 200)
