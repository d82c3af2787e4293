"""Fields of PROXY headers of version 2, read by `fc_pp_tlv` and written by `set-proxy-v2-tlv-fmt` (HAProxy 2.9; Debian's is older)."""

from __future__ import annotations

import socket
import struct

import pytest
from harness.backend import Backend
from harness.client import Client
from harness.http2_server import read_proxy_header
from harness.listeners import listens
from harness.serving import serving
from harness.sluice import free_port
from harness.tcp import TCPServer
from harness.twins import LOGGED, echo
from harness.waiting import wait_until

FILE = """
global
    nbthread 1
defaults
    mode http
    timeout client 20s
    timeout connect 5s
    timeout server 20s
frontend ready
    bind "127.0.0.1:${HTTP}"
    default_backend ready
backend ready
    server one "127.0.0.1:${A}"
"""
RULES = """
    http-request return status 200 content-type text/plain lf-string "%[fc_pp_tlv(0xE1)]|%[fc_pp_tlv(authority)]|%[fc_pp_authority]|\
%[fc_pp_tlv(UNIQUE_ID)]|%[fc_pp_tlv(0xE2),hex]|%[fc_pp_tlv(0xE3),length]" if { path /read }
    http-request return status 200 content-type text/plain string second if { fc_pp_tlv(0xE1) -m str two }
    http-request return status 200 content-type text/plain string none unless { fc_pp_tlv(225) -m found }
    http-request return status 200 content-type text/plain string others
"""
V2 = b"\r\n\r\n\x00\r\nQUIT\n"


def header(*fields: tuple[int, bytes]) -> bytes:
    data = b"".join(bytes([kind]) + struct.pack("!H", len(value)) + value for kind, value in fields)
    addresses = bytes.fromhex("c0000207 c0000209 04d2 01bb")
    return V2 + b"\x21\x11" + struct.pack("!H", len(addresses + data)) + addresses + data


def values(data: bytes) -> list[tuple[int, bytes]]:
    """Types and values of the fields of a header of IPv4."""
    found, data = [], data[28:]
    while data:
        kind, length = struct.unpack_from("!BH", data)
        found.append((kind, data[3 : 3 + length]))
        data = data[3 + length :]
    return found


@pytest.fixture
def running(tmp_path):
    """Starts a proxy with more sections."""
    started = []

    def start(text: str, port: int) -> None:
        started.append(serving(tmp_path, FILE + text, Backend(echo)))
        next(started[-1])
        wait_until(lambda: listens(port), f"it listens on {port}")

    yield start
    for one in started:
        next(one, None)


class Announced:
    """A server that keeps the header of each connection and answers one request."""

    def __init__(self) -> None:
        self.headers: list[bytes] = []
        self.server = TCPServer(self.serve)

    def serve(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        self.headers.append(read_proxy_header(connection, 2))
        while connection.recv(65536):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


@pytest.fixture
def announced():
    server = Announced()
    yield server
    server.server.close()


def ask(port: int, said: bytes, path: str) -> bytes:
    with Client(port) as client:
        client.send(said + f"GET {path} HTTP/1.1\r\nHost: a.test\r\n\r\n".encode())
        return client.response().body


def test_rules_read_any_field(running):
    port = free_port()
    running(f'frontend f\n    bind "127.0.0.1:{port}" accept-proxy\n' + RULES, port)
    said = header((0xE1, b"one"), (2, b"shop.test"), (5, b"id-1"), (0xE2, b"\x01\x02"), (0xE1, b"two"), (0xE3, b""), (4, b"\x00"))
    assert ask(port, said, "/read") == b"one|shop.test|shop.test|id-1|0102|0"
    assert ask(port, said, "/") == b"second"
    assert ask(port, header((0xE1, b"one")), "/") == b"others"
    assert ask(port, header((2, b"shop.test")), "/") == b"none"
    assert ask(port, header((0xE3, b"x" * 2000)), "/read").endswith(b"|2000")
    assert ask(port, V2 + b"\x20\x00\x00\x00", "/") == b"none"


@pytest.mark.parametrize("mode", ["http", "tcp"])
def test_servers_are_sent_fields_of_the_users_choice(running, announced, mode):
    port = free_port()
    running(
        f"""
frontend f
    mode {mode}
    bind "127.0.0.1:{port}" accept-proxy
    unique-id-format "id-%ci"
    default_backend b
backend b
    mode {mode}
    server s {announced.server.endpoint} send-proxy-v2 proxy-v2-options crc32c,unique-id,authority \
set-proxy-v2-tlv-fmt(0xE0) "from %ci" set-proxy-v2-tlv-fmt(0xE1) %[fc_pp_tlv(0xE1)] set-proxy-v2-tlv-fmt(0xE2) %[fc_pp_tlv(0xE9)]
""",
        port,
    )
    assert ask(port, header((0xE1, b"\x00\x0a\xff"), (2, b"shop.test")), "/") == b"ok"
    found = values(announced.headers[-1])
    assert [(kind, value) for kind, value in found if kind != 3] == [
        (0xE0, b"from 192.0.2.7"), (0xE1, b"\x00\x0a\xff"), (0xE2, b""), (2, b"shop.test"), (5, b"id-192.0.2.7")
    ]  # fmt: skip
    assert [kind for kind, _ in found].index(3) == 3, "the checksum stands behind them"


def test_a_request_is_told_in_them(running, announced):
    port = free_port()
    running(
        f"""
frontend f
    bind "127.0.0.1:{port}"
    default_backend b
backend b
    server s {announced.server.endpoint} send-proxy-v2 set-proxy-v2-tlv-fmt(0xE5) "%[method] %[path]"
""",
        port,
    )
    with Client(port) as client:
        assert client.request("/first").status == 200
        # The connection stays the client's: its header was about its first request.
        assert client.request("/second").status == 200
    assert [values(one) for one in announced.headers] == [[(0xE5, b"GET /first")]]


def test_the_name_of_a_request_is_the_frontends(twins, announced):
    """`unique-id` is made by `unique-id-format`, as in Debian's haproxy."""
    text = f"""{LOGGED}
frontend f
    bind "127.0.0.1:${{HTTP}}"
    unique-id-format "id-%ci-%[req.hdr(x-a)]"
    default_backend b
backend b
    server s {announced.server.endpoint} send-proxy-v2 proxy-v2-options unique-id
"""
    pair = twins(text)

    def script(side):
        announced.headers.clear()
        with side.client() as client:
            assert client.request("/", headers=[("X-A", "7"), ("X-Request-ID", "other")]).status == 200
        return values(announced.headers[0])

    assert pair.agree(script) == [(5, b"id-127.0.0.1-7")]
