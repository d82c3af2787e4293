"""Remote desktops in mode tcp: what is read of their first message, and which server users come back to, here and in Debian's haproxy."""

from __future__ import annotations

import socket
import struct

import pytest
from harness.tcp import TCPServer, read_all
from harness.twins import LOGGED
from harness.waiting import wait_until

HEAD = LOGGED.replace("mode http", "mode tcp")
FRONT = b"\x03\x00\x00\x2a\x25\xe0\x00\x00\x00\x00\x00"
USERS = [b"alice", b"Alice", b"bob", b"carol", b"dave", b"erin", b"x" * 60, b"", b"a=b", b"\xc3\xa9"]


def named(name: bytes):
    def serve(connection: socket.socket) -> None:
        read_all(connection)
        connection.sendall(name)

    return serve


@pytest.fixture
def start(twins):
    """Both programs with three servers that tell their names."""
    servers = [TCPServer(named(name)) for name in (b"one", b"two", b"three")]

    def begin(back: str, front: str = "", ports: bool = False):
        lines = "".join(f"    server s{i} 127.0.0.1:{each.port}\n" for i, each in enumerate(servers))
        text = f"""{HEAD}
frontend f
    bind "127.0.0.1:${{HTTP}}"
    tcp-request inspect-delay 15s
{front}    tcp-request content accept if RDP_COOKIE
    tcp-request content accept if {{ req.rdp_cookie_cnt 0 }}
    default_backend b
backend b
{back}{lines}"""
        pair = twins(text)
        return (pair, [each.port for each in servers]) if ports else pair

    yield begin
    for each in servers:
        each.close()


def who(side, *pieces: bytes) -> bytes:
    """The name of the server that has got these bytes."""
    with socket.create_connection(("127.0.0.1", side.ports["HTTP"]), 15) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            client.sendall(piece)
        client.shutdown(socket.SHUT_WR)
        return read_all(client)


def hello(value: bytes, name: bytes = b"mstshash") -> bytes:
    return FRONT + b"Cookie: " + name + b"=" + value + b"\r\n\x01\x00\x08\x00\x03\x00\x00\x00"


def test_users_go_to_the_server_of_their_cookie(start):
    pair = start("    balance rdp-cookie\n")

    def script(side):
        found = [(user, [who(side, hello(user)) for _ in range(2)]) for user in USERS if user]
        found.append([who(side, FRONT + b"nothing of the kind here\r\n") for _ in range(4)])
        return found

    found = pair.agree(script)
    assert len({one[1][0] for one in found[:-1]}) == 3 and all(one[1][0] == one[1][1] for one in found[:-1])


@pytest.mark.parametrize("words", ["balance rdp-cookie(user)", "balance rdp-cookie(user)\n    hash-type consistent djb2 avalanche"])
def test_another_cookie_and_its_hash(start, words):
    pair = start(f"    {words}\n")
    pair.agree(lambda side: [who(side, hello(user, b"User")) for user in USERS if user])


def msts(port: int, address: str = "127.0.0.1") -> bytes:
    number = struct.unpack("<I", socket.inet_aton(address))[0]
    return b"%d.%d.0000" % (number, socket.htons(port))


def test_a_cookie_names_its_server(start):
    pair, ports = start("    balance first\n    persist rdp-cookie\n", ports=True)

    def script(side):
        found = [who(side, hello(msts(port), b"msts")) for port in ports]
        odd = [msts(1), msts(ports[1], "127.0.0.2"), msts(ports[1]).replace(b".", b","), b"", b"1.2", msts(ports[2])[:-4]]
        return found + [who(side, hello(value, b"msts")) for value in odd] + [who(side, hello(msts(ports[2])))]

    assert pair.agree(script) == [b"one", b"two", b"three", b"one", b"one", b"one", b"one", b"one", b"three", b"one"]


def test_tables_remember_users(start):
    back = "    balance roundrobin\n    stick-table type string len 32 size 1k expire 1m\n    stick on req.rdp_cookie(mstshash),lower\n"
    pair = start(back)
    users = [b"alice", b"bob", b"ALICE", b"carol", b"Bob", b"alice", b"Carol"]
    found = pair.agree(lambda side: [who(side, hello(user)) for user in users])
    assert found[0] == found[2] == found[5] and found[1] == found[4] and found[3] == found[6]


def test_what_is_read_of_the_first_message(start):
    front = """    log-format "[%[var(sess.named)]] [%[var(sess.any)]] [%[var(sess.count)]] [%[var(sess.other)]] |"
    tcp-request content set-var(sess.named) req.rdp_cookie(MSTShash) if RDP_COOKIE
    tcp-request content set-var(sess.any) rdp_cookie if RDP_COOKIE
    tcp-request content set-var(sess.count) req.rdp_cookie_cnt(mstshash) if { req.rdp_cookie_cnt ge 0 }
    tcp-request content set-var(sess.other) req.rdp_cookie_cnt(msts) if { req.rdp_cookie_cnt ge 0 }
"""
    pair = start("", front)
    whole = hello(b"alice")
    messages = [
        [whole], [whole[:5], whole[5:20], whole[20:31], whole[31:]], [hello(b"", b"mstshash")], [hello(b"1.2.3", b"msts")],
        [FRONT + b"Cookie:mstshash=tight\r\n"], [FRONT + b"COOKIE:     MSTSHASH=loud\r\n"], [FRONT + b"Cookie: mstshash=cut\rx\r\n"],
        [FRONT + b"GET / HTTP/1.1\r\n"], [FRONT[1:] + b"Cookie: mstshash=early\r\n"],
    ]  # fmt: skip

    def script(side):
        found = []
        for number, pieces in enumerate(messages):
            found.append(who(side, *pieces) != b"")
            # One after the other: lines are written when connections end.
            wait_until(lambda: side.log.count(" |") > number, f"{side.name} has written a line:\n{side.log}")
        return found, [line[line.index("[") :] for line in side.log.splitlines() if line.endswith(" |")]

    seen, lines = pair.agree(script)
    assert all(seen) and lines[0] == "[alice] [alice] [1] [0] |"
