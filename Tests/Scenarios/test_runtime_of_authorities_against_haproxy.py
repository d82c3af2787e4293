"""Files of authorities and of revocations that are shown and replaced at run time, as Debian's haproxy has it."""

from __future__ import annotations

import base64
import datetime
import re
import socket
import ssl
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from harness.chains import chained
from harness.runtime import said
from harness.twins import HAPROXY, LOGGED, Twins
from harness.waiting import wait_everywhere, wait_until
from simulator.pki import Authority, Pair

FIRST, SECOND = Authority("first"), Authority("second")
SITE = FIRST.issue("site", ["site.test"])
# Clients of either authority.
OLD, NEW = FIRST.issue("old", []), SECOND.issue("new", [])

TEXT = (
    """
global
    stats socket "${DIR}/admin.sock" mode 600 level admin
    stats socket "${DIR}/operator.sock" level operator
    stats timeout 20s
"""
    + LOGGED.replace("timeout client 5s", "timeout client 60s")
    + """frontend f
    bind "127.0.0.1:${HTTPS}" ssl crt "${DIR}/site.pem" ca-file "${DIR}/ca.pem" crl-file "${DIR}/crl.pem" verify required
    http-request return status 200
"""
)

SERVED = """
global
    stats socket "${DIR}/admin.sock" mode 600 level admin
    stats timeout 20s
""" + LOGGED + """frontend f
    bind "127.0.0.1:${HTTP}"
    default_backend b
backend b
    server s "127.0.0.1:${TLS}" ssl verify required ca-file "${DIR}/ca.pem" sni str(site.test)
"""  # fmt: skip


STAPLING = TEXT.replace("${DIR}/site.pem", "${STAPLE}").replace("verify required", "verify none")


def answered(pair: Pair, *, hours: float, issuer: Authority = FIRST) -> bytes:
    """What an authority says of a certificate, in DER."""
    now = datetime.datetime.utcnow().replace(microsecond=0)
    parent = x509.load_pem_x509_certificate(issuer.certificate)
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=x509.load_pem_x509_certificate(pair.certificate), issuer=parent, algorithm=hashes.SHA1(),
        cert_status=ocsp.OCSPCertStatus.GOOD, this_update=now - datetime.timedelta(hours=2),
        next_update=now + datetime.timedelta(hours=hours), revocation_time=None, revocation_reason=None,
    ).responder_id(ocsp.OCSPResponderEncoding.HASH, parent).certificates([parent])  # fmt: skip
    return builder.sign(issuer._key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@pytest.fixture
def started(tmp_path):
    if not HAPROXY:
        pytest.skip("haproxy is not installed")
    running: list[Twins] = []

    def start(text: str, **settings) -> Twins:
        (tmp_path / "staple.pem").write_bytes(SITE.certificate + FIRST.certificate + SITE.key)
        (tmp_path / "staple.pem.ocsp").write_bytes(answered(SITE, hours=1))
        files = {
            "site.pem": (SITE.certificate + SITE.key).decode(), "ca.pem": FIRST.certificate.decode(),
            "crl.pem": FIRST.revocations().decode(),
        }  # fmt: skip
        running.append(Twins(tmp_path, text, files=files, **settings))
        return running[-1]

    yield start
    for twins in running:
        died = [side.name for side in twins.sides if side.process.poll() is not None]
        twins.close()
        assert died == [], "ended on its own"


def payload(*parts: bytes) -> str:
    return "<<\n" + re.sub(r"\n+", "\n", b"".join(parts).decode()).rstrip("\n") + "\n"


def told(side, line: str) -> str:
    # The authorities of the system are known to haproxy whether somebody uses them or not, and what is not there yet has no end line.
    return re.sub(r"@system-ca - .*\n", "", said(side, line + "\n"))


def credentials(folder: Path, pair: Pair) -> ssl.SSLContext:
    path = folder / "client.pem"
    path.write_bytes(pair.certificate + pair.key)
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    made.load_cert_chain(path)
    return made


def connected(side, context: ssl.SSLContext) -> ssl.SSLSocket:
    plain = socket.create_connection(("127.0.0.1", side.ports["HTTPS"]), 20)
    try:
        return context.wrap_socket(plain, server_hostname="site.test")
    except BaseException:
        plain.close()
        raise


def asks(client: ssl.SSLSocket) -> bool:
    """Whether a request is answered."""
    client.sendall(b"GET / HTTP/1.1\r\nHost: site.test\r\n\r\n")
    answer = b""
    while b"\r\n\r\n" not in answer:
        chunk = client.recv(4096)
        if not chunk:
            return False
        answer += chunk
    return answer.startswith(b"HTTP/1.1 200")


def is_let_in(side, context: ssl.SSLContext) -> bool:
    try:
        with connected(side, context) as client:
            return asks(client)
    except (ssl.SSLError, ConnectionError):
        return False


def test_authorities_are_shown_and_changed(started):
    pair = started(TEXT, ports=["HTTPS"])
    own, both = payload(FIRST.certificate), payload(FIRST.certificate, SECOND.certificate)

    def script(side):
        steps = [
            "show ssl ca-file", "show ssl ca-file DIR/ca.pem", "show ssl ca-file DIR/ca.pem:1", "show ssl ca-file nope",
            "show ssl ca-file *DIR/ca.pem", "set ssl ca-file", "set ssl ca-file DIR/ca.pem", f"set ssl ca-file nope {own}",
            "set ssl ca-file DIR/ca.pem <<\njunk\n", "commit ssl ca-file", "commit ssl ca-file DIR/ca.pem", "abort ssl ca-file",
            "abort ssl ca-file DIR/ca.pem", f"set ssl ca-file DIR/ca.pem {own}", f"set ssl ca-file DIR/ca.pem {both}",
            "show ssl ca-file", "show ssl ca-file *DIR/ca.pem", "show ssl ca-file *DIR/ca.pem:2", "commit ssl ca-file nope",
            "abort ssl ca-file nope", "abort ssl ca-file DIR/ca.pem", f"set ssl ca-file DIR/ca.pem {both}",
            "commit ssl ca-file DIR/ca.pem", "show ssl ca-file", "show ssl ca-file DIR/ca.pem", "new ssl ca-file",
            "new ssl ca-file DIR/ca.pem", "new ssl ca-file fresh", "new ssl ca-file fresh", "show ssl ca-file",
            f"set ssl ca-file fresh {own}", "show ssl ca-file", "commit ssl ca-file fresh", "show ssl ca-file fresh",
            "del ssl ca-file", "del ssl ca-file nope", "del ssl ca-file DIR/ca.pem", "del ssl ca-file fresh", "show ssl ca-file",
        ]  # fmt: skip
        return [(step, told(side, step)) for step in steps]

    pair.agree(script)


def test_revocations_are_shown_and_changed(started):
    pair = started(TEXT, ports=["HTTPS"])
    one = payload(FIRST.revocations(OLD))

    def script(side):
        steps = [
            "show ssl crl-file", "show ssl crl-file nope", "show ssl crl-file DIR/crl.pem", "show ssl crl-file DIR/crl.pem:1",
            "show ssl crl-file DIR/crl.pem:3", "set ssl crl-file", f"set ssl crl-file nope {one}",
            "set ssl crl-file DIR/crl.pem <<\njunk\n", f"set ssl crl-file DIR/crl.pem {one}", "show ssl crl-file",
            "show ssl crl-file *DIR/crl.pem", "abort ssl crl-file DIR/crl.pem", f"set ssl crl-file DIR/crl.pem {one}",
            "commit ssl crl-file DIR/crl.pem", "show ssl crl-file DIR/crl.pem", "commit ssl crl-file DIR/crl.pem",
            "commit ssl crl-file", "abort ssl crl-file x", "new ssl crl-file", "new ssl crl-file c", "new ssl crl-file c",
            "show ssl crl-file", "show ssl crl-file c", "del ssl crl-file c", "del ssl crl-file c", "del ssl crl-file DIR/crl.pem",
            "del ssl crl-file",
        ]  # fmt: skip
        # Times of day and space around numbers are of the list, which both have read.
        return [(step, told(side, step)) for step in steps]

    pair.agree(script)


def test_keys_of_tickets_are_none_that_files_hold(started):
    pair = started(TEXT, ports=["HTTPS"])
    steps = ["show tls-keys", "show tls-keys x", "show tls-keys *", "set ssl tls-key", "set ssl tls-key x", "set ssl tls-key x y"]
    pair.agree(lambda side: [(step, told(side, step)) for step in steps])


def test_who_is_let_in_changes_with_the_next_handshake(started, tmp_path):
    pair = started(TEXT, ports=["HTTPS"])
    (old, new) = (credentials(tmp_path, one) for one in (OLD, NEW))
    lists = payload(FIRST.revocations(), SECOND.revocations())

    def script(side):
        assert is_let_in(side, old) and not is_let_in(side, new)
        with connected(side, old) as client:
            assert asks(client)
            told(side, "set ssl ca-file DIR/ca.pem " + payload(SECOND.certificate))
            assert is_let_in(side, old) and not is_let_in(side, new), "nothing has changed yet"
            told(side, "commit ssl ca-file DIR/ca.pem")
            told(side, f"set ssl crl-file DIR/crl.pem {lists}")
            told(side, "commit ssl crl-file DIR/crl.pem")
            wait_everywhere(lambda: is_let_in(side, new), f"{side.name} lets the new one in")
            wait_everywhere(lambda: not is_let_in(side, old), f"{side.name} does not let the old one in")
            assert asks(client), "who was there stays"
        return "done"

    pair.agree(script)
    # What the files say holds again when they are read.
    pair.sluice.process.send_signal(1)
    wait_everywhere(lambda: is_let_in(pair.sluice, old), "the old one is let in again")
    wait_everywhere(lambda: not is_let_in(pair.sluice, new), "the new one is not")


def test_a_certificate_is_revoked_while_the_process_runs(started, tmp_path):
    pair = started(TEXT, ports=["HTTPS"])
    old = credentials(tmp_path, OLD)

    def script(side):
        assert is_let_in(side, old)
        told(side, "set ssl crl-file DIR/crl.pem " + payload(FIRST.revocations(OLD)))
        told(side, "commit ssl crl-file DIR/crl.pem")
        wait_everywhere(lambda: not is_let_in(side, old), f"{side.name} does not let it in")
        return "done"

    pair.agree(script)


def test_servers_are_believed_by_what_was_put_in_the_place_of_a_file(started, tmp_path):
    server = chained(tmp_path, "site", SECOND.issue("site", ["site.test"]))
    port = server.endpoint.rsplit(":", 1)[1]
    try:
        # haproxy 2.6 changes nothing for servers that are shown no certificate.
        side = started(SERVED.replace("${TLS}", port), ports=["HTTP"]).sluice
        assert side.get().status == 503
        told(side, "set ssl ca-file DIR/ca.pem " + payload(SECOND.certificate))
        assert side.get().status == 503, "nothing has changed yet"
        assert "Success!" in told(side, "commit ssl ca-file DIR/ca.pem")
        wait_everywhere(lambda: side.get().status == 200, "it is believed")
        assert "Status: Used" in told(side, "show ssl ca-file DIR/ca.pem")
    finally:
        server.close()


def test_certificates_are_added_to_a_file(started, tmp_path):
    """HAProxy has the command since 2.8."""
    side = started(TEXT.replace(' crl-file "${DIR}/crl.pem"', ""), ports=["HTTPS"]).sluice
    (old, new) = (credentials(tmp_path, one) for one in (OLD, NEW))
    assert told(side, "add ssl ca-file").startswith("'add ssl ca-file expects a filename and CAs as a payload")
    assert "Invalid payload" in told(side, "add ssl ca-file DIR/ca.pem <<\njunk\n")
    assert told(side, "add ssl ca-file DIR/ca.pem " + payload(SECOND.certificate)).startswith("transaction created for CA DIR/ca.pem!")
    assert not is_let_in(side, new)
    assert "Success!" in told(side, "commit ssl ca-file DIR/ca.pem")
    wait_everywhere(lambda: is_let_in(side, new) and is_let_in(side, old), "both are let in")
    wait_until(lambda: "2 certificate(s)" in told(side, "show ssl ca-file"), "both are shown")


def test_only_administrators_change_files(started):
    side = started(TEXT, ports=["HTTPS"]).sluice
    for line in ["set ssl ca-file DIR/ca.pem", "new ssl crl-file a", "commit ssl ca-file DIR/ca.pem", "del ssl ca-file a"]:
        assert said(side, line + "\n", "operator").splitlines()[0] == "Permission denied"


def test_responses_of_ocsp_are_shown(started, tmp_path):
    pair = started(STAPLING.replace("${STAPLE}", f"{tmp_path}/staple.pem"), ports=["HTTPS"])

    def script(side):
        listed = told(side, "show ssl ocsp-response")
        facts = re.findall(r"(Certificate ID key|Issuer Name Hash|Issuer Key Hash|Serial Number) ?: (\w+)", listed)
        assert len(facts) == 4, f"{side.name}: {listed}"
        detail = told(side, f"show ssl ocsp-response {facts[0][1]}")
        return facts, [line.strip() for line in detail.splitlines() if line.strip()]

    facts, detail = pair.agree(script)
    assert detail[0] == "OCSP Response Data:"
    side, key = pair.sluice, facts[0][1]
    response = (tmp_path / "staple.pem.ocsp").read_bytes()
    for name in (key, f"{tmp_path}/staple.pem"):
        assert told(side, f"show ssl ocsp-response base64 {name}").strip() == base64.b64encode(response).decode()


def test_responses_of_ocsp_are_replaced(started, tmp_path):
    pair = started(STAPLING.replace("${STAPLE}", f"{tmp_path}/staple.pem"), ports=["HTTPS"])

    def until(side) -> str:
        """When the stapled response ends."""
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{side.ports['HTTPS']}", "-status"]
        found = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
        match = re.search(r"Next Update: (.*)", found.stdout)
        return match[1] if match else "none"

    def encoded(response: bytes) -> str:
        return base64.b64encode(response).decode()

    response = answered(SITE, hours=5)
    # Each signature is another one.
    stranger = encoded(answered(SECOND.issue("other", ["other.test"]), hours=1, issuer=SECOND))

    def script(side):
        before = until(side)
        assert before != "none"
        steps = [
            "set ssl ocsp-response", "set ssl ocsp-response %%%%", "set ssl ocsp-response AAAA",
            f"set ssl ocsp-response {stranger}",
        ]  # fmt: skip
        found = [(step, told(side, step)) for step in steps]
        assert until(side) == before, "nothing has changed"
        found.append(told(side, "set ssl ocsp-response " + encoded(response)))
        wait_everywhere(lambda: until(side) not in (before, "none"), f"{side.name} shows the new one")
        return found

    pair.agree(script)
    side = pair.sluice
    lines = "\n".join(re.findall(".{1,64}", encoded(answered(SITE, hours=9))))
    before = until(side)
    assert told(side, f"set ssl ocsp-response <<\n{lines}\n").startswith("OCSP Response updated!")
    wait_everywhere(lambda: until(side) not in (before, "none"), "one that came as a payload is shown")
