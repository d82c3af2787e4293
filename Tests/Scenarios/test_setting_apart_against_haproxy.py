"""Priorities in queues, and marks of packets, are what they are in Debian's haproxy."""

from __future__ import annotations

import socket
import threading

from harness.twins import LOGGED, echo
from harness.waiting import wait_until

QUEUED = f'''{LOGGED}    timeout queue 60s
    timeout server 60s
frontend f
    bind "127.0.0.1:${{HTTP}}"
    stats uri /stats
    http-request set-priority-class req.hdr_val(class) if {{ req.hdr(class) -m found }}
    http-request set-priority-offset req.hdr_val(offset) if {{ req.hdr(offset) -m found }}
    http-request set-header X-Seen "%[prio_class] %[prio_offset]"
    default_backend b
backend b
    server s "127.0.0.1:${{A}}" maxconn 1
'''


class Gate:
    """A server that answers when it is let, and notes who asked in which order."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.asked: list[tuple[str, str]] = []

    def __call__(self, session, request) -> None:
        seen = next(value for name, value in request.fields if name.lower() == "x-seen")
        self.asked.append((request.target, seen))
        if request.target == "/first":
            assert self.open.wait(60)
        session.answer(body=b"")


def queued(side) -> int:
    lines = side.exchange("/stats;csv").body.decode().splitlines()
    rows = [dict(zip(lines[0].split(","), line.split(","))) for line in lines[1:]]
    return sum(int(row["qcur"] or 0) for row in rows if row["# pxname"] == "b" and row["svname"] == "BACKEND")


def served(twins, requests) -> list[tuple[str, str]]:
    """In which order requests, which wait in the order given, are served."""
    gates = []

    def server(session, request):
        gates[-1](session, request)

    pair = twins(QUEUED, servers={"A": server})

    def script(side):
        gate = Gate()
        gates.append(gate)
        threads = [threading.Thread(target=side.exchange, args=("/first",))]
        threads[0].start()
        wait_until(lambda: gate.asked, "the first one is there")
        for number, (path, headers) in enumerate(requests, 1):
            threads.append(threading.Thread(target=side.exchange, args=(path,), kwargs={"headers": headers}))
            threads[-1].start()
            wait_until(lambda: queued(side) >= number, f"{number} wait")
        gate.open.set()
        for thread in threads:
            thread.join(30)
        return gate.asked

    return pair.agree(script)


def test_classes_come_first(twins):
    requests = [
        ("/a", []), ("/b", [("Class", "5")]), ("/c", [("Class", "-5")]), ("/d", []), ("/e", [("Class", "-5")]),
        ("/f", [("Class", "99999")]), ("/g", [("Class", "-99999")]), ("/h", [("Class", "x")]),
    ]  # fmt: skip
    order = served(twins, requests)
    assert [path for path, _ in order] == ["/first", "/g", "/c", "/e", "/a", "/d", "/h", "/b", "/f"]


def test_offsets_move_within_a_class(twins):
    # Far more than it takes to ask the next one.
    requests = [
        ("/a", []), ("/b", [("Offset", "300000")]), ("/c", []), ("/d", [("Offset", "-300000")]),
        ("/e", [("Class", "-1"), ("Offset", "200000")]), ("/f", [("Offset", "-200000")]),
    ]  # fmt: skip
    order = served(twins, requests)
    assert [path for path, _ in order] == ["/first", "/e", "/d", "/f", "/a", "/c", "/b"]


MARKED = f'''{LOGGED}
frontend f
    bind "127.0.0.1:${{HTTP}}"
    bind "[::1]:${{HTTP}}"
    http-request set-tos 0x20 if {{ path /tos }}
    http-request set-nice 5
    http-request set-mark 7 if {{ path /mark }}
    http-response set-tos 40 if {{ status 200 }} {{ res.hdr(x-tos) -m found }}
    default_backend b
backend b
    server s "127.0.0.1:${{A}}"
'''
# linux/in6.h: what came with the last packet of a stream.
PACKET_OPTIONS = 6


def test_packets_are_marked(twins):
    def answer(session, request):
        session.answer(body=b"", headers="X-Tos: 1\r\n" if request.target == "/answer" else "")

    pair = twins(MARKED, servers={"A": answer})

    def traffic_class(side, path: bytes) -> tuple[bytes, int]:
        with socket.create_connection(("::1", side.ports["HTTP"]), 20) as connection:
            connection.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVTCLASS, 1)
            got = b""
            for _ in range(2):  # the first answer may be on its way already
                connection.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: a\r\n\r\n")
                got = b""
                while b"\r\n\r\n" not in got:
                    got += connection.recv(4096)
            options = connection.getsockopt(socket.IPPROTO_IPV6, PACKET_OPTIONS, 256)
            # A header of 16 bytes, and the class as an int.
            return got[:12], int.from_bytes(options[16:20], "little")

    seen = pair.agree(lambda side: [traffic_class(side, path) for path in (b"/", b"/tos", b"/mark", b"/answer")])
    assert [value for _, value in seen] == [0, 0x20, 0, 40]


def test_servers_are_told(twins):
    text = MARKED.replace("http-request set-nice 5", "http-request set-header X-Said yes")
    pair = twins(text, servers={"A": echo})
    pair.agree(lambda side: [side.get(path) for path in ("/", "/tos", "/mark")])
