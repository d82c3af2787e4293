"""The first bytes of connections of mode tcp, which decide where these go, through both programs."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness.client import PATIENCE, careless
from harness.tcp import TCPServer, connect
from harness.twins import LOGGED
from simulator.pki import Authority

SITE = Authority("sites").issue("site", ["a.test"])
FILES = {"site.pem": SITE.certificate + SITE.key}
SSH = b"SSH-2.0-OpenSSH_9.2\r\n"
# Nobody waits for it but who says nothing more.
DELAY = "3s"


@pytest.fixture
def speakers():
    """Servers that tell their name and end."""

    def tell(name: bytes):
        def serve(connection: socket.socket) -> None:
            connection.sendall(name)
            connection.shutdown(socket.SHUT_WR)
            # What the client has said is read, so that the end is no reset.
            while connection.recv(65536):
                pass

        return serve

    both = [TCPServer(tell(name)) for name in (b"yes", b"no")]
    yield both
    for speaker in both:
        speaker.close()


def text(speakers, rules: str, *, bind: str = "", delay: str = DELAY) -> str:
    lines = "".join(f"    {line.strip()}\n" for line in rules.strip().splitlines())
    return f"""{LOGGED.replace("mode http", "mode tcp")}
frontend f
    bind "127.0.0.1:${{HTTP}}" {bind}
    tcp-request inspect-delay {delay}
{lines}    default_backend no
backend yes
    server s 127.0.0.1:{speakers[0].port}
backend no
    server s 127.0.0.1:{speakers[1].port}
"""


def told(side, *parts: bytes, context=None) -> bytes:
    """What a client hears that says some parts one after the other."""
    with connect(side.ports["HTTP"]) as plain:
        plain.settimeout(PATIENCE)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client = context.wrap_socket(plain, suppress_ragged_eofs=True) if context else plain
        heard = b""
        try:
            for part in parts:
                client.sendall(part)
            while more := client.recv(65536):
                heard += more
        except ConnectionError:
            pass
        return heard


def at_once(side, said: list[tuple[bytes, ...]]) -> list[bytes]:
    """What clients hear that say these at the same time: those that wait do so together."""
    with ThreadPoolExecutor(len(said)) as pool:
        return list(pool.map(lambda parts: told(side, *parts), said))


CHOICES = [
    ("use_backend yes if { req.payload(0,7) -m bin 5353482d322e30 }", "tcp-request content accept if { req.payload(0,7) -m found }"),
    ("use_backend yes if { payload(4,3) -m str 2.0 }", "tcp-request content accept if { payload(4,3) -m found }"),
    ("use_backend yes if { req.payload(0,0) -m beg SSH }", "tcp-request content accept if { req.payload(0,0) -m sub -- - }"),
    ("use_backend yes if { req.len ge 7 }", "tcp-request content accept if { req.len ge 7 }"),
]


@pytest.mark.sanitizer
@pytest.mark.parametrize(["choice", "rule"], CHOICES)
def test_bytes_decide_where_a_connection_goes(twins, speakers, choice, rule):
    pair = twins(text(speakers, f"{rule}\n{choice}"))

    said = [(SSH,), (SSH[:3], SSH[3:]), (SSH[:5],), (b"GET / HTTP/1.1\r\nHost: a-b\r\n\r\n",)]
    assert pair.agree(lambda side: at_once(side, said), at_once=True)[:3] == [b"yes", b"yes", b"no" if "payload(0,0)" not in choice else b"yes"]


RULES = [
    "tcp-request content reject if { req.payload(0,3) -m str SSH }",
    "tcp-request content reject unless { req.payload(0,3) -m str SSH }",
    "tcp-request content reject if !{ req.payload(0,3) -m str SSH }",
    "tcp-request content reject unless { req.payload(0,0) -m sub OpenSSH }",
    "tcp-request content reject if { req.payload(0,0) -m sub OpenSSH }",
    "tcp-request content reject if !{ req.payload(0,0) -m sub OpenSSH } { src 127.0.0.1 }",
    "tcp-request content accept if { req.payload(0,3) -m str SSH } or { src 127.0.0.1 }\ntcp-request content reject",
    "tcp-request content reject if { req.payload(0,16000) -m found }",
    "tcp-request content reject if { req.payload_lv(0,2) -m str abc }",
    "tcp-request content reject if { req.payload_lv(0,2,+1) -m str bc }",
    "tcp-request content reject if { req.payload_lv(0,1,0) -m bin 00 }",
    "tcp-request content reject if { req.payload_lv(1,1,-1) -m str abc }",
    "tcp-request content reject if { req.len gt 4 }",
]  # fmt: skip


@pytest.mark.parametrize("rules", RULES)
def test_rules_wait_for_the_bytes_that_they_ask_for(twins, speakers, rules):
    pair = twins(text(speakers, rules))

    said = [(SSH,), (b"S", SSH[1:]), (b"SS",), (b"HTTP is another",), (b"\0\3abcd",), (b"\0", b"\3", b"a", b"bc"), (b"\0\0",)]
    assert pair.agree(lambda side: at_once(side, said), at_once=True).count(b"no") in range(1, 8)


def test_who_says_nothing_goes_on_in_the_end(twins, speakers):
    pair = twins(text(speakers, "tcp-request content accept if { req.payload(0,7) -m found }"))
    assert pair.agree(lambda side: told(side), at_once=True) == b"no"


def test_tls_that_ends_here_is_looked_into(twins, speakers):
    rules = "tcp-request content accept if { req.payload(0,7) -m found }\nuse_backend yes if { req.payload(0,3) -m str SSH }"
    pair = twins(text(speakers, rules, bind='ssl crt "${DIR}/site.pem"'), files=FILES)

    def script(side):
        return told(side, SSH, context=careless()), told(side, b"GET / HTTP/1.0", context=careless())

    assert pair.agree(script) == (b"yes", b"no")


@pytest.mark.parametrize("delay", ["3s", "10s"])
def test_tls_that_is_passed_through_beside_other_bytes(twins, speakers, delay):
    """A first packet that is no ClientHello is not waited for."""
    rules = """
        tcp-request content accept if { req.ssl_hello_type 1 }
        tcp-request content accept if { req.payload(0,4) -m str SSH- }
        tcp-request content reject
        use_backend yes if { req.payload(0,4) -m str SSH- }
    """
    pair = twins(text(speakers, rules, delay=delay))
    assert pair.agree(lambda side: (told(side, SSH), told(side, b"GET / HTTP/1.0\r\n"))) == (b"yes", b"")
