"""Annotations about fields of requests and answers, over real sockets: tests are named after them."""

from __future__ import annotations

import pytest

from harness.site import Site, dev_service
from simulator import objects

pytestmark = pytest.mark.sanitizer

NGINX = "nginx.ingress.kubernetes.io/"
# name of the Ingress (its host is NAME.test) -> annotations
INGRESSES: dict[str, dict[str, str]] = {
    "plain": {},
    "domain": {"proxy-cookie-domain": "Pod.test shop.test"},
    "path": {"proxy-cookie-path": "/inner/ /"},
    "redirect": {"proxy-redirect-from": "http://pod.test/", "proxy-redirect-to": "https://shop.test/x/"},
    "default": {"proxy-redirect-from": "default", "proxy-redirect-to": "https://shop.test/"},
    "lines": {
        "haproxy.org/request-set-header": "X-Asked one\nX-Mine yes",
        "haproxy.org/response-set-header": 'X-Frame-Options "DENY"\nServer ours',
    },
    "framing": {"haproxy.org/response-set-header": "Content-Length 0"},
}  # fmt: skip
ANSWER: list[str] = []


def ingress(name: str) -> dict:
    body = objects.ingress(name, f"{name}.test", "web")
    keys = {key if "/" in key else NGINX + key: value for key, value in INGRESSES[name].items()}
    body["metadata"]["annotations"] = keys
    return body


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = Site(tmp_path_factory.mktemp("fields"), *map(ingress, INGRESSES))
    site.backend.handler = lambda session, request: session.answer(headers="".join(ANSWER))
    site.folder.put(dev_service("web", site.backend))
    site.sluice.wait_ready()
    yield site
    site.close()


def answered(site: Site, host: str, name: str, value: str) -> str | None:
    """What clients get of a field that the server sends."""
    ANSWER[:] = [f"{name}: {value}\r\n"]
    return site.get(host=f"{host}.test").get(name.lower())


@pytest.mark.parametrize(
    "sent, expected",
    [
        ("a=b; Domain=pod.test", "a=b; Domain=shop.test"),
        ("a=b; domain=.POD.test; Path=/", "a=b; domain=shop.test; Path=/"),
        ("a=b; Path=/; Domain=pod.test ; Secure", "a=b; Path=/; Domain=shop.test ; Secure"),
        ("a=b; Domain=www.pod.test", "a=b; Domain=www.pod.test"),
        ("a=b; Domain=pod.test.org", "a=b; Domain=pod.test.org"), ("a=b; Domain=podXtest", "a=b; Domain=podXtest"),
        ("domain=pod.test", "domain=pod.test"), ("a=b", "a=b"),
    ],
)  # fmt: skip
def test_proxy_cookie_domain(site, sent, expected):
    assert answered(site, "domain", "Set-Cookie", sent) == expected
    assert answered(site, "plain", "Set-Cookie", sent) == sent


@pytest.mark.parametrize(
    "sent, expected",
    [
        ("a=b; Path=/inner/", "a=b; Path=/"), ("a=b; path=/inner/x/y; Secure", "a=b; path=/x/y; Secure"),
        ("a=b; Secure; Path=/inner/inner/", "a=b; Secure; Path=/inner/"), ("a=b; Path=/other", "a=b; Path=/other"),
        ("a=b; Path=/INNER/", "a=b; Path=/INNER/"), ("a=/inner/", "a=/inner/"),
    ],
)  # fmt: skip
def test_proxy_cookie_path(site, sent, expected):
    assert answered(site, "path", "Set-Cookie", sent) == expected


@pytest.mark.parametrize(
    "name, sent, expected",
    [
        ("Location", "http://pod.test/a?b=c", "https://shop.test/x/a?b=c"),
        ("Location", "http://pod.test/", "https://shop.test/x/"),
        ("Location", "http://other.test/", "http://other.test/"), ("Location", "/a", "/a"),
        ("Location", "http://e.test/?u=http://pod.test/", "http://e.test/?u=http://pod.test/"),
        ("Refresh", "5; url=http://pod.test/a", "5; url=https://shop.test/x/a"), ("Refresh", "5", "5"),
    ],
)  # fmt: skip
def test_proxy_redirect_from_and_to(site, name, sent, expected):
    assert answered(site, "redirect", name, sent) == expected
    assert answered(site, "default", name, sent) == sent


def test_haproxy_request_set_header(site):
    site.backend.forget()
    site.get(host="lines.test", headers=[("X-Mine", "no"), ("X-Other", "kept")])
    seen = site.backend.requests[-1]
    assert (seen.get("x-asked"), seen.get("x-mine"), seen.get("x-other")) == ("one", "yes", "kept")


def test_haproxy_response_set_header(site):
    assert answered(site, "lines", "Server", "theirs") == "ours"
    assert answered(site, "lines", "X-Frame-Options", "ALLOW") == "DENY"


def test_haproxy_response_set_header_does_not_frame_messages(site):
    assert site.get(host="framing.test").status == 404
