"""`ulimit-n`: files that the process must be able to open, through both programs."""

from __future__ import annotations

import subprocess

import pytest
from harness.sluice import binary, free_port
from harness.twins import HAPROXY, LOGGED, echo
from harness.waiting import wait_until

# More than any kernel lets a process have.
TOO_MANY = 2_147_483_647
SENTENCE = f"Cannot raise FD limit to {TOO_MANY}, limit is "
FILE = f"""
global
    LIMIT
{LOGGED}
frontend f
    bind "127.0.0.1:${{HTTP}}"
    default_backend b
backend b
    server s "127.0.0.1:${{A}}"
"""


@pytest.mark.skipif(HAPROXY is None, reason="no haproxy")
def test_nothing_starts_without_them(tmp_path):
    path = tmp_path / "a.cfg"
    text = FILE.replace("LIMIT", f"ulimit-n {TOO_MANY}")
    path.write_text(text.replace('"127.0.0.1:${HTTP}"', f"127.0.0.1:{free_port()}").replace('"127.0.0.1:${A}"', "127.0.0.1:1"))
    for command in ([HAPROXY, "-f"], [str(binary()), "proxy", "-f"]):
        done = subprocess.run([*command, str(path)], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
        assert done.returncode == 1, command
        assert SENTENCE in done.stderr


def test_it_may_be_a_warning(twins):
    pair = twins(FILE.replace("LIMIT", f"no strict-limits\n    ulimit-n {TOO_MANY}"), servers={"A": echo})

    def script(side):
        status = side.get("/").status
        wait_until(lambda: SENTENCE in side.log, "it is told")
        return status

    assert pair.agree(script) == 200


def test_what_is_there_is_enough(twins):
    pair = twins(FILE.replace("LIMIT", "ulimit-n 300"), servers={"A": echo})
    assert pair.agree(lambda side: (side.get("/").status, "Cannot raise" in side.log)) == (200, False)
