"""Waiting for a condition with a deadline, instead of sleeping and hoping."""

from __future__ import annotations

import time
from typing import Callable, TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T], what: str, timeout: float = 15.0) -> T:
    """Polls until the condition holds and answers its value; fails with `what` at the deadline."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what}")
        time.sleep(0.01)


# So many connections that one of four workers is left out once in 25,000 times.
EVERYWHERE = 40


def wait_everywhere(condition: Callable[[], bool], what: str, timeout: float = 15.0) -> None:
    """Waits until a condition holds of every worker: it opens a connection each time it is asked, which any of them may take."""
    wait_until(lambda: all(condition() for _ in range(EVERYWHERE)), what, timeout)


def steady(read: Callable[[], T], seconds: float = 0.3, timeout: float = 15.0) -> T:
    """What is read once it has not changed for a while: counts of what was asked before are written after its answers."""
    deadline = time.monotonic() + timeout
    last, since = read(), time.monotonic()
    while time.monotonic() - since < seconds:
        assert time.monotonic() < deadline, f"does not settle: {last}"
        time.sleep(0.01)
        if (now := read()) != last:
            last, since = now, time.monotonic()
    return last


def holds_for(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether a condition stays true for a while: for things that must not happen."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not condition():
            return False
        time.sleep(0.01)
    return True
