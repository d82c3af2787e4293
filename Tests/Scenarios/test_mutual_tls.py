"""Certificates of clients and stapled responses, with curl and openssl: one port, each host with demands of its own."""

from __future__ import annotations

import datetime
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from harness.backend import Backend
from harness.sluice import Sluice, free_port
from harness.twins import echo
from simulator.pki import Authority

pytestmark = pytest.mark.sanitizer

SITES, CLIENTS, STRANGER = Authority("sites"), Authority("clients"), Authority("stranger")
SITE = SITES.issue("site", ["site.test", "*.site.test"])
GOOD, REVOKED, FOREIGN = (CLIENTS.issue("good", []), CLIENTS.issue("revoked", []), STRANGER.issue("foreign", []))

LIST = """
site.pem site.test
site.pem [verify required ca-file ca.pem crl-file list.crl] members.site.test
site.pem [verify optional ca-file ca.pem ssl-min-ver TLSv1.3] guests.site.test
site.pem [verify required ca-file stranger.pem alpn http/1.1] others.site.test
"""
CONFIGURATION = """
global
    ca-base {here}
    crt-base {here}
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
frontend f
    bind 127.0.0.1:{port} ssl crt-list {here}/certificates.txt
    default_backend b
backend b
    server s 127.0.0.1:{backend}
"""


def answered(subject: x509.Certificate, issuer: Authority, *, until: int = 3600) -> bytes:
    """What an authority says of a certificate, in DER."""
    now = datetime.datetime.utcnow()
    parent = x509.load_pem_x509_certificate(issuer.certificate)
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=subject, issuer=parent, algorithm=hashes.SHA1(), cert_status=ocsp.OCSPCertStatus.GOOD,
        this_update=now - datetime.timedelta(hours=2), next_update=now + datetime.timedelta(seconds=until),
        revocation_time=None, revocation_reason=None,
    ).responder_id(ocsp.OCSPResponderEncoding.HASH, parent).certificates([parent])  # fmt: skip
    return builder.sign(issuer._key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


class Site:
    """`sluice proxy` with a list of certificates, and clients of it."""

    def __init__(self, folder: Path, extra: dict[str, bytes]) -> None:
        files = {
            "site.pem": SITE.certificate + SITES.certificate + SITE.key, "sites.pem": SITES.certificate, "ca.pem": CLIENTS.certificate,
            "stranger.pem": STRANGER.certificate, "list.crl": CLIENTS.revocations(REVOKED), "certificates.txt": LIST.encode(),
            "good.pem": GOOD.certificate + GOOD.key, "revoked.pem": REVOKED.certificate + REVOKED.key,
            "foreign.pem": FOREIGN.certificate + FOREIGN.key, **extra,
        }  # fmt: skip
        for name, content in files.items():
            (folder / name).write_bytes(content)
        self.folder, self.port, self.backend = folder, free_port(), Backend(echo)
        text = CONFIGURATION.format(here=folder, port=self.port, backend=self.backend.port)
        (folder / "proxy.cfg").write_text(text)
        self.sluice = Sluice(folder / "sluice", "proxy", "-f", str(folder / "proxy.cfg")).wait_ready()

    def curl(self, host: str, shown: str | None = None, *options: str) -> str:
        """The status curl gets, or what it fails with."""
        command = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code} %{http_version}", "--max-time", "20"]
        command += ["--cacert", str(self.folder / "sites.pem"), "--resolve", f"{host}:{self.port}:127.0.0.1", *options]
        if shown:
            command += ["--cert", str(self.folder / f"{shown}.pem")]
        done = subprocess.run([*command, f"https://{host}:{self.port}/"], capture_output=True, text=True, timeout=30)
        return done.stdout if done.returncode == 0 else "refused"

    def s_client(self, host: str, *options: str) -> str:
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{self.port}", "-servername", host, *options]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, input="")
        return done.stdout + done.stderr

    def stop(self) -> None:
        self.sluice.process.kill()
        self.sluice.process.wait(10)
        self.backend.close()


@pytest.fixture
def site(tmp_path):
    sites: list[Site] = []

    def start(**extra: bytes) -> Site:
        sites.append(Site(tmp_path, {name.replace("_", "."): content for name, content in extra.items()}))
        return sites[-1]

    yield start
    for made in sites:
        made.stop()


@pytest.mark.parametrize("version", ["--tls-max=1.2", "--tlsv1.3"])
def test_each_host_has_its_demand(site, version):
    here = site()
    option = version.split("=")
    ways = {
        "site.test": {None, "good", "revoked", "foreign"}, "members.site.test": {"good"},
        "guests.site.test": {None, "good", "revoked"}, "others.site.test": {"foreign"},
    }  # fmt: skip
    if version == "--tls-max=1.2":
        # It speaks no older version than 1.3.
        ways["guests.site.test"] = set()
    for host, welcome in ways.items():
        seen = {shown for shown in (None, "good", "revoked", "foreign") if here.curl(host, shown, *option) != "refused"}
        assert seen == welcome, host


def test_a_host_may_leave_http2_out(site):
    here = site()
    assert here.curl("site.test", None, "--http2") == "200 2"
    assert here.curl("others.site.test", "foreign", "--http2") == "200 1.1"


def test_clients_are_told_which_authorities_are_believed(site):
    here = site()
    assert "CN = clients" in here.s_client("members.site.test").split("Acceptable client certificate CA names")[1]
    assert "No client certificate CA names sent" in here.s_client("site.test")
    assert "CN = stranger" in here.s_client("others.site.test", "-tls1_2")


def test_a_session_of_one_host_is_not_resumed_at_another(site, tmp_path):
    here = site()
    kept = str(tmp_path / "session")
    assert "New, TLSv1.2" in here.s_client("site.test", "-tls1_2", "-sess_out", kept)
    assert "Reused, TLSv1.2" in here.s_client("site.test", "-tls1_2", "-sess_in", kept)
    assert "Reused" not in here.s_client("members.site.test", "-tls1_2", "-sess_in", kept)


LEAF = x509.load_pem_x509_certificate(SITE.certificate)


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_a_response_beside_the_certificate_is_stapled(site, version):
    here = site(site_pem_ocsp=answered(LEAF, SITES))
    said = here.s_client("site.test", "-status", version)
    assert "OCSP Response Status: successful" in said
    assert "Cert Status: good" in said
    assert here.curl("site.test", None, "--cert-status") == "200 2"
    assert "OCSP response: no response sent" not in said


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (answered(LEAF, SITES, until=-60), "the OCSP response has expired"),
        (answered(x509.load_pem_x509_certificate(GOOD.certificate), CLIENTS), "the OCSP response is about another certificate"),
        (b"nothing", "the OCSP response can not be decoded"),
    ],
    ids=["expired", "of another", "junk"],
)
def test_a_response_that_is_no_good_is_told_and_not_stapled(site, response, reason):
    here = site(site_pem_ocsp=response)
    assert "OCSP response: no response sent" in here.s_client("site.test", "-status")
    assert here.curl("site.test") == "200 2"
    assert reason in here.sluice.log
