"""Which names servers are told (SNI): those of requests and their connections, in both modes, here and in this machine's haproxy."""

from __future__ import annotations

import ssl

import pytest
from harness.client import Client
from harness.secure import SecureServer
from harness.twins import verdicts
from simulator.pki import Authority

pytestmark = pytest.mark.sanitizer

SITES, PODS = Authority("sites"), Authority("pods")
SITE = SITES.issue("site", ["site.test"])
POD = PODS.issue("pod", [f"{name}.test" for name in ("pod", "host", *"abcdefghij")])
# Of one thread: an idle connection serves whoever comes next.
FILE = """
global
    nbthread 1
defaults
    mode http
    timeout client 20s
    timeout connect 5s
    timeout server 20s
    retries 0
listen plain
    bind "127.0.0.1:${PLAIN}"
    http-request set-var(txn.pod) req.hdr(x-pod)
    server s "127.0.0.1:SERVER" ssl verify required ca-file "${DIR}/pods.pem" sni EXPRESSION
listen secure
    bind "127.0.0.1:${SECURE}" ssl crt "${DIR}/site.pem"
    http-request set-var(txn.pod) req.hdr(x-pod)
    server s "127.0.0.1:SERVER" ssl verify required ca-file "${DIR}/pods.pem" sni EXPRESSION
"""
TCP = """
defaults
    mode tcp
    timeout client 20s
    timeout connect 5s
    timeout server 20s
listen secure
    bind "127.0.0.1:${SECURE}" ssl crt "${DIR}/site.pem"
    server s "127.0.0.1:SERVER" ssl verify required ca-file "${DIR}/pods.pem" sni ssl_fc_sni
"""
FILES = {"site.pem": SITE.certificate + SITE.key, "pods.pem": PODS.certificate}


@pytest.fixture
def server(tmp_path):
    """Answers with the path it is asked for; which names it was told."""
    (tmp_path / "pod.pem").write_bytes(POD.certificate + POD.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "pod.pem")
    started = SecureServer(context, lambda _: "here")
    started.server.RequestHandlerClass.protocol_version = "HTTP/1.1"
    yield started
    started.close()


def trusting() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def told(side, server, asked) -> list:
    """For each request on a connection of its own: its status, and whom its server was told that it is."""
    seen = []
    for port, name, pod in asked:
        server.names.clear()
        tls = trusting() if port == "SECURE" else None
        with Client(side.ports[port], tls=tls, server_name=name) as client:
            status = client.request("/", host="host.test", headers=[("X-Pod", pod)] if pod else []).status
        # An idle connection may have carried it: then its server was told before.
        seen.append((port, name, pod, status, server.names[0] if server.names else "as before"))
    return seen


@pytest.mark.parametrize("expression", ["ssl_fc_sni", "req.hdr(x-pod)", "var(txn.pod),lower", "str(pod.test)", "hdr(host)"])
def test_names_come_from_samples(twins, server, expression):
    text = FILE.replace("EXPRESSION", expression).replace("127.0.0.1:SERVER", server.endpoint)
    pair = twins(text, ports=["PLAIN", "SECURE"], files=FILES)
    asked = [("SECURE", "a.test", "b.test"), ("SECURE", "c.test", "D.test")]
    if expression != "ssl_fc_sni":
        asked += [("PLAIN", None, "e.test"), ("PLAIN", None, "f.test")]
    pair.agree(lambda side: [line[:4] for line in told(side, server, asked)])
    names = [line[4] for line in told(pair.sluice, server, [("SECURE", "g.test", "h.test"), ("SECURE", "i.test", "j.test")])]
    # Of the others a worker may have a connection already.
    wanted = {"ssl_fc_sni": ["g.test", "i.test"], "str(pod.test)": names, "hdr(host)": names}
    assert names == wanted.get(expression, ["h.test", "j.test"])


def test_a_name_the_certificate_does_not_have_is_refused(twins, server):
    text = FILE.replace("EXPRESSION", "req.hdr(x-pod)").replace("127.0.0.1:SERVER", server.endpoint)
    pair = twins(text, ports=["PLAIN", "SECURE"], files=FILES)
    asked = [("PLAIN", None, "a.example"), ("PLAIN", None, "a.test")]
    seen = pair.agree(lambda side: [line[3] for line in told(side, server, asked)])
    assert seen == [503, 200]


def test_requests_without_a_name_are_verified_all_the_same(twins, server):
    text = FILE.replace("EXPRESSION", "ssl_fc_sni").replace("127.0.0.1:SERVER", server.endpoint)
    pair = twins(text, ports=["PLAIN", "SECURE"], files=FILES)
    # The certificate is not for the server's address; haproxy asks for no name here.
    assert [line[3] for line in told(pair.sluice, server, [("PLAIN", None, None), ("SECURE", None, None)])] == [503, 503]
    assert [line[3] for line in told(pair.haproxy, server, [("PLAIN", None, None)])] == [200]


def test_sessions_tell_names_too(twins, server):
    pair = twins(TCP.replace("127.0.0.1:SERVER", server.endpoint), ports=["SECURE"], files=FILES)
    asked = [("SECURE", "a.test", None), ("SECURE", "b.test", None)]
    seen = pair.agree(lambda side: told(side, server, asked))
    assert [line[4] for line in seen] == ["a.test", "b.test"]


@pytest.mark.parametrize(("mode", "words", "taken"), [
    ("http", "sni req.hdr(x)", True), ("http", "sni src", False), ("http", "sni", False), ("http", "sni nothing", False),
    ("http", "ca-file @system-ca sni path", True), ("tcp", "sni ssl_fc_sni,lower", True),
])  # fmt: skip
def test_which_lines_are_taken(tmp_path, mode, words, taken):
    file = f"defaults\n    mode {mode}\nfrontend f\n    bind 127.0.0.1:1\n    default_backend b\nbackend b\n    server s 127.0.0.1:1 ssl verify none {words}\n"
    found = verdicts(tmp_path, file)
    assert found["sluice"][0] is taken
    # haproxy sends an address as a name.
    assert found["haproxy"][0] is taken or words == "sni src"


def test_names_of_requests_are_refused_where_there_are_none(tmp_path):
    file = "defaults\n    mode tcp\nbackend b\n    server s 127.0.0.1:1 ssl verify none sni req.hdr(host),lower\n"
    assert verdicts(tmp_path, file)["sluice"] == (False, {4})
