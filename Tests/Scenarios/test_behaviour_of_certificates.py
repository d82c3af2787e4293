"""Behaviour of the annotations about certificates of clients and of servers, corner by corner: tests are named after them."""

from __future__ import annotations

import base64
import ssl
import urllib.parse

import pytest
from cryptography import x509

from harness.backend import Backend
from harness.chains import signed
from harness.client import Client, careless
from harness.site import Site, dev_service
from simulator import objects
from simulator.pki import Authority

pytestmark = pytest.mark.sanitizer

NGINX = "nginx.ingress.kubernetes.io/"
AUTH = "http://auth.default.svc.cluster.local/"
SITES, CLIENTS = Authority("sites"), Authority("clients")
GOOD = CLIENTS.issue("good", [], organisation="shop")
CN = {"auth-tls-secret": "default/clients"}
ROOT = {"auth-tls-secret": "default/root"}
DEEP = {**ROOT, "auth-tls-verify-depth": "2"}

# name (host NAME.test) -> annotations
CLIENTS_OF: dict[str, dict[str, str]] = {
    "plain": {},
    "on": CN,
    "depth-usual": ROOT,
    "depth-1": {**ROOT, "auth-tls-verify-depth": "1"},
    "depth-2": DEEP,
    "depth-3": {**ROOT, "auth-tls-verify-depth": "3"},
    "depth-0": {**ROOT, "auth-tls-verify-depth": "0"},
    "depth-odd": {**ROOT, "auth-tls-verify-depth": "deep"},
    "asked": {**CN, "auth-url": AUTH, "auth-tls-pass-certificate-to-upstream": "true"},
    "asked-quietly": {**CN, "auth-url": AUTH},
    "first": CN,
    "second": {},
    "cn": {**CN, "auth-tls-match-cn": "CN=good"},
    "cn-part": {**CN, "auth-tls-match-cn": "CN=go"},
    "cn-any": {**CN, "auth-tls-match-cn": "CN=(bad|good)$"},
    "cn-whole": {**CN, "auth-tls-match-cn": "CN=^good$"},
    "cn-odd": {**CN, "auth-tls-match-cn": "O=shop"},
    "cn-alone": {"auth-tls-match-cn": "CN=good"},
    "page-path": {**CN, "auth-tls-error-page": "/why"},
    "page-name": {**CN, "auth-tls-error-page": "@why"},
    "page-alone": {"auth-tls-error-page": "https://help.test/"},
    "verify-alone": {"auth-tls-verify-client": "on"},
    "denied": {**CN, "denylist-source-range": "0.0.0.0/0"},
    "quiet": {**CN, "auth-tls-pass-certificate-to-upstream": "false"},
    "ciphers": {"ssl-prefer-server-ciphers": "true"},
}  # fmt: skip

# host, certificate, status
CASES = [
    # As nginx and OpenSSL count: the authorities between the client's certificate and the one that is trusted.
    ("auth-tls-verify-depth: none between", "depth-usual", "root", 200),
    ("auth-tls-verify-depth: one between by itself", "depth-usual", "chain", 200),
    ("auth-tls-verify-depth: not two between", "depth-usual", "long", 400),
    ("auth-tls-verify-depth: 1", "depth-1", "long", 400),
    ("auth-tls-verify-depth: 2", "depth-2", "long", 200),
    ("auth-tls-verify-depth: 2 takes less", "depth-2", "root", 200),
    ("auth-tls-verify-depth: 3", "depth-3", "long", 200),
    ("auth-tls-verify-depth: 0 is 1", "depth-0", "chain", 200),
    ("auth-tls-verify-depth: 0 is no more than 1", "depth-0", "long", 400),
    ("auth-tls-verify-depth: what is no number is 1", "depth-odd", "chain", 200),
    ("auth-tls-verify-depth: what is no number is no more than 1", "depth-odd", "long", 400),
    ("auth-tls-verify-depth: a chain without its middle", "depth-2", "leaf", 400),
    ("auth-tls-match-cn: the name", "cn", "good", 200),
    ("auth-tls-match-cn: a part of it", "cn-part", "good", 200),
    ("auth-tls-match-cn: an expression", "cn-any", "good", 200),
    ("auth-tls-match-cn: another name", "cn", "other", 403),
    ("auth-tls-match-cn: no certificate is 400 first", "cn", None, 400),
    ("auth-tls-match-cn: the whole subject is meant", "cn-whole", "good", 403),
    ("auth-tls-match-cn: without CN it drops the Ingress", "cn-odd", "good", 404),
    ("auth-tls-match-cn: alone it is nothing", "cn-alone", None, 200),
    ("auth-tls-error-page: a name of nginx drops the Ingress", "page-name", None, 404),
    ("auth-tls-error-page: alone it is nothing", "page-alone", None, 200),
    ("auth-tls-error-page: a path", "page-path", None, 302),
    ("auth-tls-verify-client: alone it is nothing", "verify-alone", None, 200),
    ("auth-tls-secret: lists are looked at after it", "denied", "good", 403),
    ("auth-tls-secret: a certificate of nobody's", "on", "stranger", 400),
    ("auth-tls-secret: others are asked for nothing", "plain", None, 200),
    ("auth-tls-secret: a certificate nobody asked for", "plain", "stranger", 200),
    ("auth-tls-secret: the oldest Ingress decides for all paths", "first", None, 400),
    ("ssl-prefer-server-ciphers: is served as ever", "ciphers", None, 200),
]  # fmt: skip


def secret(name: str, authority: bytes) -> dict:
    data = {"ca.crt": base64.b64encode(authority).decode()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": "default"}, "data": data}


def ingress(name: str, says: dict[str, str], host: str = "", path: str = "/", day: int = 1, tls: str | None = "cert") -> dict:
    keys = {NGINX + key: value for key, value in says.items()}
    body = objects.ingress(name, host or f"{name}.test", "web", path=path, tls_secret=tls, annotations=keys)
    body["metadata"]["creationTimestamp"] = f"2026-01-{day:02}T00:00:00Z"
    return body


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    directory = tmp_path_factory.mktemp("certificates")
    root = signed("root", None, is_authority=True)
    middle = signed("middle", root, is_authority=True)
    lower = signed("lower", middle, is_authority=True)
    low = signed("low", lower, is_authority=False)
    leaf, near = signed("leaf", middle, is_authority=False), signed("near", root, is_authority=False)
    files = {
        "good": GOOD.certificate + GOOD.key, "chain": leaf.certificate + middle.certificate + leaf.key,
        "leaf": leaf.certificate + leaf.key, "root": near.certificate + near.key,
        "long": low.certificate + lower.certificate + middle.certificate + low.key,
    }  # fmt: skip
    for name, pair in (("other", CLIENTS.issue("bad", [])), ("stranger", SITES.issue("stranger", []))):
        files[name] = pair.certificate + pair.key
    for name, content in files.items():
        (directory / f"{name}.pem").write_bytes(content)
    asked = Backend()
    site = Site(
        directory, objects.tls_secret("cert", SITES.issue("site", [f"{name}.test" for name in CLIENTS_OF])),
        secret("clients", CLIENTS.certificate), secret("root", root.certificate),
        *(ingress(name, says) for name, says in CLIENTS_OF.items()),
        # A younger Ingress of the same host has no say, also with an authority of its own.
        ingress("younger", ROOT, "first.test", "/younger", 2),
        # Nothing leads to `/` here: TLS is not passed through.
        ingress("rootless", {"ssl-passthrough": "true"}, path="/below", tls=None), dev_service("auth", asked),
    )  # fmt: skip
    site.directory, site.asked = directory, asked
    site.folder.put(dev_service("web", site.backend))
    site.sluice.wait_ready()
    yield site
    assert site.sluice.is_running
    site.close()
    asked.close()


def https(site: Site, name: str, certificate: str | None = None, path: str = "/", headers=()):
    context = careless()
    if certificate:
        context.load_cert_chain(site.directory / f"{certificate}.pem")
    site.backend.forget()
    site.asked.forget()
    with Client(site.sluice.https, tls=context, server_name=f"{name}.test") as client:
        return client.request(path, host=f"{name}.test", headers=list(headers))


@pytest.mark.parametrize("name, certificate, status", [
    pytest.param(*case[1:], id=case[0]) for case in CASES
])  # fmt: skip
def test_behaviour(site, name, certificate, status):
    assert https(site, name, certificate).status == status
    assert len(site.backend.requests) == (1 if status == 200 else 0)


def test_auth_tls_error_page_of_a_path(site):
    assert https(site, "page-path").get("location") == "/why"


@pytest.mark.parametrize("certificate, status", [("good", 200), ("root", 400)])
def test_auth_tls_secret_of_the_oldest_ingress_holds_for_paths_of_others(site, certificate, status):
    assert https(site, "first", certificate, "/younger").status == status


FORGED = [("ssl-client-verify", "SUCCESS"), ("ssl-client-subject-dn", "CN=root"), ("ssl-client-cert", "x")]


def test_auth_tls_tells_who_is_asked(site):
    assert https(site, "asked", "good", headers=FORGED).status == 200
    (question,) = site.asked.requests
    assert question.get("ssl-client-verify") == "SUCCESS"
    assert question.get("ssl-client-subject-dn") == "O=shop,CN=good"
    assert question.get("ssl-client-issuer-dn") == "CN=clients"
    assert urllib.parse.unquote(question.get("ssl-client-cert")).encode() == GOOD.certificate


def test_auth_tls_tells_who_is_asked_no_certificate_by_itself(site):
    assert https(site, "asked-quietly", "good", headers=FORGED).status == 200
    (question,) = site.asked.requests
    assert (question.get("ssl-client-verify"), question.get("ssl-client-cert")) == ("SUCCESS", None)


def test_auth_tls_pass_certificate_to_upstream_false(site):
    assert https(site, "quiet", "good", headers=FORGED).status == 200
    (request,) = site.backend.requests
    assert (request.get("ssl-client-verify"), request.get("ssl-client-cert")) == ("SUCCESS", None)


def test_ssl_passthrough_without_a_path_for_everything_is_ignored(site):
    """TLS ends here: the certificate is the one for hosts that have none."""
    with Client(site.sluice.https, tls=careless(), server_name="rootless.test") as client:
        shown = ssl.DER_cert_to_PEM_cert(client.socket.getpeercert(binary_form=True))
        assert x509.load_pem_x509_certificate(shown.encode()).subject.rfc4514_string()
        assert client.request("/below", host="rootless.test").status == 200
