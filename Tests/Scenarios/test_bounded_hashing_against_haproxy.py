"""`hash-balance-factor`: where requests go while others are under way, here and in Debian's haproxy."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from harness.backend import PATIENCE
from harness.twins import LOGGED
from harness.waiting import wait_until

NAMES = "ABCD"
HEAD = LOGGED.replace("global\n", "global\n    nbthread 1\n", 1).replace(" 5s", " 60s")


def text(factor: int, weights: tuple[int, ...], key: str) -> str:
    servers = "".join(
        f'    server {name.lower()} "127.0.0.1:${{{name}}}" weight {weight}\n' for name, weight in zip(NAMES, weights)
    )
    return f"""{HEAD}
frontend f
    bind "127.0.0.1:${{HTTP}}"
    default_backend b
backend b
    balance {key}
    hash-type consistent
    hash-balance-factor {factor}
{servers}"""


def holds(session, request) -> None:
    if request.target.startswith("/quick"):
        return session.answer()
    session.wait_gone(PATIENCE)


def chosen(side, before: list[int]) -> str | None:
    """Which server has had a request more than before."""
    now = [len(side.backends[name].requests) for name in NAMES]
    return next((name for name, old, new in zip(NAMES, before, now) if new > old), None)


CASES = {
    "tight": (101, (1, 1, 1, 1), "uri"), "usual": (150, (1, 1, 1, 1), "uri"), "loose": (400, (1, 1, 1, 1), "uri"),
    "weights": (125, (1, 2, 4, 1), "uri"), "none": (0, (1, 1, 1, 1), "uri"),
    "a field": (125, (3, 1, 1, 3), "hdr(x-key)"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_requests_of_one_key_overflow_to_the_same_servers(twins, name):
    factor, weights, key = CASES[name]
    pair = twins(text(factor, weights, key), servers=dict.fromkeys(NAMES, holds))

    def script(side):
        order = []
        with ExitStack() as stack:
            for number in range(14):
                # Two keys, one of them asked for more often.
                which = "other" if number % 4 == 3 else "busy"
                before = [len(side.backends[name].requests) for name in NAMES]
                client = stack.enter_context(side.client())
                client.send(f"GET /{which} HTTP/1.1\r\nHost: a.test\r\nX-Key: {which}\r\n\r\n".encode())
                order.append(wait_until(lambda: chosen(side, before), f"request {number} arrives"))
        return "".join(order)

    order = pair.agree(script)
    if factor == 0:
        assert len(set(order)) <= 2
    elif factor < 400:
        assert len(set(order)) >= 3


def test_without_load_every_key_has_its_server(twins):
    pair = twins(text(125, (1, 1, 1, 1), "uri"), servers=dict.fromkeys(NAMES, holds))

    def script(side):
        with side.client() as client:
            for number in range(24):
                assert client.request(f"/quick{number // 2}").status == 200
        return [[one.target for one in side.backends[name].requests] for name in NAMES]

    targets = pair.agree(script)
    assert all(one.count(target) == 2 for one in targets for target in one)
