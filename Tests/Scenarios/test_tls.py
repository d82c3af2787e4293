"""TLS termination: which certificate, which versions, resumption, and rotation under live connections."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import ssl
import subprocess

import pytest
from cryptography import x509

from harness.client import Client, careless, trusting
from harness.site import Site, dev_service
from harness.waiting import holds_for, wait_until
from simulator import objects
from simulator.pki import Authority, Pair

pytestmark = pytest.mark.sanitizer

AUTHORITY = Authority("scenario-ca")
TRUST = trusting(AUTHORITY.certificate)


def secure(host: str, secret: str) -> dict:
    return objects.ingress(secret, host, "web", tls_secret=secret, annotations=objects.PLAIN_TOO)


def shown(port: int, server_name: str | None, context: ssl.SSLContext | None = None) -> x509.Certificate:
    """The certificate a handshake for this server name is answered with."""
    with Client(port, tls=context or careless(), server_name=server_name) as client:
        return x509.load_der_x509_certificate(client.socket.getpeercert(True))


def names(certificate: x509.Certificate) -> set[str]:
    extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return set(extension.value.get_values_for_type(x509.DNSName))


@pytest.fixture(scope="module")
def secured(tmp_path_factory):
    manifests = [
        objects.tls_secret("exact", AUTHORITY.issue("exact", ["a.tls.test"])),
        objects.tls_secret("wild", AUTHORITY.issue("wild", ["*.tls.test"])),
        objects.tls_secret("rsa", AUTHORITY.issue("rsa", ["rsa.test"], use_rsa=True)),
        objects.broken_secret("broken"),
        secure("a.tls.test", "exact"), secure("*.tls.test", "wild"), secure("rsa.test", "rsa"),
        secure("broken.test", "broken"), secure("missing.test", "missing"), secure("empty.test", ""),
        objects.ingress("plain", "a.test", "web"),
    ]  # fmt: skip
    site = Site(tmp_path_factory.mktemp("tls"), *manifests)
    site.folder.put(dev_service("web", site.backend))
    site.sluice.wait_ready()
    wait_until(lambda: site.get(host="a.test").status == 200, "the backend is found")
    yield site
    site.close()


@pytest.fixture
def fresh(secured):
    secured.backend.forget()
    assert secured.sluice.is_running
    return secured


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.tls.test", "a.tls.test"), ("A.TLS.Test", "a.tls.test"), ("b.tls.test", "*.tls.test"),
        ("B.TLS.TEST", "*.tls.test"), ("rsa.test", "rsa.test"),
    ],
)  # fmt: skip
def test_the_server_name_picks_the_certificate(fresh, name, expected):
    assert names(shown(fresh.sluice.https, name)) == {expected}
    with Client(fresh.sluice.https, tls=TRUST, server_name=name) as client:
        assert client.request(host=name).status == 200


OTHERS = ["unknown.test", "a.b.tls.test", "tls.test", "broken.test", "missing.test", "empty.test", None]


@pytest.mark.parametrize("name", OTHERS)
def test_other_names_get_the_default_certificate(fresh, name):
    certificate = shown(fresh.sluice.https, name)
    assert certificate.issuer != x509.load_pem_x509_certificate(AUTHORITY.certificate).subject
    with Client(fresh.sluice.https, tls=careless(), server_name=name) as client:
        assert client.request(host="a.test").status == 200, "the certificate never decides the route"


def test_a_given_default_certificate_is_used(sluice_dev, backend):
    site = sluice_dev(
        objects.tls_secret("fallback", AUTHORITY.issue("fallback", ["fallback.test"])),
        dev_service("web", backend()), objects.ingress("plain", "a.test", "web"),
        arguments=("--default-tls-secret", "default/fallback"),
    )  # fmt: skip
    for name in ("unknown.test", None):
        assert names(shown(site.sluice.https, name)) == {"fallback.test"}


def limited(low: ssl.TLSVersion, high: ssl.TLSVersion) -> ssl.SSLContext:
    context = careless()
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = low, high
    return context


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_tls_12_and_13_are_spoken(fresh, version):
    wanted = ssl.TLSVersion[version]
    with Client(fresh.sluice.https, tls=limited(wanted, wanted), server_name="a.tls.test") as client:
        assert client.socket.version() == version.replace("_", ".")
        assert client.request(host="a.tls.test").status == 200


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1"])
def test_older_versions_are_refused(fresh, version):
    wanted = ssl.TLSVersion[version]
    with pytest.raises((ssl.SSLError, ConnectionError)):
        Client(fresh.sluice.https, tls=limited(wanted, wanted), server_name="a.tls.test")


def test_alpn_agrees_on_http_11(fresh):
    context = careless()
    context.set_alpn_protocols(["http/1.1"])
    with Client(fresh.sluice.https, tls=context, server_name="a.tls.test") as client:
        assert client.socket.selected_alpn_protocol() == "http/1.1"
        assert client.request(host="a.tls.test").status == 200


def test_alpn_is_optional(fresh):
    with Client(fresh.sluice.https, tls=careless(), server_name="a.tls.test") as client:
        assert client.socket.selected_alpn_protocol() is None
        assert client.request(host="a.tls.test").status == 200


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_sessions_are_resumed_by_any_worker(fresh, version):
    wanted = ssl.TLSVersion[version]
    context = trusting(AUTHORITY.certificate)
    context.minimum_version = context.maximum_version = wanted
    with Client(fresh.sluice.https, tls=context, server_name="a.tls.test") as client:
        assert client.request(host="a.tls.test").status == 200  # TLS 1.3 tickets come with the first bytes
        session = client.socket.session
    for _ in range(12):  # enough connections to reach every worker
        with Client(fresh.sluice.https, tls=context, server_name="a.tls.test", session=session) as client:
            assert client.socket.session_reused
            assert client.request(host="a.tls.test").status == 200
            session = client.socket.session


def test_renegotiation_is_refused(fresh):
    """s_client's `R` asks for it; the connection must not go on as if it had been granted."""
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{fresh.sluice.https}", "-tls1_2"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as run:
        output, _ = run.communicate(b"R\n", timeout=30)
    assert b"RENEGOTIATING" in output
    assert b"no renegotiation" in output or run.returncode != 0


def test_large_bodies_pass_both_ways(fresh):
    data = bytes(range(256)) * 12_000
    fresh.backend.handler = lambda session, request: session.answer(body=request.body)
    with Client(fresh.sluice.https, tls=TRUST, server_name="a.tls.test") as client:
        for _ in range(3):
            body = client.request(method="POST", host="a.tls.test", body=data).body
            assert hashlib.sha256(body).digest() == hashlib.sha256(data).digest()


def test_pipelined_requests_in_one_record_are_answered(fresh):
    with Client(fresh.sluice.https, tls=TRUST, server_name="a.tls.test") as client:
        client.send(b"GET / HTTP/1.1\r\nHost: a.tls.test\r\n\r\n" * 10)
        assert [client.response().status for _ in range(10)] == [200] * 10


def test_a_head_may_come_in_many_records(fresh):
    with Client(fresh.sluice.https, tls=TRUST, server_name="a.tls.test") as client:
        client.send_bytewise(b"GET / HTTP/1.1\r\nHost: a.tls.test\r\n\r\n")
        assert client.response().status == 200


def test_the_end_is_announced(fresh):
    """close_notify before FIN: otherwise a client cannot tell an end from a cut (RFC 8446 6.1)."""
    context = careless()
    context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
    with Client(fresh.sluice.https, tls=context, server_name="a.tls.test") as client:
        assert client.request(host="a.tls.test", headers=[("Connection", "close")]).status == 200
        assert client.socket.recv(1) == b""


def test_servers_are_told_about_tls(fresh):
    with Client(fresh.sluice.https, tls=TRUST, server_name="a.tls.test") as client:
        client.request(host="a.tls.test")
    (seen,) = fresh.backend.requests
    assert seen.get("x-forwarded-proto") == "https"
    assert seen.get("x-forwarded-scheme") == "https"
    assert seen.get("x-scheme") == "https"
    assert seen.get("x-forwarded-port") == "443"


GARBAGE = {
    "plain HTTP": b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n",
    "zeros": b"\x00" * 512,
    "empty record": b"\x16\x03\x01\x00\x00",
    "huge record": b"\x16\x03\x01\xff\xff" + b"\x01" * 4096,
    "alert": b"\x15\x03\x01\x00\x02\x02\x28",
    "SSLv2": b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10",
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_instead_of_a_handshake_ends_only_that_connection(fresh, name):
    with Client(fresh.sluice.https) as client:
        # What is not read of it makes the end a reset.
        with contextlib.suppress(OSError):
            client.send(GARBAGE[name])
            client.finish_sending()
            client.wire.rest()
    assert names(shown(fresh.sluice.https, "a.tls.test")) == {"a.tls.test"}


def test_a_client_that_leaves_in_the_handshake_costs_nothing(fresh):
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", fresh.sluice.https)) as plain:
            plain.sendall(b"\x16\x03\x01\x02\x00\x01")
    assert names(shown(fresh.sluice.https, "a.tls.test")) == {"a.tls.test"}


# MARK: rotation


def serial(site, name: str) -> int:
    return shown(site.sluice.https, name).serial_number


@pytest.fixture
def rotating(sluice_dev, backend):
    """A site with one certificate, and that certificate's serial number."""
    pair = AUTHORITY.issue("a", ["a.test"])
    site = sluice_dev(dev_service("web", backend()), secure("a.test", "cert"), objects.tls_secret("cert", pair))
    return site, x509.load_pem_x509_certificate(pair.certificate).serial_number


def test_a_new_certificate_reaches_new_handshakes_and_old_connections_live_on(rotating):
    site, old = rotating
    assert serial(site, "a.test") == old
    with Client(site.sluice.https, tls=TRUST, server_name="a.test") as client:
        for _ in range(5):
            pair = AUTHORITY.issue("a", ["a.test"])
            new = x509.load_pem_x509_certificate(pair.certificate).serial_number
            site.folder.put(objects.tls_secret("cert", pair))
            wait_until(lambda: serial(site, "a.test") == new, "the new certificate is shown")
            assert client.request().status == 200


UNUSABLE = {
    "not PEM": objects.broken_secret("cert"),
    "empty": objects.tls_secret("cert", Pair(b"", b"")),
    "another key": objects.tls_secret(
        "cert", Pair(AUTHORITY.issue("a", ["a.test"]).certificate, AUTHORITY.issue("b", ["a.test"]).key)
    ),
    "no key": objects.tls_secret("cert", Pair(AUTHORITY.issue("a", ["a.test"]).certificate, b"")),
    "cut": objects.tls_secret(
        "cert", Pair(AUTHORITY.issue("a", ["a.test"]).certificate[:-80], AUTHORITY.issue("a", ["a.test"]).key)
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", UNUSABLE)
def test_an_unusable_certificate_is_refused_by_name_and_the_previous_one_stays(rotating, kind):
    site, old = rotating
    assert serial(site, "a.test") == old
    site.folder.put(UNUSABLE[kind])
    line = site.sluice.wait_log(r"default/cert\b")
    assert "PRIVATE" not in site.sluice.log
    assert "BEGIN" not in line
    assert serial(site, "a.test") == old
    pair = AUTHORITY.issue("a", ["a.test"])
    site.folder.put(objects.tls_secret("cert", pair))
    new = x509.load_pem_x509_certificate(pair.certificate).serial_number
    wait_until(lambda: serial(site, "a.test") == new, "it heals by itself")


def test_a_certificate_that_comes_later_is_picked_up(sluice_dev, backend):
    site = sluice_dev(dev_service("web", backend()), secure("a.test", "late"))
    default = serial(site, "a.test")
    assert site.get().status == 200, "the host is served meanwhile"
    pair = AUTHORITY.issue("a", ["a.test"])
    site.folder.put(objects.tls_secret("late", pair))
    new = x509.load_pem_x509_certificate(pair.certificate).serial_number
    wait_until(lambda: serial(site, "a.test") == new, "the certificate is picked up")
    site.folder.remove(objects.tls_secret("late", pair))
    wait_until(lambda: serial(site, "a.test") == default, "without its Secret the default is back")


def test_one_bad_certificate_does_not_hold_back_another(rotating):
    site, _ = rotating
    good = AUTHORITY.issue("b", ["b.test"])
    site.folder.put(objects.broken_secret("cert"), objects.tls_secret("good", good), secure("b.test", "good"))
    new = x509.load_pem_x509_certificate(good.certificate).serial_number
    wait_until(lambda: serial(site, "b.test") == new, "the good one is shown")
    assert holds_for(lambda: serial(site, "a.test") != new, 0.1)


def test_rsa_and_ecdsa_serve_one_name_each_to_who_can_use_it(sluice_dev, backend):
    site = sluice_dev(
        dev_service("web", backend()),
        objects.tls_secret("ec", AUTHORITY.issue("ec", ["a.test"])),
        objects.tls_secret("rsa", AUTHORITY.issue("rsa", ["a.test"], use_rsa=True)),
        secure("a.test", "ec"), secure("a.test", "rsa"),
    )  # fmt: skip
    for ciphers, common_name in (("ECDHE+aRSA", "rsa"), ("ECDHE+aECDSA", "ec")):
        context = careless()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(ciphers)
        assert f"CN={common_name}" in shown(site.sluice.https, "a.test", context).subject.rfc4514_string()
