"""TLS of `bind` lines: certificates, lists of them, versions and certificates of clients, here and in this machine's haproxy."""

from __future__ import annotations

import datetime
import itertools
import socket
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from harness.client import Client
from harness.twins import HAPROXY, echo, verdicts
from simulator.pki import Authority, Pair

pytestmark = pytest.mark.sanitizer

DEFAULTS = """
defaults
    mode http
    timeout client 5s
    timeout connect 5s
    timeout server 5s
"""
SERVER = 'backend b\n    server s "127.0.0.1:${A}"\n'
AUTHORITY, STRANGER = Authority("clients"), Authority("stranger")
SITES = Authority("sites")


def expired() -> Pair:
    """A client's certificate that was good until yesterday."""
    pair = AUTHORITY.issue("expired", [])
    old = x509.load_pem_x509_certificate(pair.certificate)
    now = datetime.datetime.utcnow()
    made = x509.CertificateBuilder(
        subject_name=old.subject, issuer_name=old.issuer, public_key=old.public_key(), serial_number=77,
        not_valid_before=now - datetime.timedelta(days=9), not_valid_after=now - datetime.timedelta(days=1),
    ).sign(AUTHORITY._key, hashes.SHA256())  # fmt: skip
    return Pair(made.public_bytes(serialization.Encoding.PEM), pair.key)


SHOWN = {
    "good": AUTHORITY.issue("good", []), "stranger": STRANGER.issue("stranger", []),
    "revoked": AUTHORITY.issue("revoked", []), "expired": expired(),
}  # fmt: skip
FILES = {
    "default.pem": SITES.issue("default", ["default.test"]), "shop.pem": SITES.issue("shop", ["shop.test", "*.shop.test"]),
    "other.pem": SITES.issue("other", ["other.test"]), "both.pem.ecdsa": SITES.issue("both-ec", ["both.test"]),
    "both.pem.rsa": SITES.issue("both-rsa", ["both.test"], use_rsa=True),
}  # fmt: skip
FILES = {name: pair.certificate + pair.key for name, pair in FILES.items()}
FILES |= {"ca.pem": AUTHORITY.certificate, "crl.pem": AUTHORITY.revocations(SHOWN["revoked"]), "empty.crl": AUTHORITY.revocations()}


def context(tmp: Path, shown: str | None, *, version: str | None = None, ciphers: str | None = None,
            alpn: list[str] | None = None) -> ssl.SSLContext:  # fmt: skip
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    if shown:
        path = tmp / f"{shown}.pem"
        path.write_bytes(SHOWN[shown].certificate + SHOWN[shown].key)
        made.load_cert_chain(path)
    if version:
        made.minimum_version = made.maximum_version = ssl.TLSVersion[version]
    if ciphers:
        made.set_ciphers(ciphers)
    made.set_alpn_protocols(alpn or [])
    return made


def seen(side, tls: ssl.SSLContext, name: str | None, *, port: str = "HTTPS"):
    """What a client gets: whose certificate, which version, cipher of 1.2 and protocol, and the answer; or nothing."""
    try:
        with Client(side.ports[port], tls=tls, server_name=name) as client:
            served = x509.load_der_x509_certificate(client.socket.getpeercert(binary_form=True)).subject.rfc4514_string()
            version, alpn = client.socket.version(), client.socket.selected_alpn_protocol()
            cipher = client.socket.cipher()[0] if version == "TLSv1.2" else None
            return served, version, cipher, alpn, client.request("/", host=name or "a.test").status
    except (OSError, EOFError, AssertionError):
        return None


@pytest.fixture
def listening(twins):
    def start(bind: str, **files: str):
        text = DEFAULTS + f'frontend f\n    bind "127.0.0.1:${{HTTPS}}" ssl {bind}\n'
        text += '    bind "127.0.0.1:${OPEN}" ssl crt "${DIR}/default.pem"\n    bind "127.0.0.1:${HTTP}"\n    default_backend b\n'
        lists = {name.replace("_", "."): content for name, content in files.items()}
        return twins(text + SERVER, ports=["HTTPS", "OPEN", "HTTP"], servers={"A": echo}, files=FILES | lists)

    return start


CRT = 'crt "${DIR}/default.pem"'
CA = 'ca-file "${DIR}/ca.pem"'
EVERYBODY = [None, *SHOWN]


ORDERS = ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"]


@pytest.mark.parametrize("words", ["", "prefer-client-ciphers"])
def test_whose_order_of_ciphers_counts(listening, tmp_path, words):
    pair = listening(f"{CRT} ciphers {':'.join(ORDERS)} {words}")

    def script(side):
        orders = [":".join(order) for order in (ORDERS, ORDERS[::-1])]
        return [seen(side, context(tmp_path, None, version="TLSv1_2", ciphers=order), None)[2] for order in orders]

    assert pair.agree(script) == (ORDERS if words else ORDERS[:1] * 2)


@pytest.mark.parametrize(
    ("bind", "welcome"),
    [
        (f"{CRT} verify required {CA}", {"good", "revoked"}),
        (f"{CRT} {CA} verify optional", {None, "good", "revoked"}),
        (f"{CRT} {CA} verify none", set(EVERYBODY)),
        (f'{CRT} verify required {CA} crl-file "${{DIR}}/crl.pem"', {"good"}),
        (f'{CRT} verify optional {CA} crl-file "${{DIR}}/crl.pem" crt-ignore-err 23', {None, "good", "revoked"}),
        (f"{CRT} verify required {CA} crt-ignore-err 10", {"good", "revoked", "expired"}),
        (f"{CRT} verify required {CA} crt-ignore-err all", {"good", "revoked", "expired", "stranger"}),
        (f"{CRT} verify required {CA} ca-ignore-err all", {"good", "revoked"}),
        (f"{CRT} verify optional {CA} ca-ignore-err all crt-ignore-err all", set(EVERYBODY)),
    ],
)
@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_a_bind_demands_certificates(listening, tmp_path, bind, welcome, version):
    pair = listening(bind)

    def let_in(side):
        return {shown for shown in EVERYBODY if seen(side, context(tmp_path, shown, version=version), "shop.test")}

    assert pair.agree(let_in) == welcome


def test_the_demand_is_that_binds_alone(listening, tmp_path):
    pair = listening(f"{CRT} verify required {CA}")
    tls = context(tmp_path, None)
    assert pair.agree(lambda side: seen(side, tls, "a.test") is None)
    assert pair.agree(lambda side: (seen(side, tls, "a.test", port="OPEN") or [None])[-1]) == 200
    assert pair.agree(lambda side: side.get().status) == 200


LIST = """
# the first one is served to whom no other is
{dir}/default.pem
{dir}/shop.pem [ssl-min-ver TLSv1.3 verify none] shop.test *.shop.test !old.shop.test
  {dir}/other.pem   [ alpn http/1.1  ciphers ECDHE-ECDSA-AES256-GCM-SHA384]   other.test

{dir}/shop.pem [verify required ca-file {dir}/ca.pem] members.test
{dir}/other.pem *
"""
NAMES = [None, "default.test", "shop.test", "a.shop.test", "old.shop.test", "b.a.shop.test", "other.test", "members.test", "x.test"]


def test_a_list_has_certificates_names_and_options(twins, tmp_path):
    text = DEFAULTS + 'frontend f\n    bind "127.0.0.1:${HTTPS}" ssl crt-list "${DIR}/list.txt" alpn h2,http/1.1\n    default_backend b\n'
    # Paths in a list are not expanded: both read the same files.
    here = tmp_path / "certificates"
    here.mkdir()
    for name, content in FILES.items():
        (here / name).write_bytes(content)
    pair = twins(text + SERVER, ports=["HTTPS"], servers={"A": echo}, files={"list.txt": LIST.format(dir=here)})
    clients = [
        context(tmp_path, shown, version=version, alpn=["http/1.1"])
        for version, shown in itertools.product(["TLSv1_2", "TLSv1_3"], [None, "good"])
    ]

    def told(side):
        found = {name: [seen(side, tls, name) for tls in clients] for name in NAMES}
        # Which cipher is preferred where none is named is each program's own.
        return {name: [one and one[:2] + (one[2] if name == "other.test" else None,) + one[3:] for one in seen_by]
                for name, seen_by in found.items()}  # fmt: skip

    pair.agree(told)


def test_a_list_lifts_what_its_bind_demands(twins, tmp_path):
    text = DEFAULTS + 'frontend f\n    bind "127.0.0.1:${HTTPS}" ssl crt-list "${DIR}/list.txt" verify required ca-file "${DIR}/ca.pem"\n'
    here = tmp_path / "certificates"
    here.mkdir()
    for name, content in FILES.items():
        (here / name).write_bytes(content)
    listed = f"{here}/default.pem\n{here}/shop.pem [verify none] shop.test\n{here}/other.pem [verify optional]\n"
    files = {"list.txt": listed, "ca.pem": AUTHORITY.certificate}
    pair = twins(text + "    default_backend b\n" + SERVER, ports=["HTTPS"], servers={"A": echo}, files=files)

    def let_in(side):
        return {
            (name, shown)
            for name in ["default.test", "shop.test", "other.test"]
            for shown in [None, "good", "stranger"]
            if seen(side, context(tmp_path, shown), name)
        }

    assert pair.agree(let_in) == {
        ("default.test", "good"), ("other.test", None), ("other.test", "good"),
        ("shop.test", None), ("shop.test", "good"), ("shop.test", "stranger"),
    }  # fmt: skip


def test_both_kinds_of_key_beside_each_other(listening, tmp_path):
    pair = listening('crt "${DIR}/both.pem"')
    kinds = ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"]
    clients = [context(tmp_path, None, version="TLSv1_2", ciphers=kind) for kind in kinds]
    found = pair.agree(lambda side: [seen(side, tls, "both.test")[0] for tls in clients])
    assert found == ["CN=both-ec", "CN=both-rsa"]


@pytest.mark.parametrize(
    ("bind", "isGood"),
    [
        (f"{CRT} verify required", False), (f"{CRT} verify optional", False), (f"{CRT} verify none", True),
        (f"{CRT} verify maybe {CA}", False), (f'{CRT} verify required ca-file "${{DIR}}/none.pem"', False),
        (f"{CRT} verify required {CA} crt-ignore-err 10,20", True), ('crt-list "${DIR}/none.txt"', False),
        ('crt-list "${DIR}/broken.txt"', False), ('crt-list "${DIR}/unknown.txt"', False),
        ('crt-list "${DIR}/empty.txt"', False),
    ],
)  # fmt: skip
@pytest.mark.skipif(not HAPROXY, reason="haproxy is not installed")
def test_the_same_binds_are_refused(tmp_path, bind, isGood):
    files = {
        "default.pem": FILES["default.pem"].decode(), "ca.pem": FILES["ca.pem"].decode(),
        "broken.txt": f"{tmp_path}/none.pem\n", "unknown.txt": f"{tmp_path}/default.pem [colour blue] a.test\n",
        "empty.txt": "# nothing\n",
    }  # fmt: skip
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    text = DEFAULTS + f"frontend f\n    bind 127.0.0.1:0 ssl {bind}\n    default_backend b\nbackend b\n    server s 127.0.0.1:1\n"
    found = verdicts(tmp_path, text.replace("bind 127.0.0.1:0", "bind 127.0.0.1:1").replace("${DIR}", str(tmp_path)))
    assert {name: verdict[0] for name, verdict in found.items()} == {"haproxy": isGood, "sluice": isGood}


@pytest.mark.parametrize(("bind", "has_ticket"), [(CRT, True), (f"{CRT} no-tls-tickets", False)])
def test_a_bind_gives_no_tickets(listening, tmp_path, bind, has_ticket):
    pair = listening(bind)
    tls = context(tmp_path, None, version="TLSv1_2")

    def session(side, known=None):
        with socket.create_connection(("127.0.0.1", side.ports["HTTPS"]), 15) as plain:
            with tls.wrap_socket(plain, server_hostname="a.test", session=known) as client:
                return client.session, client.session_reused

    assert pair.agree(lambda side: session(side)[0].has_ticket) is has_ticket
    # Nothing but tickets keeps sessions here.
    assert session(pair.sluice, session(pair.sluice)[0])[1] is has_ticket


@pytest.mark.parametrize(("bind", "is_resumed"), [(CRT, True), (f"{CRT} no-tls-tickets", False)])
def test_a_bind_without_tickets_resumes_nothing_of_1_3(listening, tmp_path, bind, is_resumed):
    pair = listening(bind)
    tls = context(tmp_path, None, version="TLSv1_3")

    def session(known=None):
        with socket.create_connection(("127.0.0.1", pair.sluice.ports["HTTPS"]), 15) as plain:
            with tls.wrap_socket(plain, server_hostname="a.test", session=known) as client:
                client.sendall(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
                assert client.recv(9) == b"HTTP/1.1 "
                return client.session, client.session_reused

    first, _ = session()
    assert first.has_ticket is is_resumed
    assert session(first)[1] is is_resumed


FACTS = [
    "ssl_c_used", "ssl_c_verify", "ssl_c_version", "ssl_c_serial,hex", "ssl_c_sha1,hex", "ssl_c_der,hex", "ssl_c_notbefore", "ssl_c_notafter",
    "ssl_c_sig_alg", "ssl_c_key_alg", "ssl_c_s_dn", "ssl_c_i_dn", "ssl_c_s_dn(cn)", "ssl_c_s_dn(CN,1)", "ssl_c_s_dn(CN,-1)", "ssl_c_s_dn(CN,2)",
    "ssl_c_i_dn(CN)", "ssl_c_s_dn(O)", "ssl_fc_alg_keysize", "ssl_fc_use_keysize", "ssl_fc_session_id,hex,length",
]  # fmt: skip


CIPHERS = "ciphers ECDHE-ECDSA-AES256-GCM-SHA384 ciphersuites TLS_AES_256_GCM_SHA384"


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_samples_say_what_clients_have_shown(twins, tmp_path, version):
    fields = "".join(f"    http-request set-header X-{i} <%[{fact}]>\n" for i, fact in enumerate(FACTS))
    text = DEFAULTS + f"""frontend f
    bind "127.0.0.1:${{HTTPS}}" ssl {CRT} {CA} verify optional ca-ignore-err all crt-ignore-err all {CIPHERS}
    bind "127.0.0.1:${{HTTP}}"
    tcp-request session reject if {{ ssl_c_s_dn(CN) nobody }}
{fields}    http-request deny if {{ ssl_c_used }} {{ ssl_c_s_dn(CN) -m beg rev }}
    default_backend b
"""
    pair = twins(text + SERVER, ports=["HTTPS", "HTTP"], servers={"A": echo}, files=FILES)

    def script(side):
        got = [said(side.exchange())]
        for shown in EVERYBODY:
            with Client(side.ports["HTTPS"], tls=context(tmp_path, shown, version=version), server_name="a.test") as client:
                got.append((shown, said(client.request("/", host="a.test"))))
        return got

    pair.agree(script)


def said(answer):
    """What the server was told."""
    return answer.status, sorted(line for line in answer.body.decode().splitlines() if line.startswith("x-"))
