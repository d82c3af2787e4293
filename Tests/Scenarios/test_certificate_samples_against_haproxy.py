"""What expressions read of a connection's TLS and of both sides' certificates, here and in this machine's haproxy."""

from __future__ import annotations

import datetime
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID
from harness.client import Client
from harness.twins import echo
from simulator.pki import Authority, Pair

pytestmark = pytest.mark.sanitizer

AUTHORITY, STRANGER, SITES = Authority("clients"), Authority("stranger"), Authority("sites")


def rich() -> Pair:
    """A certificate whose subject has several entries, two of one name, one beyond ASCII, and one without a short name."""
    pair = AUTHORITY.issue("rich", [], use_rsa=True)
    old = x509.load_pem_x509_certificate(pair.certificate)
    subject = x509.Name([
        x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Größe, Inc/1"),
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "one"), x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "two"),
        x509.NameAttribute(x509.ObjectIdentifier("1.2.3.4.5"), "odd"), x509.NameAttribute(NameOID.COMMON_NAME, "rich"),
    ])  # fmt: skip
    made = x509.CertificateBuilder(
        subject_name=subject, issuer_name=old.issuer, public_key=old.public_key(), serial_number=0x00FF0102030405060708,
        not_valid_before=datetime.datetime(2020, 2, 3, 4, 5, 6), not_valid_after=datetime.datetime(2055, 1, 1),
    ).sign(AUTHORITY._key, hashes.SHA256())  # fmt: skip
    return Pair(made.public_bytes(serialization.Encoding.PEM), pair.key)


SHOWN = {"plain": AUTHORITY.issue("plain", []), "rich": rich(), "stranger": STRANGER.issue("stranger", [])}

NAMES = {"plain": "/CN=plain", "rich": "/C=FR/O=Größe, Inc/1/OU=one/OU=two/1.2.3.4.5=odd/CN=rich"}
EXPRESSIONS = [
    "ssl_c_used", "ssl_c_verify", "ssl_c_err", "ssl_c_ca_err", "ssl_c_ca_err_depth", "ssl_c_chain_der,hex", "ssl_fc_unique_id,hex,length",
    "ssl_fc_client_random,hex,length", "ssl_fc_server_random,hex,length", "ssl_fc_has_crt", "ssl_fc_alg_keysize", "ssl_fc_use_keysize",
    *(f"ssl_{whose}_{part}" for whose in "cf" for part in [
        "version", "serial,hex", "der,hex", "sha1,hex", "s_dn", "i_dn", "s_dn(CN)", "i_dn(CN)", "notbefore",
        "notafter", "sig_alg", "key_alg",
    ]),
    "ssl_c_s_dn(OU)", "ssl_c_s_dn(OU,1)", "ssl_c_s_dn(OU,2)", "ssl_c_s_dn(OU,3)", "ssl_c_s_dn(OU,-1)", "ssl_c_s_dn(OU,-2)",
    "ssl_c_s_dn(OU,-3)", "ssl_c_s_dn(O)", "ssl_c_s_dn(1.2.3.4.5)", "ssl_c_s_dn(C),lower", "ssl_c_s_dn(XX)",
    "ssl_c_s_dn(,0,rfc2253)", "ssl_c_s_dn(CN,1,rfc2253)", "ssl_c_i_dn(,0,rfc2253)",
]  # fmt: skip

TEXT = f"""
defaults
    mode http
    timeout client 5s
    timeout connect 5s
    timeout server 5s
frontend f
    bind "127.0.0.1:${{HTTPS}}" ssl crt "${{DIR}}/site.pem" ca-file "${{DIR}}/ca.pem" verify optional crt-ignore-err all ca-ignore-err all ciphersuites TLS_AES_256_GCM_SHA384
    bind "127.0.0.1:${{HTTP}}"
    http-request return status 200 content-type text/plain lf-string "{"|".join(f"%[{each}]" for each in EXPRESSIONS)}" if {{ path / }}
    http-request deny deny_status 403 if {{ path /members }} !{{ ssl_c_used }}
    http-request deny deny_status 401 if {{ path /members }} !{{ ssl_c_verify 0 }}
    http-request deny deny_status 410 if {{ path /members }} !{{ ssl_c_s_dn(CN) -m str rich plain }}
    http-request set-header X-SSL-Client-DN %[ssl_c_s_dn]
    http-request set-header X-Session %[ssl_fc_session_id,hex,length]
    default_backend b
backend b
    server s "127.0.0.1:${{A}}"
"""


@pytest.fixture
def pair(twins):
    site = SITES.issue("site", ["a.test"], organisation="Sites")
    files = {"site.pem": site.certificate + site.key, "ca.pem": AUTHORITY.certificate}
    return twins(TEXT, ports=["HTTPS", "HTTP"], servers={"A": echo}, files=files)


def tls(tmp_path, shown: str | None, version: str) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    made.minimum_version = made.maximum_version = ssl.TLSVersion[version]
    # A cipher of one key size, whatever both sides would like best.
    made.set_ciphers("ECDHE-ECDSA-AES256-GCM-SHA384")
    if shown:
        path = tmp_path / f"{shown}.pem"
        path.write_bytes(SHOWN[shown].certificate + SHOWN[shown].key)
        made.load_cert_chain(path)
    return made


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
@pytest.mark.parametrize("shown", [None, *SHOWN])
def test_what_a_certificate_says(pair, tmp_path, shown, version):
    context = tls(tmp_path, shown, version)

    def said(side) -> dict[str, str]:
        with Client(side.ports["HTTPS"], tls=context, server_name="a.test") as client:
            values = client.request("/").body.decode("latin-1").split("|")
        assert len(values) == len(EXPRESSIONS)
        return dict(zip(EXPRESSIONS, values))

    theirs, ours = said(pair.haproxy), said(pair.sluice)
    assert {name: (value, ours[name]) for name, value in theirs.items() if value != ours[name]} == {}
    found = ours
    assert found["ssl_c_used"] == ("1" if shown else "0")
    assert found["ssl_f_s_dn(CN)"] == "site"
    if shown == "rich":
        assert found["ssl_c_s_dn(OU,2)"] == "two" and found["ssl_c_s_dn"].startswith("/C=FR/O=Gr")
        assert found["ssl_c_notbefore"] == "200203040506Z" and found["ssl_c_notafter"] == "550101000000Z"


@pytest.mark.parametrize(("shown", "status"), [(None, 403), ("stranger", 401), ("plain", 200), ("rich", 200)])
def test_rules_decide_by_it_and_servers_are_told(pair, tmp_path, shown, status):
    context = tls(tmp_path, shown, "TLSv1_3")

    def told(side):
        with Client(side.ports["HTTPS"], tls=context, server_name="a.test") as client:
            answer = client.request("/members")
        heard = [(request.get("x-ssl-client-dn"), request.get("x-session")) for request in side.backends["A"].requests]
        return answer.status, heard

    heard = [(NAMES[shown].encode().decode("latin-1"), "64")] if status == 200 else []
    assert pair.agree(told) == (status, heard)


def test_without_tls_there_is_nothing(pair):
    def said(side):
        return side.get().body

    assert set(pair.agree(said).decode().split("|")) <= {"", "0"}
