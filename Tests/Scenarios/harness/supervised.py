"""A supervisor's engine: which process it is, and its death."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

from .sluice import Sluice
from .waiting import wait_until


def children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def is_alive(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def engine(sluice: Sluice, other_than: int = 0) -> int:
    """The process that serves."""
    return wait_until(
        lambda: next((pid for pid in children(sluice.process.pid) if pid != other_than and is_alive(pid)), 0),
        "there is an engine", 20,
    )  # fmt: skip


def wait_kept(sluice: Sluice, count: int) -> None:
    """Waits until so many objects are kept."""
    kept = re.compile(r"kept the state: (\d+) objects")
    wait_until(lambda: (kept.findall(sluice.log) or ["0"])[-1] == str(count), f"{count} objects are kept", 20)


def kill(sluice: Sluice) -> None:
    """Kills the engine and waits for the next one."""
    before = engine(sluice)
    os.kill(before, signal.SIGKILL)
    engine(sluice, other_than=before)
