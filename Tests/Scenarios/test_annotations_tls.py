"""Annotations about certificates of clients and of servers, over real sockets: tests are named after them."""

from __future__ import annotations

import base64
import hashlib
import ssl
import urllib.parse
from pathlib import Path

import pytest

from harness.backend import Backend
from harness.client import Client, careless
from harness.secure import SecureServer
from harness.site import Site, dev_service
from harness.waiting import wait_everywhere, wait_until
from simulator import objects
from simulator.pki import Authority

pytestmark = pytest.mark.sanitizer

NGINX = "nginx.ingress.kubernetes.io/"
SITES, CLIENTS, STRANGERS = Authority("sites"), Authority("clients"), Authority("strangers")
GOOD, REVOKED = CLIENTS.issue("good", [], organisation="shop"), CLIENTS.issue("revoked", [])
FOREIGN = STRANGERS.issue("good", [])
POD = SITES.issue("pod", ["pod.test"])
MUTUAL = {"auth-tls-secret": "default/clients"}
SPOKEN = {"backend-protocol": "HTTPS"}
# Each try after the first waits a second.
SPOKEN["proxy-next-upstream-tries"] = "1"
SIGNED = {**SPOKEN, "proxy-ssl-secret": "default/ours"}
# name of the Ingress (its host is NAME.test) -> annotations
CLIENTS_OF: dict[str, dict[str, str]] = {
    "on": {**MUTUAL, "auth-tls-pass-certificate-to-upstream": "true"},
    "optional": {**MUTUAL, "auth-tls-verify-client": "optional"},
    "any": {**MUTUAL, "auth-tls-verify-client": "optional_no_ca"},
    "off": {**MUTUAL, "auth-tls-verify-client": "off"},
    "odd": {**MUTUAL, "auth-tls-verify-client": "perhaps"},
    "page": {**MUTUAL, "auth-tls-error-page": "https://help.test/why"},
    "name": {**MUTUAL, "auth-tls-match-cn": "CN=go+d"},
    "other-name": {**MUTUAL, "auth-tls-match-cn": "CN=bad"},
    "missing": {"auth-tls-secret": "default/missing"},
    "foreign": {"auth-tls-secret": "other/clients"},
    "keyless": {"auth-tls-secret": "default/cert"},
    "later": {"auth-tls-secret": "default/later"},
    "revoking": {"auth-tls-secret": "default/revoking"},
    "aliased": {**MUTUAL, "server-alias": "alias.test"},
    "open": {**MUTUAL, "ssl-redirect": "false"},
    **{
        f"told-{name.replace('_', '-')}": {
            **MUTUAL, "auth-tls-verify-client": "optional_no_ca", "auth-tls-pass-certificate-to-upstream": "true",
            "auth-url": f"http://web.default.svc.cluster.local/?${name}",
        }
        for name in ("ssl_client_verify", "ssl_client_s_dn", "ssl_client_i_dn", "ssl_client_escaped_cert",
                     "ssl_client_serial", "ssl_client_fingerprint", "ssl_protocol")
    },
}  # fmt: skip
STRONG, WEAK = "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256"
CIPHERS_OF: dict[str, dict[str, str]] = {
    "usual": {},
    "strong": {"ssl-ciphers": STRONG},
    "both": {"ssl-ciphers": f"{STRONG}:{WEAK}"},
    "theirs": {"ssl-ciphers": f"{STRONG}:{WEAK}", "ssl-prefer-server-ciphers": "false"},
    "no-cipher": {"ssl-ciphers": "NOTHING-KNOWN"},
}
SERVERS_OF: dict[str, dict[str, str]] = {
    "spoken": SPOKEN,
    "signed": SIGNED,
    "verified": {**SIGNED, "proxy-ssl-verify": "on", "proxy-ssl-name": "pod.test", "proxy-ssl-server-name": "on"},
    "misnamed": {**SIGNED, "proxy-ssl-verify": "on", "proxy-ssl-name": "other.test"},
    "unnamed": {**SIGNED, "proxy-ssl-verify": "on"},
    "distrusting": {**SPOKEN, "proxy-ssl-secret": "default/strangers", "proxy-ssl-verify": "on", "proxy-ssl-name": "pod.test"},
    "without-authority": {**SPOKEN, "proxy-ssl-secret": "default/cert", "proxy-ssl-verify": "on"},
    "no-secret": {**SPOKEN, "proxy-ssl-secret": "default/missing"},
    "only-name": {**SPOKEN, "proxy-ssl-verify": "on", "proxy-ssl-name": "other.test"},
    "authority": {"haproxy.org/server-ca": "ours", "haproxy.org/server-crt": "ours", "proxy-next-upstream-tries": "1"},
    "stranger": {"haproxy.org/server-ca": "strangers", "proxy-next-upstream-tries": "1"},
    "newest": {**SIGNED, "proxy-ssl-protocols": "TLSv1.2 TLSv1.3"},
}  # fmt: skip


def secret(name: str, **data: bytes) -> dict:
    return {
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": "default"}, "type": "Opaque",
        "data": {key.replace("_", "."): base64.b64encode(value).decode() for key, value in data.items()},
    }  # fmt: skip


def ingress(name: str, annotations: dict[str, str], service: str, *, host: str = "", **settings: object) -> dict:
    body = objects.ingress(name, host or f"{name}.test", service, **settings)
    body["metadata"]["annotations"] = {key if "/" in key else NGINX + key: value for key, value in annotations.items()}
    return body


def secure_pod(directory: Path) -> SecureServer:
    """A server that tells who its client is, as its certificate says."""
    (directory / "pod.pem").write_bytes(POD.certificate + POD.key)
    (directory / "clients.pem").write_bytes(CLIENTS.certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "pod.pem")
    context.load_verify_locations(directory / "clients.pem")
    context.verify_mode = ssl.CERT_OPTIONAL

    def tell(connection: ssl.SSLSocket) -> str:
        peer = connection.getpeercert()
        return f"{peer['subject'][0][0][1] if peer else 'nobody'} {connection.version()}"

    return SecureServer(context, tell)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    directory = tmp_path_factory.mktemp("certificates")
    for name, pair in (("good", GOOD), ("revoked", REVOKED), ("foreign", FOREIGN)):
        (directory / f"{name}.pem").write_bytes(pair.certificate + pair.key)
    hosts = [f"{name}.test" for name in (*CLIENTS_OF, *CIPHERS_OF)] + ["alias.test"]
    site = Site(
        directory, objects.tls_secret("cert", SITES.issue("site", hosts)),
        *(ingress(name, keys, "web", tls_secret="cert") for name, keys in CLIENTS_OF.items()),
        *(ingress(name, keys, "web", tls_secret="cert") for name, keys in CIPHERS_OF.items()),
        *(ingress(name, keys, "pods") for name, keys in SERVERS_OF.items()),
        ingress("open-more", {"ssl-redirect": "false"}, "web", host="open.test", path="/more"),
        secret("clients", ca_crt=CLIENTS.certificate),
        secret("revoking", ca_crt=CLIENTS.certificate, ca_crl=CLIENTS.revocations(REVOKED)),
        secret("ours", ca_crt=SITES.certificate, tls_crt=GOOD.certificate, tls_key=GOOD.key),
        secret("strangers", ca_crt=STRANGERS.certificate),
    )  # fmt: skip
    site.directory = directory
    site.pod = secure_pod(directory)
    site.folder.put(dev_service("web", site.backend), dev_service("pods", site.pod.endpoint))
    site.sluice.wait_ready()
    yield site
    site.close()
    site.pod.close()


def https(site: Site, name: str, certificate: str | None = None, host: str | None = None, headers=()):
    context = careless()
    if certificate:
        context.load_cert_chain(site.directory / f"{certificate}.pem")
    host = host or f"{name}.test"
    site.backend.forget()
    with Client(site.sluice.https, tls=context, server_name=host) as client:
        return client.request("/", host=host, headers=list(headers))


def told(site: Site, field: str) -> str | None:
    return site.backend.requests[-1].get(field)


@pytest.mark.parametrize(
    "name, certificate, status",
    [
        ("on", "good", 200), ("on", None, 400), ("on", "foreign", 400), ("odd", None, 400), ("odd", "good", 200),
        ("optional", "good", 200), ("optional", None, 200), ("optional", "foreign", 400),
        ("any", "good", 200), ("any", None, 200), ("any", "foreign", 200), ("off", None, 200), ("off", "foreign", 200),
        ("revoking", "good", 200), ("revoking", "revoked", 400),
        ("name", "good", 200), ("name", None, 400), ("other-name", "good", 403), ("other-name", "foreign", 400),
    ],
)  # fmt: skip
def test_auth_tls_verify_client(site, name, certificate, status):
    assert https(site, name, certificate).status == status


def variable(site: Site, name: str, certificate: str | None) -> str:
    """What the question says a variable is. The server that is asked is the one that serves."""
    assert https(site, f"told-{name.replace('_', '-')}", certificate).status == 200
    assert len(site.backend.requests) == 2
    return site.backend.requests[0].target.removeprefix("/?")


@pytest.mark.parametrize("certificate", ["good", "foreign", None])
@pytest.mark.parametrize(
    "name, field",
    [
        ("ssl_client_verify", "ssl-client-verify"), ("ssl_client_s_dn", "ssl-client-subject-dn"),
        ("ssl_client_i_dn", "ssl-client-issuer-dn"),
    ],
)  # fmt: skip
def test_variables_of_certificates_are_what_servers_are_told(site, name, field, certificate):
    assert urllib.parse.unquote(variable(site, name, certificate)) == (told(site, field) or "")


def test_variables_of_certificates(site):
    def known(name: str) -> str:
        return variable(site, name, "good")

    escaped = known("ssl_client_escaped_cert")
    pem = urllib.parse.unquote(urllib.parse.unquote(escaped))
    assert pem == GOOD.certificate.decode() == urllib.parse.unquote(told(site, "ssl-client-cert") or "")
    der = ssl.PEM_cert_to_DER_cert(pem)
    assert known("ssl_client_fingerprint") == hashlib.sha1(der).hexdigest()
    assert int(known("ssl_client_serial"), 16) > 0
    assert known("ssl_protocol") == "TLSv1.3"
    assert variable(site, "ssl_client_fingerprint", None) == ""


@pytest.mark.parametrize("name", ["missing", "foreign", "keyless"])
def test_auth_tls_secret_that_can_not_be_used_closes_the_host(site, name):
    assert https(site, name, "good").status == 403
    assert site.get(host=f"{name}.test").status == 403


def test_auth_tls_secret_is_told_to_servers(site):
    forged = [("ssl-client-verify", "SUCCESS"), ("ssl-client-subject-dn", "CN=me"), ("ssl-client-cert", "x")]
    assert https(site, "on", "good", headers=forged).status == 200
    assert told(site, "ssl-client-verify") == "SUCCESS"
    assert told(site, "ssl-client-subject-dn") == "O=shop,CN=good"
    assert told(site, "ssl-client-issuer-dn") == "CN=clients"
    assert urllib.parse.unquote(told(site, "ssl-client-cert")).encode() == GOOD.certificate
    assert https(site, "optional", headers=forged).status == 200
    assert (told(site, "ssl-client-verify"), told(site, "ssl-client-subject-dn")) == ("NONE", None)
    assert told(site, "ssl-client-cert") is None
    assert https(site, "any", "foreign").status == 200
    assert told(site, "ssl-client-verify").startswith("FAILED:")


def test_auth_tls_error_page(site):
    answer = https(site, "page")
    assert (answer.status, answer.get("location")) == (302, "https://help.test/why")
    assert https(site, "page", "foreign").status == 302
    assert https(site, "page", "good").status == 200


def test_auth_tls_secret_sends_plain_requests_to_https(site):
    assert site.get(host="on.test").status == 308
    assert site.get(host="optional.test").status == 308


def test_auth_tls_secret_lets_nobody_in_without_tls(site):
    site.backend.forget()
    assert site.get(host="open.test").status == 421
    assert site.get("/more", host="open.test").status == 421
    assert site.get(host="other-name.test").status == 403
    assert not site.backend.requests


def test_auth_tls_secret_holds_for_names_beside(site):
    assert https(site, "aliased", host="alias.test").status == 400
    assert https(site, "aliased", "good", host="alias.test").status == 200
    with Client(site.sluice.https, tls=careless(), server_name="off.test") as client:
        assert client.request("/", host="on.test").status == 421


def test_auth_tls_secret_is_followed(site):
    def follows(status: int, certificate: str) -> None:
        wait_everywhere(lambda: https(site, "later", certificate).status == status, f"{certificate} gets {status}")

    assert https(site, "later", "good").status == 403
    site.folder.put(secret("later", ca_crt=CLIENTS.certificate))
    follows(200, "good")
    site.folder.put(secret("later", ca_crt=STRANGERS.certificate))
    follows(200, "foreign")
    assert https(site, "later", "good").status == 400
    site.folder.remove(secret("later"))
    follows(403, "foreign")


def cipher(site: Site, name: str, *offered: str) -> str | None:
    """The cipher of TLS 1.2 that is spoken with a host; None is a failed handshake."""
    context = careless()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(":".join(offered))
    try:
        with Client(site.sluice.https, tls=context, server_name=f"{name}.test") as client:
            assert client.request("/", host=f"{name}.test").status == 200
            return next(size for size in ("AES256", "AES128") if size in client.socket.cipher()[0])
    except ssl.SSLError:
        return None


def test_ssl_ciphers(site):
    assert cipher(site, "strong", WEAK) is None
    assert cipher(site, "strong", WEAK, STRONG) == "AES256"
    assert cipher(site, "usual", WEAK) == "AES128"
    # Nothing of TLS 1.3 changes.
    assert https(site, "strong").status == 200


def test_ssl_prefer_server_ciphers(site):
    assert cipher(site, "both", WEAK, STRONG) == cipher(site, "both", STRONG, WEAK) == "AES256"
    assert (cipher(site, "theirs", WEAK, STRONG), cipher(site, "theirs", STRONG, WEAK)) == ("AES128", "AES256")


def test_ssl_ciphers_that_nobody_knows_leave_the_listeners(site):
    assert cipher(site, "no-cipher", WEAK) == "AES128"
    site.sluice.wait_log(r'no-cipher\.test.*OpenSSL knows no cipher of "NOTHING-KNOWN"')


def page(site: Site, name: str) -> str:
    answer = site.get(host=f"{name}.test")
    assert answer.status == 200
    return answer.body.decode()


def test_proxy_ssl_secret(site):
    assert page(site, "spoken").startswith("nobody")
    assert page(site, "signed") == "good TLSv1.2"


def test_proxy_ssl_protocols(site):
    assert page(site, "newest") == "good TLSv1.3"


def test_proxy_ssl_name_and_server_name(site):
    site.pod.names.clear()
    assert page(site, "verified") == "good TLSv1.2"
    assert site.pod.names == ["pod.test"]


@pytest.mark.parametrize("name", ["misnamed", "unnamed", "distrusting"])
def test_proxy_ssl_verify(site, name):
    assert site.get(host=f"{name}.test").status in (502, 504)


@pytest.mark.parametrize("name", ["without-authority", "no-secret"])
def test_proxy_ssl_secret_that_can_not_be_used_closes_paths(site, name):
    site.pod.names.clear()
    assert site.get(host=f"{name}.test").status == 503
    assert not site.pod.names


def test_proxy_ssl_verify_without_a_secret_means_nothing(site):
    assert page(site, "only-name").startswith("nobody")


def test_haproxy_server_ca_and_server_crt(site):
    assert page(site, "authority").startswith("good TLSv1")
    assert site.get(host="stranger.test").status in (502, 504)


def test_ssl_passthrough(sluice_dev, tmp_path):
    """The pod speaks TLS with the client; requests without TLS, and other hosts, are served as ever."""
    pod, plain = secure_pod(tmp_path), Backend()
    try:
        site = sluice_dev(
            ingress("vault", {"ssl-passthrough": "true", "denylist-source-range": "0.0.0.0/0"}, "pods"),
            ingress("web", {}, "web"), dev_service("pods", pod.endpoint), dev_service("web", plain),
        )  # fmt: skip

        def ask(name: str) -> tuple[bool, bytes]:
            """Whether the pod's certificate was shown, and the status of an answer in whatever version."""
            with Client(site.sluice.https, tls=careless(), server_name=name) as client:
                shown = client.socket.getpeercert(binary_form=True)
                is_pods = "".join(ssl.DER_cert_to_PEM_cert(shown).split()) in "".join(POD.certificate.decode().split())
                client.send(f"GET / HTTP/1.1\r\nHost: {name}\r\n\r\n".encode())
                return is_pods, client.socket.recv(12).split()[1]

        assert ask("vault.test") == (True, b"200")
        assert ask("web.test") == (False, b"200")
        assert site.get(host="vault.test").status == 403
        site.folder.put(ingress("vault", {}, "pods"))
        wait_until(lambda: not ask("vault.test")[0], "TLS ends here again")
    finally:
        pod.close()
        plain.close()
