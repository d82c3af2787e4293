"""`server … ssl` of haproxy.cfg: who is believed, what is told and shown, what is resumed."""

from __future__ import annotations

import contextlib
import socket
import subprocess

import pytest
from harness.client import Client
from harness.sluice import binary, free_port
from harness.twins import HAPROXY, verdicts
from harness.waiting import wait_until
from simulator.pki import Authority

pytestmark = pytest.mark.sanitizer

AUTHORITY = Authority("pods")
STRANGER = Authority("stranger")
POD = AUTHORITY.issue("pod", ["pod.test", "*.apps.test"])
CLIENT = AUTHORITY.issue("proxy", ["proxy.test"])


@pytest.fixture
def files(tmp_path):
    contents = {
        "pod.pem": POD.certificate + POD.key, "client.pem": CLIENT.certificate + CLIENT.key,
        "ca.pem": AUTHORITY.certificate, "stranger.pem": STRANGER.certificate,
        "revoked.pem": AUTHORITY.revocations(POD), "current.pem": AUTHORITY.revocations(),
    }  # fmt: skip
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


@contextlib.contextmanager
def s_server(files, *options: str):
    """`openssl s_server` that answers with a page about each connection, and ends it."""
    port = free_port()
    command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-www", "-cert", str(files / "pod.pem")]
    process = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(5)


class Proxy:
    """`sluice proxy` in front of one server."""

    def __init__(self, files, server: str, *arguments: str) -> None:
        self.port, self.ops, self.log = free_port(), free_port(), files / "access.log"
        (files / "proxy.cfg").write_text(CONFIGURATION.format(files=files, port=self.port, server=server))
        command = [str(binary()), "proxy", "-f", str(files / "proxy.cfg"), "--ops-port", str(self.ops)]
        self.process = subprocess.Popen([*command, "--access-log", str(self.log), *arguments])
        wait_until(self._is_ready, "it is ready")

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, "it ended"
        with contextlib.suppress(OSError):
            return Client(self.ops).request("/readyz").status == 200
        return False

    def ask(self, host: str = "pod.test"):
        with Client(self.port) as client:
            return client.request(host=host)

    def metric(self, name: str) -> str:
        lines = Client(self.ops).request("/metrics").body.decode().splitlines()
        return "\n".join(line for line in lines if line.startswith(name))

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        assert self.process.wait(10) == 0


CONFIGURATION = """
global
    ca-base {files}
    crt-base {files}
defaults
    mode http
    retries 0
    timeout client 5s
    timeout server 5s
    timeout connect 5s
listen web
    bind 127.0.0.1:{port}
    server pod 127.0.0.1:{server}
"""


def listening(port: int) -> None:
    def is_there() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    wait_until(is_there, "s_server listens")


@pytest.mark.parametrize(
    ("keywords", "host", "status", "cause"),
    [
        ("ssl verify none", "pod.test", 200, ""),
        ("ssl ca-file ca.pem", "pod.test", 200, ""),
        ("ssl verify required ca-file ca.pem sni req.hdr(host)", "pod.test", 200, ""),
        ("ssl verify required ca-file ca.pem sni req.hdr(host)", "a.apps.test", 200, ""),
        ("ssl verify required ca-file ca.pem sni req.hdr(host)", "other.test", 503, "another name"),
        ("ssl verify required ca-file ca.pem sni str(pod.test)", "other.test", 200, ""),
        ("ssl verify required ca-file ca.pem verifyhost pod.test", "other.test", 200, ""),
        ("ssl verify required ca-file ca.pem verifyhost other.test", "pod.test", 503, "another name"),
        ("ssl verify required ca-file stranger.pem", "pod.test", 503, "untrusted"),
        ("ssl verify required ca-file ca.pem crl-file current.pem", "pod.test", 200, ""),
        ("ssl verify required ca-file ca.pem crl-file revoked.pem", "pod.test", 503, "revoked"),
        ("ssl verify none ssl-min-ver TLSv1.3", "pod.test", 200, ""),
        ("ssl verify none ssl-max-ver TLSv1.2 ciphers ECDHE-ECDSA-AES256-GCM-SHA384", "pod.test", 200, ""),
    ],
)  # fmt: skip
def test_who_is_believed(files, keywords, host, status, cause):
    with s_server(files) as server, Proxy(files, f"{server} {keywords}") as proxy:
        listening(server)
        assert proxy.ask(host).status == status
        failures = lambda: proxy.metric("sluice_upstream_tls_failures_total{")  # noqa: E731
        wait_until(lambda: cause in failures() if cause else failures() == "", f"what is counted is {cause or 'nothing'}")


@pytest.mark.parametrize(("crt", "status"), [("crt client.pem", (200,)), ("", (502, 503))])
def test_a_certificate_is_shown_to_servers_that_ask(files, crt, status):
    options = ("-Verify", "1", "-verify_return_error", "-CAfile", str(files / "ca.pem"))
    with s_server(files, *options) as server, Proxy(files, f"{server} ssl verify none {crt}") as proxy:
        listening(server)
        assert proxy.ask().status in status


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_sessions_are_resumed(files, version):
    with s_server(files, version) as server, Proxy(files, f"{server} ssl verify none") as proxy:
        listening(server)
        pages = [proxy.ask().body.decode() for _ in range(8)]
        assert sum("Reused, TLS" in page for page in pages) >= 4, "every worker has sessions of its own"
    with s_server(files, version) as server, Proxy(files, f"{server} ssl verify none no-ssl-reuse") as proxy:
        listening(server)
        assert not any("Reused, TLS" in proxy.ask().body.decode() for _ in range(4))


@pytest.mark.parametrize(
    ("keywords", "sentence"),
    [
        ("ssl", "say who signs"),
        ("ssl verify required", "say who signs"),
        ("ssl verify maybe", "one of none, required"),
        ("ssl ca-file missing.pem", "missing.pem"),
        ("ssl verify none sni rand(5)", "expected a name"),
        ("ssl verify none ssl-min-ver TLSv9", "expected TLSv1.2 or TLSv1.3"),
    ],
)  # fmt: skip
def test_what_can_not_be_meant_is_refused(files, keywords, sentence):
    (files / "proxy.cfg").write_text(CONFIGURATION.format(files=files, port=1, server=f"1 {keywords}"))
    outcome = subprocess.run([str(binary()), "proxy", "-c", "-f", str(files / "proxy.cfg")], capture_output=True)
    assert outcome.returncode != 0
    assert sentence in outcome.stderr.decode()


BIND = """
global
    crt-base {files}
defaults
    mode http
    timeout client 5s
    timeout server 5s
    timeout connect 5s
listen web
    bind 127.0.0.1:{port} ssl crt pod.pem {keywords}
    server pod 127.0.0.1:1
"""


def s_client(port: int, *options: str) -> str:
    """What `openssl s_client` says of a handshake."""
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", *options]
    outcome = subprocess.run(command, capture_output=True, input=b"", timeout=20)
    return (outcome.stdout + outcome.stderr).decode(errors="replace")


@pytest.mark.parametrize(
    ("keywords", "options", "said"),
    [
        ("", ("-servername", "other.test"), "CN = pod"),
        ("strict-sni", ("-servername", "pod.test"), "CN = pod"),
        ("strict-sni", ("-servername", "other.test"), "unrecognized name"),
        ("strict-sni", ("-noservername",), "unrecognized name"),
        ("ssl-min-ver TLSv1.3", ("-tls1_2",), "alert protocol version"),
        ("ssl-max-ver TLSv1.2", ("-tls1_3",), "alert protocol version"),
        ("ssl-max-ver TLSv1.2", (), "New, TLSv1.2"),
        ("ciphersuites TLS_AES_256_GCM_SHA384", (), "Cipher is TLS_AES_256_GCM_SHA384"),
        ("curves P-384", (), "Server Temp Key: ECDH, secp384r1"),
    ],
)  # fmt: skip
def test_binds_hold_handshakes_to_what_they_say(files, keywords, options, said):
    port = free_port()
    (files / "proxy.cfg").write_text(BIND.format(files=files, port=port, keywords=keywords))
    process = subprocess.Popen([str(binary()), "proxy", "-f", str(files / "proxy.cfg")])
    try:
        listening(port)
        assert said in s_client(port, *options)
    finally:
        process.terminate()
        assert process.wait(10) == 0


def first_line(side) -> int:
    """The status alone: s_server speaks HTTP/1.0, which haproxy 2.6 passes on as it is."""
    with side.client() as client:
        client.send(b"GET / HTTP/1.1\r\nHost: pod.test\r\n\r\n")
        return int(client.wire.until(b"\r\n").split()[1])


@pytest.mark.parametrize(
    ("word", "keywords", "status"),
    [
        ("none", "ssl", 200), ("none", "ssl ca-file stranger.pem", 200), ("none", "ssl verify required ca-file ca.pem", 200),
        ("none", "ssl verify required ca-file stranger.pem", 503), ("required", "ssl ca-file stranger.pem", 503),
        ("required", "ssl ca-file ca.pem", 200), ("required", "ssl verify none", 200),
    ],
)  # fmt: skip
def test_ssl_server_verify_is_what_holds_without_a_word(twins, files, word, keywords, status):
    with s_server(files) as port:
        listening(port)
        text = f"""
global
    ca-base {files}
    ssl-server-verify {word}
defaults
    mode http
    retries 0
    timeout client 5s
    timeout server 5s
    timeout connect 5s
listen web
    bind "127.0.0.1:${{HTTP}}"
    server pod 127.0.0.1:{port} {keywords}
"""
        assert twins(text, ports=["HTTP"]).agree(first_line) == status


@pytest.mark.parametrize(
    ("word", "keywords", "is_good"),
    [
        ("none", "ssl", True), ("required", "ssl", False), ("none", "ssl verify required", False), ("maybe", "ssl verify none", False),
        ("", "ssl verify none", False),
    ],
)  # fmt: skip
@pytest.mark.skipif(not HAPROXY, reason="haproxy is not installed")
def test_the_same_servers_without_authorities_are_refused(tmp_path, word, keywords, is_good):
    text = f"""
global
    ssl-server-verify {word}
defaults
    mode http
    timeout client 5s
    timeout server 5s
    timeout connect 5s
listen web
    bind 127.0.0.1:1
    server pod 127.0.0.1:2 {keywords}
"""
    found = verdicts(tmp_path, text)
    assert {name: verdict[0] for name, verdict in found.items()} == {"haproxy": is_good, "sluice": is_good}
