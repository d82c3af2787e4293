"""Time-outs of clients that speak HTTP/2: which streams and connections end, and how, here and in Debian's haproxy."""

from __future__ import annotations

import time

import pytest
from harness.http2 import Http2
from test_timeouts_against_haproxy import (
    BOUND, LIMIT, SHORT, half_a_chunk, half_a_head, half_an_answer, lines, ok, silent, text,
)  # fmt: skip

TEXT_OF_FRONTEND = 'bind "127.0.0.1:${HTTP}"'


def file(front: str = "", back: str = "") -> str:
    return text(front, back).replace(TEXT_OF_FRONTEND, TEXT_OF_FRONTEND + " proto h2")


def connection(side, **settings) -> Http2:
    made = Http2(side.ports["HTTP"], **settings)
    made.client.socket.settimeout(BOUND)
    return made


def told(answer) -> tuple:
    """Errors' pages differ; that a stream was cut counts, and with which code."""
    return answer.status, bytes(answer.body) if answer.status < 400 else b"", answer.ended, answer.reset


WORDS = {"nothing asked": ["client", "http-request"], "after a request": ["client", "http-request", "http-keep-alive"]}


@pytest.mark.parametrize(("when", "word"), [(when, word) for when, words in WORDS.items() for word in words])
def test_a_connection_without_streams_ends(twins, when, word):
    pair = twins(file(f"timeout {word} {SHORT}"), servers={"A": ok})

    def script(side):
        begun = time.monotonic()
        with connection(side) as client:
            seen = told(client.request()) if when == "after a request" else None
            client.wait_closed()
            return seen, client.goaway, LIMIT * 0.7 < time.monotonic() - begun < BOUND

    pair.agree(script, at_once=True)


@pytest.mark.parametrize("handler", [silent, half_a_head, half_a_chunk])
def test_a_server_that_stops_costs_its_stream_alone(twins, handler):
    def serve(session, request):
        ok(session, request) if request.target == "/ok" else handler(session, request)

    pair = twins(file(back=f"timeout server {SHORT}"), servers={"A": serve})

    def script(side):
        with connection(side) as client:
            stopped, other = client.begin("/stops"), client.begin("/ok")
            seen = [told(client.answer(other)), told(client.answer(stopped)), told(client.request("/ok"))]
        if handler is half_a_chunk:
            # haproxy 2.6 ends such a stream as if its body were whole.
            seen[1] = seen[1][:2] if side is pair.haproxy or seen[1][3] is not None else seen[1]
        return seen, sorted(lines(side, 3))

    assert pair.agree(script, at_once=True)[1][2] == ("200 sD--" if handler is half_a_chunk else "504 sH--")


def test_a_body_that_stops_coming_while_it_is_waited_for(twins):
    pair = twins(file(f"option http-buffer-request\n    timeout http-request {SHORT}"), servers={"A": ok})

    def script(side):
        with connection(side) as client:
            stream = client.begin("/", method="POST", headers=[("content-length", "10")], ends=False)
            client.send(stream, b"01")
            return told(client.answer(stream))[0], told(client.request("/ok")), len(side.backends["A"].requests)

    pair.agree(script, at_once=True)


def test_an_answer_that_nobody_takes(twins):
    """The window is closed; another stream goes on."""

    def much(session, request):
        if request.target == "/ok":
            return ok(session, request)
        session.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
        for _ in range(1000):
            session.send(b"x" * 100_000)

    pair = twins(file(f"timeout client {SHORT}"), servers={"A": much})

    def script(side):
        with connection(side, acknowledges=False, window=1000) as client:
            stream = client.begin("/much")
            answer = client.answers[stream]
            client.until(lambda: answer.headers)
            said = lines(side, 1)
        return answer.status, said

    pair.agree(script, at_once=True)
