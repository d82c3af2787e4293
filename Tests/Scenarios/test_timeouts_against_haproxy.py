"""Time-outs of every phase: what clients get and who was at fault, here and in Debian's haproxy."""

from __future__ import annotations

import re
import socket
import time
from contextlib import ExitStack

import pytest
from harness.backend import PATIENCE, Session
from harness.sluice import free_port
from harness.tcp import connect
from harness.twins import LOGGED
from harness.waiting import wait_until

# Of the one that ends, in seconds: who is late to say something is no case of it. All others are a minute, and servers have patience for 20 s.
LIMIT = 3.0
SHORT = "3s"
BOUND = 15.0
HEAD = LOGGED.replace(" 5s", " 60s") + '    retries 0\n    log-format "%ST %tsc||%B"\n'
GET = b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a.test\r\n"


def text(front: str = "", back: str = "", *, server: str = "${A}", mode: str = "http") -> str:
    return f"""{HEAD}
frontend f
    mode {mode}
    bind "127.0.0.1:${{HTTP}}"
    default_backend b
    {front}
backend b
    mode {mode}
    {back}
    server s "127.0.0.1:{server}"
"""


def lines(side, count: int) -> list[str]:
    pattern = re.compile(r"^(.*)\|\|\d+$", re.M)
    wait_until(lambda: len(pattern.findall(side.log)) >= count, f"{count} lines in the log:\n{side.log}")
    return pattern.findall(side.log)


def received(connection: socket.socket) -> bytes:
    """What comes until the end, which comes in time."""
    data = bytearray()
    connection.settimeout(BOUND)
    try:
        while piece := connection.recv(1 << 16):
            data += piece
    except ConnectionResetError:
        pass
    return bytes(data)


def summary(data: bytes) -> tuple[int, bytes]:
    """The status, or 0 where nothing was answered, and the body of what is no error."""
    if not data:
        return 0, b""
    head, _, body = data.partition(b"\r\n\r\n")
    status = int(head.split()[1])
    return status, body if status < 400 else b""


def after(*sent: bytes):
    """A client that says no more than this and waits for the end: what it got, and whether it took the time."""

    def script(side):
        begun = time.monotonic()
        with connect(side.ports["HTTP"]) as client:
            for data in sent:
                client.sendall(data)
            data = received(client)
            took = time.monotonic() - begun
        return summary(data), LIMIT * 0.7 < took < BOUND, lines(side, 1)

    return script


def silent(session: Session, request) -> None:
    session.wait_gone(PATIENCE)


def ok(session: Session, request) -> None:
    session.answer()


def half_an_answer(session: Session, request) -> None:
    session.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234")
    session.wait_gone(PATIENCE)


def half_a_chunk(session: Session, request) -> None:
    session.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n5\r\n56")
    session.wait_gone(PATIENCE)


def half_a_head(session: Session, request) -> None:
    session.send(b"HTTP/1.1 200 OK\r\nContent-Le")
    session.wait_gone(PATIENCE)


# Of clients

CLIENTS = {
    "nothing, client": ("timeout client", ()),
    "nothing, http-request": ("timeout http-request", ()),
    "half a head, client": ("timeout client", (GET[:-2],)),
    "half a head, http-request": ("timeout http-request", (GET[:-2],)),
    "half a line, http-request": ("timeout http-request", (GET[:3],)),
}


@pytest.mark.parametrize("name", CLIENTS)
def test_heads_that_do_not_come(twins, name):
    limit, sent = CLIENTS[name]
    pair = twins(text(f"{limit} {SHORT}"), servers={"A": ok})
    (status, _), in_time, said = pair.agree(after(*sent), at_once=True)
    assert (status, in_time, said) == (408, True, ["408 cR--"])


@pytest.mark.parametrize("words", ["timeout http-keep-alive", "timeout client", "timeout http-request"])
def test_a_connection_kept_alive_ends_in_silence(twins, words):
    pair = twins(text(f"{words} {SHORT}"), servers={"A": ok})

    def script(side):
        with side.client() as client:
            seen = [client.request("/").status]
            begun = time.monotonic()
            seen.append(client.request("/").status)
            data = received(client.socket)
            took = time.monotonic() - begun
        side.get("/")
        return seen, data, LIMIT * 0.7 < took < BOUND, lines(side, 3)

    assert pair.agree(script, at_once=True) == ([200, 200], b"", True, ["200 ----"] * 3)


@pytest.mark.parametrize("words", ["timeout http-keep-alive 60s\n    timeout http-request", "timeout http-request"])
def test_a_second_head_that_stops_coming(twins, words):
    pair = twins(text(f"{words} {SHORT}"), servers={"A": ok})

    def script(side):
        with side.client() as client:
            first = client.request("/").status
            client.send(GET[:20])
            return first, summary(received(client.socket)), lines(side, 2)

    assert pair.agree(script, at_once=True) == (200, (408, b""), ["200 ----", "408 cR--"])


BODIES = {
    "length": b"Content-Length: 10\r\n\r\n01",
    "chunks": b"Transfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n5\r\n56",
    "no chunk": b"Transfer-Encoding: chunked\r\n\r\n",
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_stops_coming_while_it_is_waited_for(twins, name):
    pair = twins(text(f"option http-buffer-request\n    timeout http-request {SHORT}"), servers={"A": ok})
    (status, _), in_time = pair.agree(lambda side: after(POST + BODIES[name])(side)[:2], at_once=True)
    assert (status, in_time) == (408, True)


def test_an_answer_that_nobody_takes(twins):
    """The client reads its head and no more; the server has much to say."""

    def much(session, request):
        session.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
        for _ in range(1000):
            session.send(b"x" * 100_000)

    pair = twins(text(f"timeout client {SHORT}"), servers={"A": much})

    def script(side):
        with side.client(receive_buffer=4096) as client:
            client.send(GET)
            head = client.wire.until(b"\r\n\r\n")
            said = lines(side, 1)
            wait_until(lambda: not side.backends["A"].open_sessions, "the server is let go")
            return head.split(b"\r\n")[0], said

    assert pair.agree(script, at_once=True) == (b"HTTP/1.1 200 OK", ["200 cD--"])


# Of servers


@pytest.mark.parametrize("handler", [silent, half_a_head, half_an_answer, half_a_chunk])
def test_a_server_that_stops(twins, handler):
    pair = twins(text(back=f"timeout server {SHORT}"), servers={"A": handler})
    (status, _), in_time, said = pair.agree(after(GET), at_once=True)
    expected = (504, ["504 sH--"]) if handler in (silent, half_a_head) else (200, ["200 sD--"])
    assert (status, said, in_time) == (*expected, True)
    for side in pair.sides:
        wait_until(lambda: not side.backends["A"].open_sessions, "the server is let go")


@pytest.fixture
def unreachable():
    """A port whose listener takes no more connections: those who try wait."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", free_port()))
        listener.listen(0)
        for _ in range(8):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


@pytest.mark.parametrize("mode", ["http", "tcp"])
def test_a_server_that_can_not_be_reached(twins, unreachable, mode):
    pair = twins(text(back=f"timeout connect {SHORT}", server=str(unreachable), mode=mode))
    (status, _), in_time, said = pair.agree(after(GET), at_once=True)
    assert (status, in_time) == (503 if mode == "http" else 0, True)
    assert [line.split()[1] for line in said] == ["sC--"]


# Of tunnels and TCP

UPGRADE = b"GET /chat HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n"
YES = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n"


def greets(session: Session, request=None) -> None:
    """Says something and then no more, nor does it end."""
    session.send(YES + b"hi" if request else b"hi")
    session.wait_gone(PATIENCE)


def greets_and_ends(session: Session, request=None) -> None:
    session.send(YES + b"hi" if request else b"hi")
    session.shutdown()
    session.wait_gone(PATIENCE)


# By name: mode, words of the frontend and the backend, what the server does, whether the client ends its side.
TUNNELS = {
    "tunnel, upgraded": ("http", "", "timeout tunnel 3s", greets, False),
    "tunnel": ("tcp", "", "timeout tunnel 3s", greets, False),
    # haproxy ends one direction then, and the other one after its own time.
    "client": ("tcp", "timeout client 3s", "timeout server 4s", greets, False),
    "server": ("tcp", "timeout client 4s", "timeout server 3s", greets, False),
    "the server ends, client-fin": ("tcp", "timeout client-fin 3s", "", greets_and_ends, False),
    "the client ends, server-fin": ("tcp", "", "timeout server-fin 3s", greets, True),
    "the server ends, tunnel and client-fin": (
        "tcp", "timeout client-fin 3s", "timeout tunnel 1m", greets_and_ends, False),
    "the client ends, tunnel and server-fin": (
        "tcp", "", "timeout tunnel 1m\n    timeout server-fin 3s", greets, True),
    "upgraded, the client ends, server-fin": (
        "http", "", "timeout tunnel 1m\n    timeout server-fin 3s", greets, True),
    "the server ends, client": ("tcp", "timeout client 3s", "", greets_and_ends, False),
    "the client ends, server": ("tcp", "", "timeout server 3s", greets, True),
}  # fmt: skip


@pytest.mark.parametrize("name", TUNNELS)
def test_sessions_that_fall_silent(twins, name):
    mode, front, back, serve, ends = TUNNELS[name]
    pair = twins(text(front, back, mode=mode), servers={"A": serve})
    for side in pair.sides if mode == "tcp" else []:
        side.backends["A"].on_connect = serve

    def script(side):
        (backend,) = side.backends.values()
        with connect(side.ports["HTTP"]) as client:
            begun = time.monotonic()
            if mode == "http":
                client.sendall(UPGRADE)
            got = b""
            while not got.endswith(b"hi"):
                got += client.recv(4096)
            if ends:
                client.shutdown(socket.SHUT_WR)
            wait_until(lambda: not backend.open_sessions, "the server is let go", BOUND)
            took = time.monotonic() - begun
            rest = received(client)
        return got[-2:], rest, LIMIT * 0.7 < took < BOUND, [line.split()[1] for line in lines(side, 1)]

    pair.agree(script, at_once=True)
