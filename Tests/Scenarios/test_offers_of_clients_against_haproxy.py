"""What TLS clients offer in their first message, as expressions read it here and in this machine's haproxy."""

from __future__ import annotations

import re
import socket
import ssl

import pytest
from harness.client import Client
from harness.sluice import Sluice, free_port
from harness.syslog import Syslog
from harness.waiting import wait_until
from simulator.pki import Authority

pytestmark = pytest.mark.sanitizer

SITE = Authority("sites").issue("site", ["a.test"])
PARTS = [
    "ssl_fc_protocol_hello_id", "ssl_fc_cipherlist_xxh", "ssl_fc_cipherlist_str", "ssl_fc_cipherlist_hex", "ssl_fc_cipherlist_hex(1)",
    "ssl_fc_cipherlist_bin,hex", "ssl_fc_cipherlist_bin(1),be2dec(-,2)", "ssl_fc_extlist_bin(1),be2dec(-,2)", "ssl_fc_extlist_bin,hex",
    "ssl_fc_eclist_bin(1),be2dec(-,2)", "ssl_fc_ecformats_bin,be2dec(-,1)", "ssl_fc_protocol,length",
]  # fmt: skip
NEWER = ["ssl_fc_supported_versions_bin,hex", "ssl_fc_sigalgs_bin,hex,length", "ssl_fc_curve", "ssl_c_verify,x509_v_err_str", "int(10),x509_v_err_str"]


LEFT = [
    "ssl_fc_curve", "ssl_fc_unique_id,hex", "ssl_fc_client_random,hex", "ssl_fc_server_random,hex", "ssl_fc_session_id,hex",
    "ssl_fc_cipher", "ssl_fc_protocol", "ssl_fc_alg_keysize", "ssl_fc_is_resumed", "ssl_fc_alpn", "ssl_fc_sni", "ssl_c_chain_der,hex",
    "ssl_c_r_dn", "ssl_c_s_dn", "ssl_f_serial,hex", "ssl_c_verify", "ssl_fc_cipherlist_str", "ssl_fc_extlist_bin,hex",
]  # fmt: skip


def text(room: int, parts: list[str], port: str) -> str:
    return f"""
global
    tune.ssl.capture-buffer-size {room}
defaults
    mode http
    timeout client 5s
    timeout connect 5s
    timeout server 5s
frontend f
    bind "127.0.0.1:${{{port}}}" ssl crt "${{DIR}}/site.pem"
    http-request return status 200 content-type text/plain lf-string "{"|".join(f"%[{each}]" for each in parts)}"
"""


def said(port: int, parts: list[str], version: str) -> dict[str, str]:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    made.maximum_version = ssl.TLSVersion[version]
    with Client(port, tls=made, server_name="a.test") as client:
        values = client.request("/").body.decode("latin-1").split("|")
    assert len(values) == len(parts)
    return dict(zip(parts, values))


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
@pytest.mark.parametrize("room", [0, 20, 100, 1000])
def test_what_a_client_offers(twins, room, version):
    pair = twins(text(room, PARTS, "HTTPS"), ports=["HTTPS"], files={"site.pem": SITE.certificate + SITE.key})
    found = pair.agree(lambda side: said(side.ports["HTTPS"], PARTS, version))
    assert found["ssl_fc_protocol_hello_id"] == ("771" if room else "")
    assert (found["ssl_fc_extlist_bin,hex"] != "") == (room >= 100)


def test_what_newer_versions_of_haproxy_know(tmp_path):
    (tmp_path / "site.pem").write_bytes(SITE.certificate + SITE.key)
    (tmp_path / "proxy.cfg").write_text(text(500, NEWER, "HTTPS"))
    port = free_port()
    proxy = Sluice(
        tmp_path / "run", "proxy", "-f", str(tmp_path / "proxy.cfg"), HTTPS=str(port), DIR=str(tmp_path)
    )
    try:
        proxy.wait_ready()
        found = said(port, NEWER, "TLSv1_3")
        assert found["ssl_fc_supported_versions_bin,hex"].startswith("03040303") and found["ssl_fc_curve"] == "X25519"
        assert int(found["ssl_fc_sigalgs_bin,hex,length"]) > 16
        assert found["ssl_c_verify,x509_v_err_str"] == "X509_V_OK"
        assert found["int(10),x509_v_err_str"] == "X509_V_ERR_CERT_HAS_EXPIRED"
        assert said(port, NEWER, "TLSv1_2")["ssl_fc_supported_versions_bin,hex"] == ""
        assert proxy.is_running
    finally:
        print(proxy.log)
        proxy.stop()


PASSING = """
global
    log stdout format raw local0
defaults
    mode tcp
    log global
    timeout client 5s
    timeout connect 5s
    timeout server 5s
frontend f
    bind "127.0.0.1:${TCP}"
    tcp-request inspect-delay 15s
"""


def passing(parts: list[str]) -> str:
    """A frontend that looks at what passes, says it in a line and refuses it."""
    lines = [f"    tcp-request content set-var(sess.v{i}) {part} if {{ req.ssl_hello_type 1 }}\n" for i, part in enumerate(parts)]
    shown = " ".join(f"[%[var(sess.v{i})]]" for i in range(len(parts)))
    return f'{PASSING}    log-format "{shown} |"\n' + "".join(lines) + "    tcp-request content reject\n"


def says(port: int, first: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), 15) as client:
        client.sendall(first)
        try:
            assert client.recv(1) == b""
        except ConnectionResetError:
            pass


def first_message(version: str, options: int = 0) -> bytes:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    made.maximum_version = ssl.TLSVersion[version]
    made.options |= options
    made.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256")
    came, goes = ssl.MemoryBIO(), ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        made.wrap_bio(came, goes, server_hostname="a.test").do_handshake()
    return goes.read()


def test_what_passing_clients_offer(twins):
    pair = twins(passing(["req.ssl_ec_ext", "req.ssl_st_ext", "req.ssl_sni"]), ports=["TCP"])
    messages = [first_message("TLSv1_2"), first_message("TLSv1_3"), first_message("TLSv1_2", ssl.OP_NO_TICKET), b"GET / HTTP/1.1\r\n\r\n"]

    def script(side):
        for number, message in enumerate(messages):
            says(side.ports["TCP"], message)
            wait_until(lambda: side.log.count(" |") > number, f"{side.name} has written a line")
        return re.findall(r"\[.*\] \|", side.log)

    assert pair.agree(script) == ["[1] [1] [a.test] |", "[1] [1] [a.test] |", "[1] [0] [a.test] |", "[-] [-] [-] |"]


def test_what_newer_versions_of_haproxy_know_of_them(tmp_path):
    parts = ["req.ssl_cipherlist,hex", "req.ssl_supported_groups,hex", "req.ssl_sigalgs,hex,bytes(0,4)", "req.ssl_keyshare_groups,hex"]
    (tmp_path / "proxy.cfg").write_text(passing(parts))
    port = free_port()
    proxy = Sluice(tmp_path / "run", "proxy", "-f", str(tmp_path / "proxy.cfg"), TCP=str(port))
    try:
        proxy.wait_ready()
        says(port, first_message("TLSv1_2"))
        proxy.wait_access(r"\[C02BC02F00FF\] \[001D00[0-9A-F]*\] \[[0-9A-F]{4}\] \[-?\] \|")
        says(port, first_message("TLSv1_3"))
        proxy.wait_access(r"\[1302[0-9A-F]*C02BC02F00FF\] \[001D00[0-9A-F]*\] \[[0-9A-F]{4}\] \[001D\] \|")
        assert proxy.is_running
    finally:
        print(proxy.log, proxy.access_log)
        proxy.stop()


@pytest.mark.parametrize("words", [b"GET / HTTP/1.0\r\n\r\n", b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", b"\x16\x03"])
def test_what_a_handshake_that_failed_has_left_is_nothing(tmp_path, words):
    (tmp_path / "site.pem").write_bytes(SITE.certificate + SITE.key)
    receiver = Syslog()
    left = "|".join(f"%[{name}]" for name in LEFT)
    logged = f"""frontend f
    log 127.0.0.1:{receiver.port} local0
    error-log-format "failed={left}="
"""
    (tmp_path / "proxy.cfg").write_text(text(500, ["ssl_fc_curve"], "HTTPS").replace("frontend f\n", logged))
    port = free_port()
    proxy = Sluice(
        tmp_path / "run", "proxy", "-f", str(tmp_path / "proxy.cfg"), HTTPS=str(port), DIR=str(tmp_path)
    )
    try:
        proxy.wait_ready()
        with socket.create_connection(("127.0.0.1", port), 20) as client:
            client.sendall(words)
            client.shutdown(socket.SHUT_WR)
            while client.recv(4_096):
                pass
        line = wait_until(lambda: next((line for line in receiver.of(proxy.process.pid) if "failed=" in line), None), "it is logged")
        assert line.split("=")[1].count("|") == len(LEFT) - 1
        assert said(port, ["ssl_fc_curve"], "TLSv1_3") == {"ssl_fc_curve": "X25519"}
        assert proxy.is_running
    finally:
        print(proxy.log)
        proxy.stop()
        receiver.close()
