"""Annotations that ask for names and passwords, over real sockets: tests are named after them."""

from __future__ import annotations

import base64

import pytest

from harness.client import Client, careless
from harness.http2 import Http2
from harness.site import Site, dev_service
from harness.waiting import wait_everywhere
from simulator import objects
from simulator.pki import Authority

pytestmark = pytest.mark.sanitizer

NGINX = "nginx.ingress.kubernetes.io/"
HAPROXY = "haproxy.org/"
BASIC = {"auth-type": "basic", "auth-secret": "file"}
# All of the password "secret".
HASHES = {
    "bcrypt": "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW",
    "apr1": "$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/",
    "sha": "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=",
    "ssha": "{SSHA}gVK8WC9YyFT1gMsQHTGCgT3sSv5zYWx0",
    "des": "abNANd1rDfiNc",
    "plain": "{PLAIN}secret",
}
# name of the Ingress (its host is NAME.test) -> annotations
INGRESSES: dict[str, dict[str, str]] = {
    "basic": {**BASIC, "auth-realm": 'The "inner" room'},
    "quiet": BASIC,
    "map": {"auth-type": "basic", "auth-secret": "default/map", "auth-secret-type": "auth-map"},
    "digest": {**BASIC, "auth-type": "digest"},
    "missing": {**BASIC, "auth-secret": "missing"},
    "foreign": {**BASIC, "auth-secret": "other/file"},
    "later": {**BASIC, "auth-secret": "later"},
    "cors": {**BASIC, "enable-cors": "true"},
    "redirect": {**BASIC, "permanent-redirect": "/new"},
    "secure": BASIC,
    "empty": BASIC,
    "limited": {**BASIC, "limit-rpm": "1", "limit-burst-multiplier": "1"},
    "listed": {**BASIC, "allowlist-source-range": "192.0.2.0/24"},
    "any": {**BASIC, "satisfy": "any", "allowlist-source-range": "127.0.0.0/8"},
    "any-not": {**BASIC, "satisfy": "any", "allowlist-source-range": "192.0.2.0/24"},
    "any-denied": {
        **BASIC, "satisfy": "any", "allowlist-source-range": "127.0.0.0/8", "denylist-source-range": "127.0.0.1",
    },
    "any-lists": {"satisfy": "any", "allowlist-source-range": "192.0.2.0/24"},
    "haproxy": {HAPROXY + "auth-type": "basic-auth", HAPROXY + "auth-secret": "map"},
}  # fmt: skip


def opaque(name: str, data: dict[str, str], namespace: str = "default") -> dict:
    return {
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": namespace}, "type": "Opaque",
        "data": {key: base64.b64encode(value.encode()).decode() for key, value in data.items()},
    }  # fmt: skip


def ingress(name: str) -> dict:
    body = objects.ingress(
        name, f"{name}.test", "none" if name == "empty" else "web", tls_secret="cert" if name == "secure" else None
    )
    keys = {key if "/" in key else NGINX + key: value for key, value in INGRESSES[name].items()}
    body["metadata"]["annotations"] = keys
    return body


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    lines = "".join(f"{name}:{value}\n" for name, value in HASHES.items())
    site = Site(
        tmp_path_factory.mktemp("authentication"), *map(ingress, INGRESSES),
        opaque("file", {"auth": f"# people\n{lines}broken:secret\n"}), opaque("map", dict(HASHES)),
        opaque("file", {"auth": lines}, "other"),
        objects.tls_secret("cert", Authority("authentication-ca").issue("cert", ["secure.test"])),
    )  # fmt: skip
    site.folder.put(dev_service("web", site.backend), dev_service("none"))
    site.sluice.wait_ready()
    yield site
    site.close()


def credentials(name: str, password: str = "secret") -> list[tuple[str, str]]:
    text = base64.b64encode(f"{name}:{password}".encode()).decode()
    return [("Authorization", f"Basic {text}")]


def status(site: Site, host: str, *given: str, **settings) -> int:
    headers = credentials(*given) if given else []
    return site.get(host=f"{host}.test", headers=headers, **settings).status


def test_auth_type_basic_asks(site):
    site.backend.forget()
    answer = site.get(host="basic.test")
    assert (answer.status, answer.get("www-authenticate")) == (401, 'Basic realm="The \\"inner\\" room"')
    assert not site.backend.requests


@pytest.mark.parametrize("name", HASHES)
def test_auth_secret(site, name):
    assert status(site, "basic", name) == 200
    assert status(site, "basic", name, "wrong") == 401
    assert status(site, "basic", name, "") == 401


@pytest.mark.parametrize("name", ["broken", "nobody", "# people", ""])
def test_auth_secret_knows_nobody_else(site, name):
    assert status(site, "basic", name) == 401


@pytest.mark.parametrize("value", ["Basic", "Basic !", "Bearer c2hhOnNlY3JldA==", "Basic c2hh", "basic c2hhOnNlY3JldA=="])
def test_auth_type_basic_reads_credentials(site, value):
    answer = site.get(host="basic.test", headers=[("Authorization", value)])
    assert answer.status == (200 if value.startswith("basic") else 401)


def test_auth_type_basic_hides_passwords_from_servers(site):
    site.backend.forget()
    assert status(site, "basic", "sha") == 200
    assert site.backend.requests[-1].get("authorization") is None


def test_auth_type_basic_of_streams_and_bodies(site):
    with Http2(site.port) as client:
        assert client.request("/", host="basic.test").status == 401
    assert status(site, "basic", method="POST", body=b"x" * 100_000) == 401
    assert status(site, "basic", "sha", method="POST", body=b"x" * 100_000) == 200


def test_auth_realm_is_empty_without_one(site):
    assert site.get(host="quiet.test").get("www-authenticate") == 'Basic realm=""'


def test_auth_secret_type_auth_map(site):
    assert status(site, "map") == 401
    assert status(site, "map", "apr1") == 200
    assert status(site, "map", "apr1", "wrong") == 401


@pytest.mark.parametrize("host", ["digest", "missing", "foreign"])
def test_auth_that_can_not_be_asked_for_closes_paths(site, host):
    assert status(site, host, "sha") == 503


def test_auth_secret_is_followed(site):
    def follows(expected: int, password: str) -> None:
        wait_everywhere(lambda: status(site, "later", "joe", password) == expected, f"{expected} for {password}")

    assert status(site, "later", "joe", "one") == 503
    site.folder.put(opaque("later", {"auth": "joe:{PLAIN}one\n"}))
    follows(200, "one")
    assert status(site, "later", "joe", "two") == 401
    site.folder.put(opaque("later", {"auth": "joe:{PLAIN}two\n"}))
    follows(200, "two")
    assert status(site, "later", "joe", "one") == 401


def test_auth_comes_after_preflights(site):
    headers = [("Origin", "https://a.test")]
    assert site.get(host="cors.test", method="OPTIONS", headers=headers).status == 204
    assert site.get(host="cors.test", headers=headers).status == 401


def test_auth_comes_after_redirects(site):
    assert status(site, "redirect") == 301


def test_auth_comes_after_https(site):
    assert status(site, "secure") == 308
    with Client(site.sluice.https, tls=careless(), server_name="secure.test") as client:
        assert client.request("/", host="secure.test").status == 401


def test_auth_comes_after_want_of_servers(site):
    assert status(site, "empty") == 503


def test_auth_comes_after_limits(site):
    assert [status(site, "limited") for _ in range(3)] == [401, 401, 503]


def test_auth_comes_after_allowlist_source_range(site):
    assert status(site, "listed", "sha") == 403


@pytest.mark.parametrize(
    "host, given, expected",
    [
        ("any", [], 200), ("any", ["sha", "wrong"], 200), ("any-not", [], 401), ("any-not", ["sha"], 200),
        ("any-not", ["sha", "wrong"], 401), ("any-denied", [], 401), ("any-denied", ["sha"], 200),
        ("any-lists", [], 403),
    ],
)  # fmt: skip
def test_satisfy_any(site, host, given, expected):
    assert status(site, host, *given) == expected


def test_haproxy_auth_type(site):
    answer = site.get(host="haproxy.test")
    assert (answer.status, answer.get("www-authenticate")) == (401, 'Basic realm="Protected Content"')
    assert status(site, "haproxy", "bcrypt") == 200
