"""Rights are given up as by Debian's haproxy: what the kernel says of both processes once they serve."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest
from harness.sluice import binary, free_port
from harness.twins import HAPROXY, Twins
from harness.waiting import wait_until

pytestmark = pytest.mark.skipif(os.geteuid() != 0 or HAPROXY is None, reason="root alone has rights to give up, as haproxy does")


def text(lines: str) -> str:
    return f'''
global
{lines}
defaults
    mode http
    timeout client 20s
    timeout connect 5s
    timeout server 20s
frontend f
    bind "127.0.0.1:${{HTTP}}"
    http-request return status 200 content-type text/plain string "one"
'''


def threads(side) -> set[tuple[str, ...]]:
    """Of each thread: its users, groups and rights."""
    found = set()
    for thread in Path(f"/proc/{side.process.pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # ended since it was listed
            lines = (thread / "status").read_text().splitlines()
            found.add(tuple(" ".join(line.split()) for line in lines if line.startswith(("Uid:", "Gid:", "Groups:", "CapEff:"))))
    return found


def wait_for_rights(side, user: int, group: int) -> None:
    """Ports are listened on before rights are given up."""
    wanted = {f"Uid: {user} {user} {user} {user}", f"Gid: {group} {group} {group} {group}"}
    wait_until(lambda: all(wanted <= set(thread) for thread in threads(side)), "all threads have given their rights up")


@pytest.mark.parametrize(
    "lines, user, group",
    [
        ("    user nobody\n    group nogroup", 65534, 65534), ("    uid 65534\n    gid 65534", 65534, 65534),
        ("    gid 65534", 0, 65534), ("    user nobody\n    gid 5", 65534, 5),
    ],
)  # fmt: skip
def test_another_user(twins, lines, user, group):
    pair = twins(text(lines))

    def script(side):
        wait_for_rights(side, user, group)
        return side.get("/").body, threads(side)

    pair.agree(script)


def test_another_root(twins, tmp_path):
    folder = tmp_path / "empty"
    folder.mkdir(mode=0o755)
    pair = twins(text(f"    chroot {folder}\n    user nobody\n    group nogroup"))

    def script(side):
        root = f"/proc/{side.process.pid}/root"
        wait_until(lambda: os.readlink(root) == str(folder), "the root is another")
        wait_for_rights(side, 65534, 65534)
        return side.get("/").body, threads(side)

    pair.agree(script)
    # What can not be read changes nothing, and is said.
    side = pair.sluice
    side.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "behind 'chroot' no file can be read" in side.log, f"it is said:\n{side.log}")
    assert side.get("/").body == b"one"


def test_files_that_the_new_user_may_read_are_read_again():
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as ends:
        folder = Path(name)
        folder.chmod(0o755)
        pair = Twins(folder, text("    user nobody\n    group nogroup"))
        ends.callback(pair.close)
        side = pair.sluice
        wait_for_rights(side, 65534, 65534)
        side.path.write_text(side.path.read_text().replace('"one"', '"two"'))
        side.path.chmod(0o600)
        side.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "stays as it is" in side.log, f"it is said:\n{side.log}")
        assert side.get("/").body == b"one"
        side.path.chmod(0o644)
        side.process.send_signal(signal.SIGHUP)
        wait_until(lambda: side.get("/").body == b"two", f"the new answer:\n{side.log}")


@pytest.mark.parametrize("line", ["user no-such-user", "group no-such-group", "chroot /no/such/folder"])
def test_what_is_not_there_is_said(tmp_path, line):
    path = tmp_path / "t.cfg"
    path.write_text(text(f"    {line}"))
    ended = []
    for command in [[HAPROXY, "-db"], [str(binary()), "proxy"]]:
        done = subprocess.run(
            [*command, "-f", str(path)], capture_output=True, text=True, timeout=30, env={**os.environ, "HTTP": str(free_port())}
        )
        ended.append((done.returncode, line.split()[1] in done.stderr))
    assert ended[0] == ended[1] == (1, True)
