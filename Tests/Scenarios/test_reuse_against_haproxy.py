"""Connections to servers that are kept: who may use which, counted here and at Debian's haproxy."""

from __future__ import annotations

import pytest
from harness.backend import ok
from harness.twins import LOGGED

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


# `never` is not among them: with it, a connection serves one request here, and one client there.
EXPECTED = {
    "http-reuse safe": [1, 1, 2, 2, 2, 3, 3, 3],
    "http-reuse always": [1, 1, 1, 1, 1, 1, 1, 1],
    "": [1, 1, 2, 2, 2, 3, 3, 3],
}


@pytest.mark.parametrize("words", EXPECTED)
def test_connections_by_the_rules_of_reuse(twins, words):
    pair = twins(TEXT.replace("WORDS", words), servers={"A": ok})
    assert pair.agree(steps) == EXPECTED[words]
