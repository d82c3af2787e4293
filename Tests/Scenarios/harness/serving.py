"""One proxy with one server, and what it writes to its standard output."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from .backend import Backend
from .client import Client
from .sluice import binary, free_port
from .twins import echo
from .waiting import wait_until


def serving(folder: Path, text: str, backend: Backend | None = None) -> Iterator[tuple[int, Callable[[], list[str]]]]:
    """The port HTTP of a proxy that runs `text`, and the lines it has written to stdout. Its server is A; `/quiet` is asked until it answers."""
    backend = backend or Backend(echo)
    port = free_port()
    path = folder / "a.cfg"
    path.write_text(text)
    log = folder / "log"
    with open(log, "wb") as out:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", str(binary()), "proxy", "-f", str(path)],
            stdout=out, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
            env={**os.environ, "HTTP": str(port), "A": str(backend.port)},
        )  # fmt: skip

    def answers() -> bool:
        assert process.poll() is None
        try:
            with Client(port) as client:
                return client.request("/quiet").status == 200
        except OSError:
            return False

    wait_until(answers, "it serves")
    yield port, lambda: log.read_text().splitlines()
    process.kill()
    process.wait(15)
    backend.close()
