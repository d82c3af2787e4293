"""Connections to servers that are kept: who may use which, counted here and at Debian's haproxy."""

from __future__ import annotations

import threading

import pytest
from harness.backend import ok
from harness.client import Client
from harness.sluice import Sluice, free_port
from harness.twins import LOGGED
from harness.waiting import wait_until

TEXT = LOGGED.replace("global\n", "global\n    nbthread 1\n", 1) + """
frontend f
    bind "127.0.0.1:${HTTP}"
    default_backend b
backend b
    WORDS
    server s "127.0.0.1:${A}"
"""


def steps(side) -> list[int]:
    """How many connections the server has had, after each request of clients that come and go."""
    server, counts = side.backends["A"], []

    def ask(client) -> None:
        # What may be repeated may always go over a connection that is kept; this may not.
        assert client.request(method="POST", body=b"x").status == 200
        counts.append(len(server.sessions))

    with side.client() as first:
        ask(first)
        ask(first)
        with side.client() as second:
            ask(second)
            ask(second)
        ask(first)
    with side.client() as third:
        ask(third)
        ask(third)
        ask(third)
    return counts


EXPECTED = {
    "http-reuse never": [1, 1, 2, 2, 2, 3, 3, 3],
    "http-reuse safe": [1, 1, 2, 2, 2, 3, 3, 3],
    "http-reuse always": [1, 1, 1, 1, 1, 1, 1, 1],
    "": [1, 1, 2, 2, 2, 3, 3, 3],
}


@pytest.mark.parametrize("words", EXPECTED)
def test_connections_by_the_rules_of_reuse(twins, words):
    pair = twins(TEXT.replace("WORDS", words), servers={"A": ok})
    assert pair.agree(steps) == EXPECTED[words]


def test_no_more_than_256_idle_connections_are_kept(tmp_path, backend):
    """What `pool-max-conn` is answered with: each worker keeps so many to a server."""
    together = threading.Barrier(300)

    def held(session, request) -> None:
        together.wait(20)
        session.answer()

    server, port = backend(held), free_port()
    path = tmp_path / "haproxy.cfg"
    path.write_text(f"""
defaults
    mode http
    timeout connect 5s
    timeout client 20s
    timeout server 20s
listen f
    bind 127.0.0.1:{port}
    http-reuse always
    server s {server.endpoint} pool-max-conn 10
""")
    sluice = Sluice(tmp_path / "sluice", "proxy", "-f", str(path), "--workers", "1").wait_ready()
    try:
        assert "256 idle connections are kept" in sluice.log
        clients = [Client(port) for _ in range(300)]
        for client in clients:
            client.send(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
        assert {client.response().status for client in clients} == {200}
        for client in clients:
            client.close()
        wait_until(lambda: len(server.open_sessions) == 256, "the rest is closed")
        assert len(server.sessions) == 300
    finally:
        sluice.stop()
