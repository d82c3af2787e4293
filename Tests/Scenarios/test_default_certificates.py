"""Which certificates clients are served that name no known host. HAProxy can have several for this since 3.0."""

from __future__ import annotations

import socket
import ssl

import pytest
from cryptography import x509
from harness.listeners import listens
from harness.sluice import Sluice, free_port
from harness.waiting import wait_until
from simulator.pki import Authority

SITES = Authority("sites")
PAIRS = {
    "plain.rsa": SITES.issue("plain-rsa", ["plain.test"], use_rsa=True), "plain.ecdsa": SITES.issue("plain-ec", ["plain.test"]),
    "first": SITES.issue("first", ["first.test"], use_rsa=True), "second": SITES.issue("second", ["second.test"]),
}  # fmt: skip
SIGNATURES = {"ecdsa": "ECDHE-ECDSA-AES128-GCM-SHA256", "rsa": "ECDHE-RSA-AES128-GCM-SHA256"}
FILE = """
defaults
    mode http
    timeout client 5s
    timeout connect 5s
    timeout server 5s
frontend f
    bind 127.0.0.1:{port} ssl {words}
    http-request return status 200
"""


@pytest.fixture
def served(tmp_path):
    """Starts a proxy whose bind has these words; answers who is served to a name by what the client can verify."""
    running: list[Sluice] = []

    def start(words: str, listed: str = ""):
        for name, pair in PAIRS.items():
            (tmp_path / f"{name}").write_bytes(pair.certificate + pair.key)
        (tmp_path / "list").write_text(listed.replace("HERE", str(tmp_path)))
        port = free_port()
        file = tmp_path / "proxy.cfg"
        file.write_text(FILE.format(port=port, words=words.replace("HERE", str(tmp_path))))
        running.append(Sluice(tmp_path / "run", "proxy", "-f", str(file)).wait_ready())
        wait_until(lambda: listens(port), "the proxy listens")

        def ask(kind: str, name: str | None) -> str:
            made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
            made.maximum_version = ssl.TLSVersion.TLSv1_2
            made.set_ciphers(SIGNATURES[kind])
            with socket.create_connection(("127.0.0.1", port), 15) as plain:
                with made.wrap_socket(plain, server_hostname=name) as client:
                    certificate = x509.load_der_x509_certificate(client.getpeercert(binary_form=True))
            return certificate.subject.rfc4514_string()

        return ask

    yield start
    for proxy in running:
        assert proxy.is_running, proxy.log
        proxy.stop()


@pytest.mark.parametrize(
    ("words", "listed"),
    [
        ("crt HERE/plain", ""),
        ("default-crt HERE/plain.rsa crt HERE/first default-crt HERE/plain.ecdsa crt HERE/second", ""),
        ("crt-list HERE/list", "HERE/plain.rsa\nHERE/plain.ecdsa * plain.test\nHERE/first\nHERE/second\n"),
    ],
)
def test_both_kinds_of_key_are_defaults(served, words, listed):
    ask = served(words, listed)
    for name in [None, "nobody.test", "plain.test"]:
        assert [ask(kind, name) for kind in SIGNATURES] == ["CN=plain-ec", "CN=plain-rsa"], name
    if "first" in words + listed:
        assert (ask("rsa", "first.test"), ask("ecdsa", "second.test")) == ("CN=first", "CN=second")


def test_of_one_kind_of_key_the_first_is_served(served):
    ask = served("crt HERE/first default-crt HERE/plain default-crt HERE/second")
    assert [ask(kind, None) for kind in SIGNATURES] == ["CN=plain-ec", "CN=first"]
