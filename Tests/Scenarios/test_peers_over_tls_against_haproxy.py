"""Peers that speak TLS: two Sluices, and a Sluice with this machine's haproxy, in both directions."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
from pathlib import Path

import pytest
from harness.peers import Node, Nodes
from harness.twins import HAPROXY
from harness.waiting import holds_for, wait_until

from simulator.pki import Authority

pytestmark = pytest.mark.skipif(HAPROXY is None, reason="needs haproxy")

# Who tells, and who is told.
PAIRS = [("sluice", "sluice"), ("sluice", "haproxy"), ("haproxy", "sluice")]

FRONTEND = """
frontend f
    bind "127.0.0.1:${HTTP}"
    http-request track-sc0 req.hdr(x-key) table cluster/own if { req.hdr(x-key) -m found }
    http-request sc-inc-gpc0(0) if { req.hdr(x-gpc0) -m found }
    http-request return status 200
"""
TABLE = "    table own type string len 20 size 10k expire 10m store gpc0\n"

# Each side shows its certificate, calling and called, and demands the other's.
MUTUAL = """
    default-bind ssl crt "${CERTS}/${NAME}.pem" ca-file "${CERTS}/ca.pem" verify required
    default-server ssl crt "${CERTS}/${NAME}.pem" ca-file "${CERTS}/ca.pem" verify required sni str(cluster.example)
"""
ONE_SIDED = """
    default-bind ssl crt "${CERTS}/${NAME}.pem"
    default-server ssl verify none
"""


class Certificates:
    """Files that nodes are told of: NAME.pem is what the node NAME shows."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.authority = Authority("cluster")
        (folder / "ca.pem").write_bytes(self.authority.certificate)
        for name in ["one", "two", "three"]:
            self.issue(name)

    def issue(self, node: str, *, host: str = "cluster.example", authority: Authority | None = None) -> None:
        pair = (authority or self.authority).issue(node, [host])
        (self.folder / f"{node}.pem").write_bytes(pair.certificate + pair.key)

    def client(self, node: str) -> ssl.SSLContext:
        """What a caller speaks that is no node, with a node's certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.folder / "ca.pem")
        context.load_cert_chain(self.folder / f"{node}.pem")
        return context


@pytest.fixture
def certificates(tmp_path):
    return Certificates(tmp_path / "certificates")


class SecureNodes(Nodes):
    """Nodes that read the frontend and the table above, with what is said of TLS in front of their peers."""

    def __init__(self, folder: Path, certificates: Certificates) -> None:
        super().__init__(folder)
        self.certificates = certificates

    def __call__(self, *programs: str, ahead: str = MUTUAL, meet: bool = True) -> list[Node]:
        folder = str(self.certificates.folder)
        return super().__call__(*programs, text=FRONTEND, section=TABLE, ahead=ahead, meet=meet, CERTS=folder)


@pytest.fixture
def nodes(tmp_path, certificates):
    found = SecureNodes(tmp_path / "nodes", certificates)
    yield found
    found.close()


def both_ways(one: Node, two: Node, key: str) -> None:
    one.get(X_Key=f"{key}-one", X_Gpc0="1")
    two.get(X_Key=f"{key}-two", X_Gpc0="1")
    wait_until(lambda: two.knows("cluster/own", f"{key}-one", gpc0=1), "the second one knows the key", 20)
    wait_until(lambda: one.knows("cluster/own", f"{key}-two", gpc0=1), "the first one knows the key", 20)


@pytest.mark.parametrize("teller, listener", PAIRS)
@pytest.mark.parametrize("ahead", [MUTUAL, ONE_SIDED], ids=["mutual", "one-sided"])
def test_what_is_counted_arrives(nodes, teller, listener, ahead):
    one, two = nodes(teller, listener, ahead=ahead)
    both_ways(one, two, "k")


@pytest.mark.parametrize("teller, listener", PAIRS)
def test_bind_says_it_as_default_bind_does(nodes, certificates, teller, listener):
    one, two = nodes(teller, listener, meet=False)
    for node in (one, two):
        node.stop()
        path = node.folder / "node.cfg"
        text = re.sub(r"\n    default-bind .*", "", path.read_text())
        own = re.search(rf"    peer {node.name} (\S+)", text)
        bind = 'ssl crt "${CERTS}/${NAME}.pem" ca-file "${CERTS}/ca.pem" verify required ssl-min-ver TLSv1.3'
        text = text.replace(own[0], f"    bind {own[1]} {bind}\n    server {node.name}")
        # haproxy wants either word in a section.
        path.write_text(text.replace("    peer ", "    server "))
    for node in (one, two):
        node.start()
    both_ways(one, two, "k")


@pytest.mark.parametrize("teller, listener", PAIRS)
def test_one_that_begins_anew_is_connected_again_and_told_everything(nodes, teller, listener):
    one, two = nodes(teller, listener)
    one.get(X_Key="before", X_Gpc0="1")
    wait_until(lambda: two.knows("cluster/own", "before", gpc0=1), "the second one knows the key")
    two.stop()
    one.get(X_Key="meanwhile", X_Gpc0="1")
    two.start()
    wait_until(lambda: {"before", "meanwhile"} <= two.rows("cluster/own").keys(), "it has learned everything", 30)
    both_ways(one, two, "after")


@pytest.mark.parametrize("teller, listener", PAIRS)
def test_many_entries_arrive(nodes, teller, listener):
    one, two = nodes(teller, listener)
    commands = [f"set table cluster/own key {number} data.gpc0 {number}" for number in range(3_000)]
    for start in range(0, len(commands), 100):
        one.ask(";".join(commands[start : start + 100]))
    wanted = {str(number): str(number) for number in range(3_000)}
    wait_until(lambda: {key: row.get("gpc0") for key, row in two.rows("cluster/own").items()} == wanted, "all have arrived", 60)


@pytest.mark.parametrize("other", ["sluice", "haproxy"])
def test_a_strangers_certificate_is_refused_with_the_reason(nodes, certificates, other):
    certificates.issue("two", authority=Authority("strangers"))
    one, two = nodes("sluice", other, meet=False)
    # It calls, and is called.
    wait_until(lambda: "a caller was refused: TLS: peer certificate untrusted" in one.ask("show peers"), "it is refused", 20)
    wait_until(lambda: 'last_failure="TLS: peer certificate untrusted"' in one.ask("show peers"), "it is not believed", 20)
    wait_until(lambda: "'two' TLS: peer certificate untrusted" in one.log, "the log says it")
    wait_until(lambda: "peers cluster: a caller was refused: TLS: peer certificate untrusted" in one.log, "the log says this too")
    one.get(X_Key="k", X_Gpc0="1")
    assert holds_for(lambda: not one.is_connected("two") and two.rows("cluster/own") == {}, 1)
    certificates.issue("two")
    two.stop()
    two.start()
    wait_until(lambda: two.knows("cluster/own", "k", gpc0=1), "with the right one it learns", 30)
    told = lambda: one.ask("show peers").split("id=two(")[1].split("id=nobody(")[0]  # noqa: E731
    wait_until(lambda: "last_failure" not in told(), "what was wrong is over")


def test_a_caller_hears_why_its_certificate_is_refused(nodes, certificates):
    certificates.issue("two", authority=Authority("strangers"))
    _, two = nodes("sluice", "sluice", meet=False)
    wanted = 'last_failure="TLS: our certificate is refused, or one is missing"'
    wait_until(lambda: wanted in two.ask("show peers"), "it is said", 30)


def test_a_certificate_for_another_name_is_refused(nodes, certificates):
    certificates.issue("three", host="elsewhere.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.folder / "three.pem")
    (one,) = nodes("sluice")
    # The test is the peer that nobody else plays.
    with socket.create_server(("127.0.0.1", nodes.ports["nobody"])) as listener:
        listener.settimeout(20)
        connection, _ = listener.accept()
        with connection, pytest.raises((ssl.SSLError, ConnectionError)):
            context.wrap_socket(connection, server_side=True).recv(1)
        wanted = 'last_failure="TLS: peer certificate for another name"'
        wait_until(lambda: wanted in one.ask("show peers"), "it is said", 20)
    wait_until(lambda: "'nobody' TLS: peer certificate for another name" in one.log, "the log says it")


@pytest.mark.parametrize("program", ["sluice", "haproxy"])
def test_who_shows_no_certificate_or_speaks_no_tls_is_not_spoken_with(nodes, certificates, program):
    nodes(program)
    hello = b"HAProxyS 2.1\none\nnobody 1 1\n"
    with socket.create_connection(("127.0.0.1", nodes.ports["one"]), 20) as plain, contextlib.suppress(ConnectionError):
        plain.sendall(hello)
        heard = b""
        while chunk := plain.recv(100):
            heard += chunk
        assert b"200" not in heard
    nameless = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    nameless.load_verify_locations(certificates.folder / "ca.pem")
    assert greeted(nameless, nodes.ports["one"], hello) != b"200\n"
    assert greeted(certificates.client("two"), nodes.ports["one"], hello) == b"200\n"


def greeted(context: ssl.SSLContext, port: int, hello: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 20) as raw:
        try:
            with context.wrap_socket(raw, server_hostname="cluster.example") as client:
                client.sendall(hello)
                return client.recv(4)
        except (ssl.SSLError, ConnectionError):
            return b""


def test_bad_files_leave_what_is_there_and_good_ones_are_taken_over(nodes, certificates):
    one, two = nodes("sluice", "sluice")
    (certificates.folder / "ca.pem").write_text("no certificate")
    one.process.send_signal(1)
    wait_until(lambda: "the previous settings stay in force" in one.log, "it is said")
    wait_until(lambda: "the authorities hold no CERTIFICATE block" in one.log, "and why")
    both_ways(one, two, "k")
    # Another authority that both believe from now on.
    certificates.authority = Authority("another")
    (certificates.folder / "ca.pem").write_bytes(certificates.authority.certificate)
    for node in (one, two):
        certificates.issue(node.name)
    for node in (one, two):
        node.process.send_signal(1)
    # Who reads first is refused by the other one for a moment.
    both_ways(one, two, "after")
