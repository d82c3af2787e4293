"""Bodies that decide: waited for, sent again, searched for a parameter. This machine's haproxy and ours must do the same."""

from __future__ import annotations

import shutil
import time

import pytest
from harness.backend import named
from harness.http2 import Http2
from harness.twins import HAPROXY, echo
from harness.waiting import wait_until

pytestmark = pytest.mark.skipif(not HAPROXY or not shutil.which(HAPROXY), reason="haproxy is not installed")


FILE = """
defaults
    mode http
    timeout client 5s
    timeout connect 5s
    timeout server 5s
    timeout http-request 15s
    retries 2
frontend f
    bind "127.0.0.1:${HTTP}"
    FRONT
    default_backend b
backend b
    BACK
    server s "127.0.0.1:${A}"
"""
BUFFERS = "option http-buffer-request"


def file(front: str = "", back: str = "") -> str:
    return FILE.replace("FRONT", front).replace("BACK", back)


def post(path: str, length: int, *fields: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: a.test", f"Content-Length: {length}", *fields]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def in_parts(side, head: bytes, *parts: bytes, pause: float = 0.1):
    """Sends a head and pieces of its body, each a while after the other; the answer."""
    with side.client() as client:
        client.send(head)
        for part in parts:
            time.sleep(pause)
            client.send(part)
        answer = client.response("POST")
        return answer.status, answer.body if answer.status < 400 else b""


def failing_first(times: int):
    """A server that reads a request whole and closes, some times, and then echoes."""
    left: dict[int, int] = {}  # by server: each side has its own

    def handle(session, request):
        port = session.socket.getsockname()[1]
        left[port] = left.get(port, times) - 1
        return session.close() if left[port] >= 0 else echo(session, request)

    return handle


@pytest.mark.parametrize(("front", "back"), [(BUFFERS, ""), ("", BUFFERS)], ids=["frontend", "backend"])
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_server_sees_nothing_before_the_body_is_whole(twins, front, back, framing):
    pair = twins(file(front, back), servers={"A": echo})

    def script(side):
        with side.client() as client:
            if framing == "length":
                client.send(post("/x", 10))
                parts = [b"01234", b"56789"]
            else:
                client.send(b"POST /x HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n")
                parts = [b"5\r\n01234\r\n", b"5\r\n56789\r\n0\r\n\r\n"]
            time.sleep(0.1)
            client.send(parts[0])
            time.sleep(0.2)
            before = len(side.backends["A"].sessions)
            client.send(parts[1])
            return before, client.response("POST").body.splitlines()[-1]

    assert pair.agree(script) == (0, b"0123456789")


def test_a_body_larger_than_the_buffer_is_passed_on_as_it_comes(twins):
    pair = twins(file(BUFFERS), servers={"A": echo})

    def script(side):
        with side.client() as client:
            client.send(post("/x", 40_000) + b"x" * 30_000)
            before = len(wait_until(lambda: side.backends["A"].sessions, "the server is asked"))
            client.send(b"x" * 10_000)
            return before, client.response("POST").body.splitlines()[-1].count(b"x")

    assert pair.agree(script) == (1, 40_000)


def test_a_body_that_does_not_come_in_time_is_answered_408(twins):
    pair = twins(file(BUFFERS).replace("http-request 15s", "http-request 4s"), servers={"A": echo})
    told = lambda side: (in_parts(side, post("/x", 10), b"01")[0], len(side.backends["A"].sessions))  # noqa: E731
    assert pair.agree(told, at_once=True) == (408, 0)


def test_a_client_that_ends_in_its_body_is_not_answered(twins):
    pair = twins(file(BUFFERS), servers={"A": echo})

    def script(side):
        with side.client() as client:
            client.send(post("/x", 10) + b"01")
            time.sleep(0.1)
            client.finish_sending()
            return client.is_closed(), len(side.backends["A"].sessions)

    assert pair.agree(script) == (True, 0)


def test_a_client_that_waits_to_be_asked_for_its_body_is_asked(twins):
    pair = twins(file(BUFFERS), servers={"A": echo})

    def script(side):
        with side.client() as client:
            client.send(post("/x", 4, "Expect: 100-continue"))
            interim = client.socket.recv(1000)
            client.send(b"body")
            return interim, client.response("POST").body

    pair.agree(script)


# Repeated with their bodies


@pytest.mark.parametrize("buffers", [True, False], ids=["buffered", "as it comes"])
@pytest.mark.parametrize("size", [10, 8_000, 40_000])
def test_a_request_is_repeated_if_all_of_it_is_at_hand(twins, buffers, size):
    pair = twins(file(BUFFERS if buffers else "", "retry-on empty-response"), servers={"A": failing_first(1)})
    half = size // 2

    def script(side):
        server = side.backends["A"]
        with side.client() as client:
            client.send(post("/x", size) + b"x" * half)
            if not buffers or half > 16_384:
                # The half that is passed on as it comes has come before the other one follows.
                wait_until(lambda: server.sessions and len(server.sessions[0].wire.received) > half, "the first half is there")
            client.send(b"x" * (size - half))
            answer = client.response("POST")
        return answer.status, answer.body.count(b"x") if answer.status < 400 else 0

    pair.agree(script)


def test_a_body_that_came_with_its_head_is_repeated(twins):
    pair = twins(file("", "retry-on empty-response"), servers={"A": failing_first(2)})
    assert pair.agree(lambda side: in_parts(side, post("/x", 4) + b"body"))[0] == 200


# Searched for a parameter

MANY = """
defaults
    mode http
    timeout client 5s
    timeout connect 5s
    timeout server 5s
frontend f
    bind "127.0.0.1:${HTTP}"
    default_backend b
backend b
    balance url_param user check_post
    server a "127.0.0.1:${A}"
    server b "127.0.0.1:${B}"
    server c "127.0.0.1:${C}"
"""


@pytest.mark.parametrize("waits", [True, False], ids=["check_post", "without"])
def test_a_parameter_of_a_posted_form_chooses_the_server(twins, waits):
    pair = twins(MANY if waits else MANY.replace(" check_post", ""), servers={name: named(name) for name in "ABC"})
    requests = [
        *((post("/x", len(f"user=u{i}")), f"user=u{i}".encode()) for i in range(8)),
        *((post("/x?user=q", 7), f"user=u{i}".encode()) for i in range(4)),
        *((post("/x?user=q&x=1", 7), f"user=u{i}".encode()) for i in range(4)),
        (post("/x", 12), b"a=b&user=abc"),
        (post("/x", 12), b"a=b&user=a c"),
        (post("/x", 8), b"xuser=ab"),
        (post("/x", 9), b"user=&a=b"),
    ]  # fmt: skip

    def script(side):
        picked = []
        for head, body in requests:
            # Together, and the body later.
            picked.append(in_parts(side, head + body))
            if waits:
                picked.append(in_parts(side, head, body, pause=0.05))
        return picked

    pair.agree(script)


def test_only_posts_are_searched(twins):
    pair = twins(MANY, servers={name: named(name) for name in "ABC"})

    def script(side):
        heads = [post("/x", 7).replace(b"POST", b"PUT") for _ in range(6)]
        return sorted({in_parts(side, head, b"user=u1", pause=0.05)[1] for head in heads})

    assert len(pair.agree(script)) == 3


# Streams wait alike


@pytest.mark.parametrize("size", [10, 10_000])
def test_a_stream_waits_for_its_body_and_is_repeated_with_it(twins, size):
    sluice = twins(file(BUFFERS, "retry-on empty-response"), servers={"A": failing_first(1)}).sluice
    with Http2(sluice.ports["HTTP"]) as connection:
        stream = connection.begin("/x", method="POST", ends=False)
        connection.send(stream, b"x" * (size // 2))
        time.sleep(0.1)
        assert sluice.backends["A"].sessions == []
        connection.send(stream, b"x" * (size - size // 2), ends=True)
        answer = connection.answer(stream)
    assert (answer.status, answer.body.splitlines()[-1].count(b"x")) == (200, size)


def test_a_stream_larger_than_the_buffer_is_passed_on_as_it_comes(twins):
    sluice = twins(file(BUFFERS), servers={"A": echo}).sluice
    with Http2(sluice.ports["HTTP"]) as connection:
        stream = connection.begin("/x", method="POST", ends=False)
        connection.send(stream, b"x" * 60_000)
        wait_until(lambda: sluice.backends["A"].sessions, "the server is asked")
        connection.send(stream, b"x" * 40_000, ends=True)
        assert connection.answer(stream).body.splitlines()[-1].count(b"x") == 100_000
